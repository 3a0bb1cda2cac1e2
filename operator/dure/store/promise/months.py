"""Closed months as plain values: what reports, screens and bills read. Nothing here computes an availability anew."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from fractions import Fraction

from pydantic import JsonValue
from sqlalchemy import select
from sqlalchemy.orm import Session

from dure.sla.classes import Seconds
from dure.sla.credits import CreditLine, Invoice, invoice
from dure.sla.indicators.catalogue import Indicator, indicator
from dure.sla.intervals import Interval
from dure.sla.ratio import Ratio, ratio
from dure.sla.spans import Spans
from dure.sla.verdict import Verdict
from dure.store.database import Store
from dure.store.promise.detail import MonthDetail, from_json
from dure.store.promise.frozen import replaced_since, service_names, sound_month
from dure.store.promise.seals import MonthSeal
from dure.store.promise.tables import IndicatorValue, MonthFrozen
from dure.store.promise.views import DayFact, View, views_of
from dure.store.tables import Setting

MADE_UP = "made-up"
"""Name of the setting that says that all of this store was invented for a demonstration."""


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
    seal: str = ""
    """Digest over all that the row says; empty: closed before such digests were kept."""


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
    revision: int = 1
    """The newest of what it was read with."""
    previous: "CustomerMonth | None" = None


def customer_month(store: Store, customer: str, month: str, revision: int | None = None) -> CustomerMonth | None:
    """A customer's closed month, such as 2026-06, with the month before it; None when it is not closed.

    As it was with that revision, or as it is. Raises Altered when it is not as it was frozen.
    """
    with store.transaction() as session:
        return next(iter(_months(session, month, [customer], revision)), None)


@dataclass(frozen=True, slots=True)
class Revision:
    """One revision of a closed month; `reason` and `approvals` (engineers) are empty in the first."""

    number: int
    reason: str
    approvals: tuple[str, ...]
    at: datetime | None


def revisions_of(store: Store, customer: str, month: str) -> tuple[Revision, ...]:
    """The month's revisions, oldest first; also those in which only indicators changed."""
    columns = (MonthFrozen.revision, MonthFrozen.reason, MonthFrozen.approvals, MonthFrozen.closed_at)
    services = select(*columns).where(MonthFrozen.customer == customer, MonthFrozen.month == month)
    acts = select(MonthSeal).where(MonthSeal.customer == customer, MonthSeal.month == month)
    with store.transaction() as session:
        found = {row[0]: Revision(row[0], row[1], tuple(row[2]), row[3]) for row in session.execute(services)}
        for one in session.scalars(acts.order_by(MonthSeal.number.desc())):  # a revision's first act is its own
            at = datetime.fromtimestamp(one.at, UTC)
            found[one.revision] = Revision(one.revision, one.reason, tuple(one.approvals), at)
    return tuple(found[number] for number in sorted(found))


def fleet_month(store: Store, month: str) -> tuple[CustomerMonth, ...]:
    """All customers that have that month closed, by id; one query a table, however many they are."""
    with store.transaction() as session:
        return _months(session, month, None)


def is_made_up(store: Store) -> bool:
    """All of this store was invented for a demonstration."""
    with store.transaction() as session:
        return session.get(Setting, MADE_UP) is not None


def closed_months(store: Store, customer: str) -> tuple[str, ...]:
    """The customer's closed months, oldest first; also one whose rows are gone, so that reading it says so."""
    with store.transaction() as session:
        found = set(session.scalars(select(MonthFrozen.month).where(MonthFrozen.customer == customer).distinct()))
        found |= set(session.scalars(select(MonthSeal.month).where(MonthSeal.customer == customer).distinct()))
    return tuple(sorted(found))


def month_before(month: str) -> str:
    """2025-12 of 2026-01."""
    year, number = int(month[:4]), int(month[5:])
    return f"{year - 1}-12" if number == 1 else f"{year}-{number - 1:02}"


def _months(
    session: Session, month: str, customers: Sequence[str] | None, revision: int | None = None
) -> tuple[CustomerMonth, ...]:
    before = {one.customer: one for one in _one_month(session, month_before(month), customers, None)}
    return _one_month(session, month, customers, before, revision)


def _one_month(
    session: Session,
    month: str,
    customers: Sequence[str] | None,
    before: dict[str, CustomerMonth] | None,
    revision: int | None = None,
) -> tuple[CustomerMonth, ...]:
    rows, values = sound_month(session, month, customers, revision)
    if not rows:
        return ()
    names = service_names(session, customers)
    views = views_of(session, month, rows, names, replaced_since(session, month, customers, rows, revision))
    indicators = _facts(values)
    made_up = session.get(Setting, MADE_UP) is not None
    by_customer: dict[str, list[MonthFrozen]] = {}
    for row in rows:
        by_customer.setdefault(row.customer, []).append(row)
    found = []
    for customer in sorted(by_customer):
        services = [service_month(row, names[row.series], views[row.series]) for row in by_customer[customer]]
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
                revision=max(
                    *(one.revision for one in by_customer[customer]),
                    *(one.revision for one in values if one.customer == customer),
                    1,
                ),
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


def service_month(row: MonthFrozen, service: str, view: View | None = None) -> ServiceMonth:
    """The value of one row."""
    view = view or View()
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
        days=view.days,
        spans=view.spans,
        reason=row.reason,
        approvals=tuple(row.approvals),
        closed_by=row.closed_by,
        closed_at=row.closed_at,
        seal=row.seal,
    )


def _facts(rows: Iterable[IndicatorValue]) -> dict[str, tuple[IndicatorFact, ...]]:
    """Customer -> its indicators by number."""
    found: dict[str, list[IndicatorFact]] = {}
    for row in rows:
        fact = IndicatorFact(
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
        found.setdefault(row.customer, []).append(fact)
    return {name: tuple(sorted(facts, key=lambda one: one.indicator.number)) for name, facts in found.items()}


def _fraction(text: str | None) -> Fraction | None:
    return None if text is None else Fraction(text)
