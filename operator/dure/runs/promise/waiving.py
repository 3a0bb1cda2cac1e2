"""operator sla waive: a credit that the customer does without, agreed by two engineers and recorded."""

from dataclasses import dataclass

from pydantic import JsonValue
from sqlalchemy.orm import Session

from dure.errors import Refused, UsageError
from dure.model.promise.agreement import CreditWaiver
from dure.model.promise.agreement_files import write_agreement
from dure.runs.context import Context
from dure.runs.promise.agreed import waiver_run
from dure.runs.promise.approval import approved, require_signed
from dure.runs.promise.book import Book, require_book
from dure.runs.promise.close import require_undoubted
from dure.runs.promise.sealing import record_run
from dure.runs.promise.vouching import doubted_customers, waived_row
from dure.runs.promise.windows import made
from dure.runs.promise.witness import record_signature
from dure.store.promise.frozen import sound_month
from dure.store.promise.seals import Act, seal_rows
from dure.store.promise.spans import series_of
from dure.store.promise.tables import MonthFrozen


@dataclass(frozen=True, slots=True)
class Waived:
    """`amount` in won; `revision` is the one that the second signature made, 0 while it waits for that."""

    customer: str
    month: str
    service: str
    amount: int
    signers: tuple[str, ...]
    revision: int


def waive(
    context: Context, customer: str, month: str, service: str, reason: str, evidence: str, now: int, *, check: bool
) -> Waived:
    """Propose, or sign and apply, that a closed month's credit is waived. `check` writes nothing.

    Raises UsageError without closed month, reason or evidence; Refused when no credit is due or who signs has signed.
    """
    book = require_book(context, customer)
    book.service(service)
    with context.store.transaction() as session:
        row = _row(session, book, month, service)
    _require_credit(row, customer, service)
    asked = (month, service, row.credit)
    one = next((each for each in book.waivers if (each.month, each.service, each.amount) == asked), None)
    if one is None:
        one = _proposed(customer, month, service, row.credit, reason, evidence)
    is_signed = one.agreed
    if not is_signed:
        one = approved(context, one, now)
    require_signed(context.operator, [one])
    if check:
        return Waived(customer, month, service, row.credit, one.signers(), 0)
    require_undoubted(customer, month, doubted_customers(context, month, [customer]).get(customer, ""))
    told = f"{month} {service}: {row.credit} KRW, signed by {', '.join(one.signers())}"
    if not is_signed:
        record_signature(context, one, "sla waive", told)
        write_agreement(context.workspace, one)
    revision = _apply(context, book, one, now) if one.agreed else 0
    if revision:
        record_run(context, what="sla waive", where=customer, why=one.reason, result=told, run=waiver_run(one))
    return Waived(customer, month, service, row.credit, one.signers(), revision)


def _proposed(customer: str, month: str, service: str, amount: int, reason: str, evidence: str) -> CreditWaiver:
    if not reason.strip() or not evidence.strip():
        raise UsageError(
            "a waiver needs a reason and evidence",
            where=customer,
            why="the customer gives something up, and reads it in the report",
            mend='--reason "why" --evidence "the letter that shows that the customer agreed"',
        )
    agreed: dict[str, JsonValue] = {"month": month, "service": service, "amount": amount, "evidence": evidence}
    return made(CreditWaiver, customer=customer, reason=reason, **agreed)


def _row(session: Session, book: Book, month: str, service: str) -> MonthFrozen:
    customer = book.customer.id
    number = series_of(session, customer, "service", [service])[service]
    row = next((one for one in sound_month(session, month, [customer])[0] if one.series == number), None)
    if row is None:
        why, mend = "only a credit that is due can be waived", f"operator sla close {month} {customer}"
        raise UsageError(f"{month} of {service} is not closed", where=customer, why=why, mend=mend)
    return row


def _require_credit(row: MonthFrozen, customer: str, service: str) -> None:
    if row.waived:
        raise Refused(f"the credit of {row.month} for {service} is waived already", where=customer, why=row.waived)
    if not row.credit:
        raise Refused(
            f"no credit of {row.month} is due for {service}",
            where=customer,
            why=f"its verdict is {row.verdict}",
            mend=f"operator sla credits {row.month} {customer}",
        )


def _apply(context: Context, book: Book, one: CreditWaiver, now: int) -> int:
    """Add a revision that differs by the waiver alone; its number. The frozen ones stay."""
    with context.store.transaction() as session:
        row = _row(session, book, one.month, one.service)
        rows, indicators = sound_month(session, one.month, [book.customer.id])
        revision = max(*(each.revision for each in rows), *(each.revision for each in indicators)) + 1
        made_row = waived_row(row, one, revision, context.engineer, now)
        act = Act(waiver_run(one), context.engineer, now, revision, one.reason, tuple(one.signers()))
        seal_rows(session, book.customer.id, one.month, act, {one.service: made_row}, ())
        return revision
