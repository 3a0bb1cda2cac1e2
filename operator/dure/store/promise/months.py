"""Closed months as plain values: what reports, screens and bills read. Nothing here computes an availability anew."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from pydantic import JsonValue
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from dure.sla.classes import Seconds
from dure.sla.credits import CreditLine, Invoice, invoice
from dure.sla.indicators.catalogue import Indicator, indicator
from dure.sla.intervals import Interval
from dure.sla.ratio import Ratio, ratio
from dure.sla.spans import Span, Spans
from dure.sla.verdict import Verdict
from dure.store.database import Store
from dure.store.promise.codes import STATES
from dure.store.promise.detail import MonthDetail, from_json
from dure.store.promise.tables import DaySeconds, IndicatorValue, MonthFrozen, Series, ServiceSpanRow
from dure.store.tables import Setting

MADE_UP = "made-up"
"""Name of the setting that says that all of this store was invented for a demonstration."""


@dataclass(frozen=True, slots=True)
class DayFact:
    """A local day (2026-06-11) by class."""

    day: str
    seconds: Seconds


@dataclass(frozen=True, slots=True)
class ServiceMonth:
    """One service's closed month, in its newest revision or the one asked for.

    `target` and the figures are exact shares (999/1000), `budget` is in seconds, `spans` are the service's timeline
    cut to the month. `reason` and `approvals` (engineers) tell of a restated month; both empty in revision 1.
    """

    service: str
    revision: int
    seconds: Seconds
    figures: Ratio
    target: Fraction
    budget: Fraction
    verdict: Verdict
    observed: Fraction | None
    credit: CreditLine
    calendar: str
    policy: str
    engine: str
    digest: str
    detail: MonthDetail
    days: tuple[DayFact, ...]
    spans: Spans
    reason: str
    approvals: tuple[str, ...]
    closed_by: str
    closed_at: datetime


@dataclass(frozen=True, slots=True)
class IndicatorFact:
    """An indicator's value in its unit; `target` None: observed only. `verdict`: met, missed or the reason of none.

    `source` and `why` are codes of dure.text.indicator, `basis` is the canonical JSON that the value follows from,
    `change` an agreed change that takes effect in this month.
    """

    indicator: Indicator
    value: Fraction | None
    part: int
    whole: int
    target: Fraction | None
    verdict: str
    coverage: Fraction | None
    source: str = ""
    why: str = ""
    basis: str = ""
    digest: str = ""
    change: dict[str, JsonValue] | None = None


@dataclass(frozen=True, slots=True)
class CustomerMonth:
    """All services of a customer in a month, by id, with the bill; `previous` is the month before, when closed."""

    customer: str
    name: str
    name_en: str
    month: str
    zone: str
    period: Interval
    tier: str
    services: tuple[ServiceMonth, ...]
    indicators: tuple[IndicatorFact, ...]
    invoice: Invoice
    made_up: bool
    previous: "CustomerMonth | None" = None


def customer_month(store: Store, customer: str, month: str) -> CustomerMonth | None:
    """A customer's closed month, such as 2026-06, with the month before it; None when it is not closed."""
    with store.transaction() as session:
        return next(iter(_months(session, month, [customer])), None)


def fleet_month(store: Store, month: str) -> tuple[CustomerMonth, ...]:
    """All customers that have that month closed, by id; one query a table, however many they are."""
    with store.transaction() as session:
        return _months(session, month, None)


def is_made_up(store: Store) -> bool:
    """All of this store was invented for a demonstration."""
    with store.transaction() as session:
        return session.get(Setting, MADE_UP) is not None


def closed_months(store: Store, customer: str) -> tuple[str, ...]:
    """The customer's closed months, oldest first."""
    query = select(MonthFrozen.month).where(MonthFrozen.customer == customer).distinct().order_by(MonthFrozen.month)
    with store.transaction() as session:
        return tuple(session.scalars(query))


def month_before(month: str) -> str:
    """2025-12 of 2026-01."""
    year, number = int(month[:4]), int(month[5:])
    return f"{year - 1}-12" if number == 1 else f"{year}-{number - 1:02}"


def newest_rows(session: Session, month: str, customers: Sequence[str] | None) -> list[MonthFrozen]:
    """The newest revision of each service; `customers` None: of all."""
    revisions = select(MonthFrozen.series, func.max(MonthFrozen.revision).label("revision"))
    revisions = revisions.where(MonthFrozen.month == month).group_by(MonthFrozen.series)
    if customers is not None:  # here too: a report of one customer must not look through the whole fleet's rows
        revisions = revisions.where(MonthFrozen.customer.in_(customers))
    newest = revisions.subquery()
    query = select(MonthFrozen).join(
        newest, (MonthFrozen.series == newest.c.series) & (MonthFrozen.revision == newest.c.revision)
    )
    query = query.where(MonthFrozen.month == month)
    if customers is not None:
        query = query.where(MonthFrozen.customer.in_(customers))
    return list(session.scalars(query))


def _months(session: Session, month: str, customers: Sequence[str] | None) -> tuple[CustomerMonth, ...]:
    before = {one.customer: one for one in _one_month(session, month_before(month), customers, None)}
    return _one_month(session, month, customers, before)


