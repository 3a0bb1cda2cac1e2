"""This month so far: figure, bounds, budget left, burn, projected end; the service nearest to a breach first."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from fractions import Fraction
from zoneinfo import ZoneInfo

from dure.model.promise.contract import Service
from dure.model.promise.terms import term_of
from dure.model.workspace import read_operator
from dure.runs.context import Context
from dure.runs.promise.book import Book, load_book
from dure.runs.promise.compute import compute, margin
from dure.runs.promise.facts import Measured, detail_of
from dure.runs.promise.policy import period_of, policy_of
from dure.sla.budget import Budget, budget, projected
from dure.sla.burn import burning, windowed_rate
from dure.sla.case import account
from dure.sla.intervals import Interval, difference, intersection, length
from dure.sla.ratio import Ratio
from dure.sla.verdict import Verdict
from dure.store.promise.detail import IncidentFact
from dure.store.promise.spans import count_blips, read_outages, read_spans

DAY = 86400


@dataclass(frozen=True, slots=True)
class ServiceStatus:
    """`figures` and `verdict` of the agreed time up to now; `budget` of the whole month.

    `burn` is over the last 24 agreed hours; `ends` the bad seconds at the month's end when it goes on as so far.
    """

    customer: str
    service: str
    name: str
    month: str
    zone: str
    figures: Ratio
    target: Fraction
    verdict: Verdict
    budget: Budget
    burn: Fraction | None
    alarms: tuple[str, ...]
    ends: Fraction | None
    incidents: tuple[IncidentFact, ...]

    @property
    def order(self) -> tuple[Fraction, str, str]:
        """Least budget left first."""
        share = self.budget.left_share
        return (Fraction(2) if share is None else share, self.customer, self.service)


def status_of(context: Context, customers: Sequence[str], now: int) -> list[ServiceStatus]:
    """All services of these customers, worst first."""
    ground = read_operator(context.workspace)[2]
    found: list[ServiceStatus] = []
    for name in customers:
        book = load_book(context, name, ground)
        if book is not None:
            found += _customer(context, book, now)
    return sorted(found, key=lambda one: one.order)


def _customer(context: Context, book: Book, now: int) -> Iterator[ServiceStatus]:
    month = datetime.fromtimestamp(now, UTC).astimezone(ZoneInfo(book.contract.zone)).strftime("%Y-%m")
    period = period_of(book.contract.zone, month)
    term = term_of(book.contract)
    so_far = (period[0], min(now, period[1]))
    if so_far[0] >= so_far[1] or term[1] <= period[0] or now <= term[0]:
        return
    part = margin(period)
    with context.store.transaction() as session:
        measured = Measured(
            read_spans(session, book.customer.id, part),
            read_outages(session, book.customer.id, part),
            count_blips(session, book.customer.id, period),
        )
    for service in book.contract.services:
        yield _service(book, service, month, period, so_far, measured)


def _service(
    book: Book, service: Service, month: str, period: Interval, so_far: Interval, measured: Measured
) -> ServiceStatus:
    computed = compute(policy_of(book, service, month), service.id, measured.timelines)
    whole = computed.account
    case = replace(computed.case, period=so_far)
    here = account(case)
    interval = max(book.checks[one.check].interval_seconds for one in service.checks if one.critical)
    now, weight, target = so_far[1], case.degraded_weight, case.target
    past = intersection(whole.masks.ast, (so_far,))
    left = difference(whole.masks.ast, past)
    state = budget(whole.figures.ast, target, here.figures.bad)
    detail = detail_of(book, service, computed, measured, {})
    alarms = burning(computed.spans, whole.masks.ast, now, target, interval, weight)
    return ServiceStatus(
        customer=book.customer.id,
        service=service.id,
        name=service.name,
        month=month,
        zone=book.contract.zone,
        figures=here.figures,
        target=target,
        verdict=here.verdict,
        budget=state,
        burn=windowed_rate(computed.spans, whole.masks.ast, now, DAY, target, weight),
        alarms=tuple(one.rule.alarm.value for one in alarms),
        ends=projected(here.figures.bad, length(past), length(past) + length(left)),
        incidents=tuple(one for one in detail.incidents if one.start < now),
    )
