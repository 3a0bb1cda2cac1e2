"""Closing a month: each customer in one transaction, so that a killed close goes on with the customer it stood at."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import delete, insert
from sqlalchemy.orm import Session

from dure.errors import Refused
from dure.model.promise.terms import term_of
from dure.model.workspace import read_operator
from dure.runs.context import Context
from dure.runs.promise.book import Book, load_book
from dure.runs.promise.compute import Computed, compute
from dure.runs.promise.due import require_data, require_due
from dure.runs.promise.facts import Measured, detail_of, measured_of
from dure.runs.promise.indicators.facts import service_facts
from dure.runs.promise.indicators.freezing import indicator_rows, month_facts
from dure.runs.promise.policy import Policy, policy_of
from dure.runs.promise.sealing import close_run
from dure.sla.days import by_day
from dure.sla.intervals import Interval
from dure.sla.periods import midnight
from dure.store.promise.codes import CODES
from dure.store.promise.detail import MonthDetail, as_json
from dure.store.promise.frozen import newest_rows
from dure.store.promise.seals import Act, seal_rows
from dure.store.promise.spans import read_ends, series_of
from dure.store.promise.tables import DaySeconds, IncidentRow, IndicatorValue, MonthFrozen, ServiceSpanRow
from dure.store.promise.views import DayFact, day_digest
from dure.store.tables import Base


@dataclass(frozen=True, slots=True)
class Closed:
    """What a close did for a customer: services frozen now, those that were frozen already, or why it was refused."""

    customer: str
    frozen: tuple[str, ...]
    already: tuple[str, ...]
    refused: Refused | None = None


@dataclass(frozen=True, slots=True)
class ServiceResult:
    """A service's month, ready to be written."""

    name: str
    series: int
    policy: Policy
    computed: Computed
    detail: MonthDetail
    days: tuple[DayFact, ...]


def close_months(
    context: Context,
    customers: Sequence[str],
    month: str,
    now: int,
    *,
    accept_missing: bool = False,
    check: bool = False,
    doubted: Mapping[str, str] | None = None,
) -> Iterator[Closed]:
    """Close the month for these customers, one after the other; what is frozen stays, and a refusal stops no other.

    `doubted` are customers whose month the audit chain speaks of otherwise, and why: nothing is frozen beside it.
    """
    ground = read_operator(context.workspace)[2]
    for name in customers:
        book = load_book(context, name, ground)
        if book is None:
            continue
        try:
            require_undoubted(name, month, (doubted or {}).get(name, ""))
            yield close_one(context, book, month, now, accept_missing=accept_missing, check=check)
        except Refused as error:
            yield Closed(name, (), (), error)


def require_undoubted(customer: str, month: str, why: str) -> None:
    """Raises Refused where the audit chain speaks of another month than is there, as `why` says; empty: it does not."""
    if why:
        raise Refused(
            f"{month} is not as the audit chain says that it was closed",
            where=customer,
            why=why,
            mend=f"operator sla verify {month} {customer} says what differs; then operator sla restate {month} "
            f'{customer} --reason "…", or bring the store back from a copy that was made before',
        )


def close_one(
    context: Context, book: Book, month: str, now: int, *, accept_missing: bool, check: bool = False
) -> Closed:
    """Close one customer's month; a second close writes nothing, and `check` takes everything back."""
    period = require_due(book, month, now)
    with context.store.transaction() as session:
        series = series_of(session, book.customer.id, "service", [one.id for one in book.contract.services])
        frozen = {row.series for row in newest_rows(session, month, [book.customer.id])}
        open_ = [one.id for one in book.contract.services if series[one.id] not in frozen]
        already = tuple(one.id for one in book.contract.services if series[one.id] in frozen)
        term = term_of(book.contract)
        if not open_ or term[1] <= period[0] or period[1] <= term[0]:
            return Closed(book.customer.id, (), already)
        if frozen:
            raise _later_service(book.customer.id, month, open_)
        require_data(book, period, read_ends(session, book.customer.id), accept_missing)
        measured = measured_of(session, book, period)
        results = results_of(book, month, series, measured)
        rows = {one.name: frozen_row(book, one, month, 1, context.engineer, now) for one in results}
        write_views(session, book, period, results)
        values = computed_indicators(context, session, book, month, results, measured)
        act = Act(close_run(month, now), context.engineer, now)
        seal_rows(session, book.customer.id, month, act, rows, values)
        if check:
            session.rollback()
    return Closed(book.customer.id, tuple(open_), already)


def _later_service(customer: str, month: str, services: Sequence[str]) -> Refused:
    return Refused(
        f"{month} is closed without {', '.join(services)}",
        where=customer,
        why="the contract names more services than when it was closed, and a close changes no closed month",
        mend=f'operator sla restate {month} {customer} --reason "…" adds them in a new revision that two sign',
    )