def _one_month(
    session: Session,
    month: str,
    customers: Sequence[str] | None,
    before: dict[str, CustomerMonth] | None,
) -> tuple[CustomerMonth, ...]:
    rows = newest_rows(session, month, customers)
    if not rows:
        return ()
    names = _service_names(session, customers)
    days, spans = _days(session, month, names), _spans(session, rows, names)
    indicators = _indicators(session, month, customers)
    made_up = session.get(Setting, MADE_UP) is not None
    by_customer: dict[str, list[MonthFrozen]] = {}
    for row in rows:
        by_customer.setdefault(row.customer, []).append(row)
    found = []
    for customer in sorted(by_customer):
        services = [
            service_month(row, names[row.series], days.get(row.series, ()), spans.get(row.series, ()))
            for row in by_customer[customer]
        ]
        services.sort(key=lambda one: one.service)
        first, detail = by_customer[customer][0], services[0].detail
        found.append(
            CustomerMonth(
                customer=customer,
                name=detail.customer[0],
                name_en=detail.customer[1],
                month=month,
                zone=detail.zone,
                period=(first.period_start, first.period_end),
                tier=detail.tier,
                services=tuple(services),
                indicators=indicators.get(customer, ()),
                invoice=invoice([one.credit for one in services]),
                made_up=made_up,
                previous=(before or {}).get(customer),
            )
        )
    return tuple(found)


def seconds_of(row: MonthFrozen) -> Seconds:
    """The row's seconds per class."""
    return Seconds(
        period=row.period_end - row.period_start,
        not_monitored=row.not_monitored,
        out_of_hours=row.out_of_hours,
        maintenance=row.maintenance,
        excluded=row.excluded,
        ast=row.ast,
        up=row.up,
        degraded=row.degraded,
        down=row.down,
        unknown=row.unknown,
    )


def service_month(row: MonthFrozen, service: str, days: tuple[DayFact, ...] = (), spans: Spans = ()) -> ServiceMonth:
    """The value of one row."""
    detail, seconds, target = from_json(row.detail), seconds_of(row), Fraction(row.target)
    return ServiceMonth(
        service=service,
        revision=row.revision,
        seconds=seconds,
        figures=ratio(seconds, Fraction(detail.degraded_weight)),
        target=target,
        budget=(1 - target) * seconds.ast,
        verdict=Verdict(row.verdict),
        observed=None if detail.observed is None else Fraction(detail.observed),
        credit=CreditLine(service, row.fee, Fraction(row.credit_share), row.credit, row.waived),
        calendar=row.calendar,
        policy=row.policy,
        engine=row.engine,
        digest=row.spans,
        detail=detail,
        days=days,
        spans=spans,
        reason=row.reason,
        approvals=tuple(row.approvals),
        closed_by=row.closed_by,
        closed_at=row.closed_at,
    )


def _service_names(session: Session, customers: Sequence[str] | None) -> dict[int, str]:
    query = select(Series.id, Series.name).where(Series.kind == "service")
    if customers is not None:
        query = query.where(Series.customer.in_(customers))
    return {one.id: one.name for one in session.execute(query)}


def _days(session: Session, month: str, names: Iterable[int]) -> dict[int, tuple[DayFact, ...]]:
    query = select(DaySeconds).where(DaySeconds.day.between(f"{month}-01", f"{month}-31"))
    wanted = list(names)
    if len(wanted) < 500:  # a database takes only so many parameters; of a whole fleet all rows are meant anyway
        query = query.where(DaySeconds.series.in_(wanted))
    found: dict[int, list[DayFact]] = {}
    for row in session.scalars(query.order_by(DaySeconds.series, DaySeconds.day)):
        seconds = Seconds(
            row.period,
            row.not_monitored,
            row.out_of_hours,
            row.maintenance,
            row.excluded,
            row.ast,
            row.up,
            row.degraded,
            row.down,
            row.unknown,
        )
        found.setdefault(row.series, []).append(DayFact(row.day, seconds))
    return {series: tuple(days) for series, days in found.items()}


def _spans(session: Session, rows: Sequence[MonthFrozen], names: Iterable[int]) -> dict[int, Spans]:
    start, end = min(row.period_start for row in rows), max(row.period_end for row in rows)
    query = select(ServiceSpanRow).where(ServiceSpanRow.start >= start, ServiceSpanRow.start < end)
    wanted = list(names)
    if len(wanted) < 500:
        query = query.where(ServiceSpanRow.series.in_(wanted))
    found: dict[int, list[Span]] = {}
    for row in session.scalars(query.order_by(ServiceSpanRow.series, ServiceSpanRow.start)):
        found.setdefault(row.series, []).append(Span(row.start, row.end, STATES[row.state]))
    return {series: tuple(spans) for series, spans in found.items()}


def _indicators(session: Session, period: str, customers: Sequence[str] | None) -> dict[str, tuple[IndicatorFact, ...]]:
    query = select(IndicatorValue).where(IndicatorValue.period == period).order_by(IndicatorValue.revision)
    if customers is not None:
        query = query.where(IndicatorValue.customer.in_(customers))
    newest: dict[tuple[str, str], IndicatorFact] = {}
    for row in session.scalars(query):
        newest[row.customer, row.indicator] = IndicatorFact(
            indicator=indicator(row.indicator),
            value=_fraction(row.value),
            part=row.part,
            whole=row.whole,
            target=_fraction(row.target),
            verdict=row.verdict,
            coverage=_fraction(row.coverage),
            source=row.source,
            why=row.why,
            basis=row.basis,
            digest=row.digest,
            change=row.change,
        )
    found: dict[str, list[IndicatorFact]] = {}
    for (customer, _), fact in newest.items():
        found.setdefault(customer, []).append(fact)
    return {name: tuple(sorted(facts, key=lambda one: one.indicator.number)) for name, facts in found.items()}


def _fraction(text: str | None) -> Fraction | None:
    return None if text is None else Fraction(text)
