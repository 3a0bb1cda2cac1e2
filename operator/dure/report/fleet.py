"""The MSP's own report of a month over all customers: sums of seconds, who needs attention, what is credited."""

import csv
import io
from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import Literal

from dure.model.msp import Msp
from dure.model.words import WordPair
from dure.report.build import counted_incidents, provider_of
from dure.report.data import Provider
from dure.report.parts import Figure, Part
from dure.sla.rollup import Member, rollup
from dure.sla.verdict import Verdict
from dure.store.promise.months import CustomerMonth, ServiceMonth
from dure.text.cells import as_text
from dure.text.writing import Language

WORST = 10


class FleetSum(Part):
    """All services of a month: their seconds summed up. `met` of `judged`; `undecided` wait for a review.

    `down` are bad seconds as customers' reports count them, floored; `credits` are won without VAT.
    """

    month: str
    customers: int
    services: int
    availability: Figure | None
    down: int
    incidents: int
    met: int
    judged: int
    undecided: int
    met_share: Figure | None
    credits: int


class FleetService(Part):
    """A service that stands out; `spent` is the part of its downtime budget that is used."""

    customer: str
    customer_name: WordPair
    service: str
    name: WordPair
    availability: Figure | None
    target: Figure
    coverage: Figure | None
    down: int
    spent: Figure | None
    verdict: Verdict
    explain: str


class FleetCredit(Part):
    """What a customer is credited, in won without VAT."""

    customer: str
    customer_name: WordPair
    fee: int
    credit: int


class FleetReport(Part):
    """The fleet's month, with the one before it where it is closed."""

    format: Literal[1] = 1
    kind: Literal["fleet"] = "fleet"
    made_up: bool
    provider: Provider
    month: str
    now: FleetSum
    before: FleetSum | None
    worst: tuple[FleetService, ...]
    burners: tuple[FleetService, ...]
    breached: tuple[FleetService, ...]
    undecided: tuple[FleetService, ...]
    credits: tuple[FleetCredit, ...]
    credit_total: int

    def as_json(self) -> str:
        return self.model_dump_json(indent=2) + "\n"


def fleet_report(months: Sequence[CustomerMonth], msp: Msp) -> FleetReport:
    """The report of at least one customer's month."""
    rows = [fleet_service(customer, one) for customer in months for one in customer.services]
    known = [one for one in rows if one.availability is not None]
    worst = sorted(known, key=lambda one: (_exact(one.availability), one.customer, one.service))
    burners = sorted(known, key=lambda one: (-_exact(one.spent), one.customer, one.service))
    credits_ = [
        FleetCredit(
            customer=one.customer,
            customer_name=WordPair(ko=one.name, en=one.name_en),
            fee=one.invoice.fees,
            credit=one.invoice.credits,
        )
        for one in months
        if one.invoice.credits
    ]
    before = [one.previous for one in months if one.previous is not None]
    waiting = (Verdict.INDETERMINATE, Verdict.INSUFFICIENT_DATA)
    return FleetReport(
        made_up=any(one.made_up for one in months),
        provider=provider_of(msp),
        month=months[0].month,
        now=fleet_sum(months),
        before=fleet_sum(before) if before else None,
        worst=tuple(one for one in worst if one.down)[:WORST],
        burners=tuple(one for one in burners if _exact(one.spent) > 0)[:WORST],
        breached=tuple(one for one in rows if one.verdict is Verdict.BREACHED),
        undecided=tuple(one for one in rows if one.verdict in waiting),
        credits=tuple(sorted(credits_, key=lambda one: (-one.credit, one.customer))),
        credit_total=sum(one.credit for one in credits_),
    )


def _exact(figure: Figure | None) -> Fraction:
    return Fraction(figure.exact) if figure else Fraction(0)


def _whole(seconds: Fraction) -> int:
    return seconds.numerator // seconds.denominator


def fleet_sum(months: Iterable[CustomerMonth]) -> FleetSum:
    """Σbad/Σknown of all services, never a mean of percentages."""
    every = list(months)
    services = [one for month in every for one in month.services]
    total = rollup([Member(one.service, one.figures, one.verdict) for one in services])
    return FleetSum(
        month=every[0].month,
        customers=len(every),
        services=len(services),
        availability=Figure.of(total.availability),
        down=_whole(sum((one.figures.bad for one in services), Fraction(0))),
        incidents=sum(map(counted_incidents, every)),
        met=total.met,
        judged=total.judged,
        undecided=total.undecided,
        met_share=Figure.of(Fraction(total.met, total.judged)) if total.judged else None,
        credits=sum(one.invoice.credits for one in every),
    )


def fleet_service(customer: CustomerMonth, one: ServiceMonth) -> FleetService:
    target = Figure.of(one.target)
    assert target is not None  # noqa: S101 - Figure.of is None of None alone
    return FleetService(
        customer=customer.customer,
        customer_name=WordPair(ko=customer.name, en=customer.name_en),
        service=one.service,
        name=WordPair(ko=one.detail.service[0], en=one.detail.service[1]),
        availability=Figure.of(one.figures.availability),
        target=target,
        coverage=Figure.of(one.figures.coverage),
        down=_whole(one.figures.bad),
        spent=Figure.of(one.figures.bad / one.budget) if one.budget else None,
        verdict=one.verdict,
        explain=f"operator sla explain {customer.customer} {one.service} {customer.month}",
    )


FLEET_COLUMNS = ("list", "customer", "service", "availability_percent", "target_percent", "bad_seconds", "verdict")


def fleet_csv(report: FleetReport, language: Language) -> str:
    """The lists of the fleet's report, one row a service and list."""
    sheet = io.StringIO()
    table = csv.writer(sheet, lineterminator="\r\n")
    table.writerow(FLEET_COLUMNS)
    lists = (("worst", report.worst), ("budget", report.burners), ("undecided", report.undecided))
    for name, rows in lists:
        for one in rows:
            shown = one.availability.shown if one.availability else ""
            who = as_text(one.customer_name.text(language))
            table.writerow([name, who, one.service, shown, one.target.shown, one.down, one.verdict.value])
    return "\ufeff" + sheet.getvalue()