def results_of(book: Book, month: str, series: Mapping[str, int], measured: Measured) -> list[ServiceResult]:
    """All services of a customer, computed from what was measured."""
    policies = {one.id: policy_of(book, one, month) for one in book.contract.services}
    computed = {name: compute(policy, name, measured.timelines) for name, policy in policies.items()}
    incidents = {name: one.incidents for name, one in computed.items()}
    return [
        ServiceResult(
            name=one.id,
            series=series[one.id],
            policy=policies[one.id],
            computed=computed[one.id],
            detail=detail_of(book, one, computed[one.id], measured, incidents),
            days=days_of(computed[one.id], book.contract.zone),
        )
        for one in book.contract.services
    ]


def frozen_row(
    book: Book,
    one: ServiceResult,
    month: str,
    revision: int,
    engineer: str,
    now: int,
    reason: str = "",
    approvals: Sequence[str] = (),
) -> MonthFrozen:
    """The row of a service's closed month."""
    frozen, case, credit = one.computed.frozen, one.computed.case, one.computed.credit
    seconds = frozen.seconds
    return MonthFrozen(
        series=one.series,
        month=month,
        revision=revision,
        customer=book.customer.id,
        period_start=case.period[0],
        period_end=case.period[1],
        not_monitored=seconds.not_monitored,
        out_of_hours=seconds.out_of_hours,
        maintenance=seconds.maintenance,
        excluded=seconds.excluded,
        ast=seconds.ast,
        up=seconds.up,
        degraded=seconds.degraded,
        down=seconds.down,
        unknown=seconds.unknown,
        bad=frozen.bad,
        availability=frozen.availability,
        target=str(case.target),
        verdict=frozen.verdict,
        calendar=frozen.calendar,
        policy=frozen.policy,
        engine=frozen.engine,
        spans=frozen.spans,
        fee=credit.fee,
        credit_share=str(credit.share),
        credit=credit.amount,
        waived=book.waived(one.name, month, credit.amount),
        detail=as_json(one.detail),
        policy_text=one.policy.text,
        reason=reason,
        approvals=list(approvals),
        closed_by=engineer,
        closed_at=datetime.fromtimestamp(now, UTC),
        days=day_digest(one.days),
    )


def write_views(session: Session, book: Book, period: Interval, results: Sequence[ServiceResult]) -> None:
    """Make what is shown from spans anew: days, the service's timeline, incidents."""
    labels = [name for name, _ in days_in(period, ZoneInfo(book.contract.zone))]
    ids = [one.series for one in results]
    session.execute(delete(DaySeconds).where(DaySeconds.series.in_(ids), DaySeconds.day.between(labels[0], labels[-1])))
    for table in (ServiceSpanRow, IncidentRow):
        session.execute(delete(table).where(table.series.in_(ids), table.start >= period[0], table.start < period[1]))
    day_rows, span_rows, incident_rows = [], [], []
    for one in results:
        computed = one.computed
        for day in one.days:
            values = {name: getattr(day.seconds, name) for name in day.seconds.__slots__}
            day_rows.append({"series": one.series, "day": day.day, **values})
        for span in computed.spans:
            state = CODES[span.state]
            span_rows.append({"series": one.series, "start": span.start, "end": span.end, "state": state})
        for fact in one.detail.incidents:
            row = {"series": one.series, "start": fact.start, "end": fact.end, "down": fact.down}
            incident_rows.append({**row, "detected": fact.detected, "cause": fact.cause})
    for name, rows in (("day_seconds", day_rows), ("service_span", span_rows), ("incident", incident_rows)):
        if rows:  # into the bare table: nothing here is looked at as an object again
            session.execute(insert(Base.metadata.tables[name]), rows)


def days_of(computed: Computed, zone: str) -> tuple[DayFact, ...]:
    """A service's local days by class."""
    days = days_in(computed.case.period, ZoneInfo(zone))
    mode = computed.case.maintenance_rules.mode
    parts = by_day(computed.spans, computed.account.masks, mode, [day for _, day in days])
    return tuple(DayFact(label, seconds) for (label, _), seconds in zip(days, parts, strict=True))


def days_in(period: Interval, zone: ZoneInfo) -> list[tuple[str, Interval]]:
    """The local days of a month with their names."""
    first = datetime.fromtimestamp(period[0], zone).date()
    found: list[tuple[str, Interval]] = []
    day: date = first
    while (start := midnight(day, zone)) < period[1]:
        following = day + timedelta(days=1)
        found.append((day.isoformat(), (start, midnight(following, zone))))
        day = following
    return found


def computed_indicators(
    context: Context, session: Session, book: Book, month: str, results: Sequence[ServiceResult], measured: Measured
) -> list[IndicatorValue]:
    """The thirty rows as they would be frozen now; nothing is written."""
    ordered = sorted(results, key=lambda one: one.series)  # as `verify` gathers them, whatever the contract's order
    services = [service_facts(one.name, one.computed, one.detail) for one in ordered]
    names = {one.series: one.name for one in results}
    return indicator_rows(session, context, month_facts(session, book, month, services, names, measured.timelines))
