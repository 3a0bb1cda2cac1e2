"""What a closed month costs: supply value, VAT and credits, for people and for billing."""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import TextIO

from pydantic import JsonValue

from dure.model.workspace import read_operator
from dure.runs.context import Context
from dure.runs.promise.book import load_book
from dure.runs.promise.vouched import vouched
from dure.sla.ratio import percent
from dure.store.promise.months import CustomerMonth, customer_month
from dure.text.cells import as_text
from dure.text.writing import Language

COLUMNS = (
    "month",
    "customer",
    "customer_name",
    "service",
    "service_name",
    "revision",
    "verdict",
    "fee",
    "credit_percent",
    "credit",
    "waived",
    "credit_due",
    "supply_value",
    "vat",
    "total",
)

TOTAL = "(total)"
"""In the column of services; no service can have this id."""


@dataclass(frozen=True, slots=True)
class Bill:
    """One customer's closed month."""

    found: CustomerMonth

    def lines(self) -> Iterator[tuple[str, ...]]:
        """A service a line, in the order of COLUMNS."""
        for one in self.found.services:
            credit = one.credit
            yield (
                self.found.month,
                self.found.customer,
                self.found.name,
                one.service,
                one.detail.service[0],
                str(one.revision),
                one.verdict.value,
                str(credit.fee),
                percent(credit.share),
                str(credit.amount),
                credit.waived,
                str(credit.due),
                "",
                "",
                "",
            )

    def total(self) -> tuple[str, ...]:
        """The customer's sums, in the order of COLUMNS: fees, credits due, and what is billed with VAT."""
        found, one = self.found, self.found.invoice
        sums = (one.supply_value, one.vat, one.total)
        who = (found.month, found.customer, found.name, TOTAL, "", "", "")
        return (*who, str(one.fees), "", "", "", str(one.credits), *(str(amount) for amount in sums))

    def as_json(self) -> JsonValue:
        own = COLUMNS[: COLUMNS.index("supply_value")]
        lines: list[JsonValue] = [dict(zip(own, line, strict=False)) for line in self.lines()]
        invoice: dict[str, JsonValue] = asdict(self.found.invoice)
        return {"customer": self.found.customer, "made_up": self.found.made_up, "lines": lines, **invoice}


def bills_of(context: Context, customers: Sequence[str], month: str) -> tuple[list[Bill], list[str]]:
    """The bills, and the customers with a contract whose month is not closed."""
    ground = read_operator(context.workspace)[2]
    bills, missing = [], []
    objections = vouched(context, month, customers).objections
    for name in customers:
        found = customer_month(context.store, name, month)
        if name in objections:
            raise objections[name]
        if found is not None:
            bills.append(Bill(found))
        elif load_book(context, name, ground) is not None:
            missing.append(name)
    return bills, missing


def write_csv(bills: Sequence[Bill], stream: TextIO) -> None:
    """A service a line, then the customer's total; the columns are COLUMNS. No cell is a formula."""
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(COLUMNS)
    for bill in bills:
        for row in (*bill.lines(), bill.total()):
            writer.writerow(map(as_text, row))


WORDS: dict[Language, tuple[str, ...]] = {
    "ko": ("요금", "환급", "공급가액", "부가가치세", "합계", "지어낸 자료입니다", "면제"),
    "en": ("fees", "credits", "supply value", "VAT", "total", "made-up data", "waived"),
}


def credit_words(bills: Sequence[Bill], language: Language) -> Iterator[str]:
    """A customer a paragraph."""
    words = WORDS[language]
    won = "원" if language == "ko" else " KRW"
    for bill in bills:
        found, invoice = bill.found, bill.found.invoice
        name = found.name if language == "ko" or not found.name_en else found.name_en
        yield f"{name} ({found.customer}) {found.month}" + (f"  [{words[5]}]" if found.made_up else "")
        for one in found.services:
            title = one.detail.service[0 if language == "ko" or not one.detail.service[1] else 1]
            credit = (
                f", {words[1]} {one.credit.due:,}{won} ({percent(one.credit.share, 1)} %)" if one.credit.due else ""
            )
            if one.credit.waived and one.credit.amount:
                credit = f", {words[1]} {one.credit.amount:,}{won} {words[6]}: {one.credit.waived}"
            yield f"  {title}: {words[0]} {one.credit.fee:,}{won}{credit}"
        figures = (invoice.supply_value, invoice.vat, invoice.total)
        told = (f"{word} {amount:,}{won}" for word, amount in zip(words[2:5], figures, strict=True))
        yield "  " + ", ".join(told)
