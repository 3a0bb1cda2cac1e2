"""This month so far from spans: figure, bounds, budget left, burn, projected end, incidents; and the sheets of it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from dure.model.promise.contract import Service
from dure.model.promise.terms import EVER, term_of
from dure.model.workspace import read_operator
from dure.runs.context import Context
from dure.runs.promise.book import Book, load_book
from dure.runs.promise.compute import Computed, compute, margin
from dure.runs.promise.facts import Measured, detail_of
from dure.runs.promise.policy import period_of, policy_of
from dure.runs.promise.running import ServiceStatus, keep_sheets
from dure.sla.budget import budget, is_known, projected
from dure.sla.burn import burning, windowed_rate
from dure.sla.case import account
from dure.sla.intervals import Interval
from dure.sla.running import sheet_of
from dure.store.promise.running import Kept, Terms
from dure.store.promise.spans import count_blips, read_outages, read_spans

DAY = 86400


def exact_status(context: Context, customers: Sequence[str], now: int) -> list[ServiceStatus]:
    """All services of these customers, computed from spans, with their incidents."""
    ground = read_operator(context.workspace)[2]
    return [one for name in customers for one in _from_spans(context, load_book(context, name, ground), now)]


def refresh(context: Context, wanted: Mapping[str, str], now: int) -> dict[str, list[Kept]]:
    """Make the sheets of these customers (id -> source) anew and keep them."""
    ground = read_operator(context.workspace)[2]
    return {
        name: refreshed(context, load_book(context, name, ground), name, source, now) for name, source in wanted.items()
    }


@dataclass(frozen=True, slots=True)
class _Month:
    """The running month of a customer: its name, its period, and whether any second of it is the contract's by now."""

    name: str
    period: Interval
    is_running: bool
    good: Interval
    """The moments at which all this holds."""


def _month(book: Book, now: int) -> _Month:
    name = datetime.fromtimestamp(now, UTC).astimezone(ZoneInfo(book.contract.zone)).strftime("%Y-%m")
    period, term = period_of(book.contract.zone, name), term_of(book.contract)
    ahead = now <= term[0]
    good = (period[0], min(period[1], term[0] + 1)) if ahead else (max(period[0], term[0] + 1), period[1])
    is_running = period[0] < now and term[1] > period[0] and not ahead
    return _Month(name, period, is_running, good if period[0] < now else (now, now + 1))


def _measured(context: Context, book: Book, period: Interval) -> Measured:
    part = margin(period)
    with context.store.transaction() as session:
        return Measured(
            read_spans(session, book.customer.id, part),
            read_outages(session, book.customer.id, part),
            count_blips(session, book.customer.id, period),
        )


def refreshed(context: Context, book: Book | None, customer: str, source: str, now: int) -> list[Kept]:
    """The customer's sheets, made from spans and kept."""
    if book is None:
        keep_sheets(context, customer, source, (0, EVER), [])
        return []
    month = _month(book, now)
    sheets: list[Kept] = []
    if month.is_running:
        measured = _measured(context, book, month.period)
        for service in book.contract.services:
            computed = compute(policy_of(book, service, month.name), service.id, measured.timelines)
            sheets.append(_sheet(book, service, month, computed))
    keep_sheets(context, customer, source, month.good, sheets)
    return sheets


def _sheet(book: Book, service: Service, month: _Month, computed: Computed) -> Kept:
    case = computed.case
    terms = Terms(
        service=service.id,
        name=service.name,
        zone=book.contract.zone,
        period=month.period,
        target=case.target,
        weight=case.degraded_weight,
        min_coverage=case.min_coverage,
        interval=_interval(book, service),
    )
    sheet = sheet_of(computed.spans, computed.account.masks, case.maintenance_rules.mode)
    return Kept(book.customer.id, month.name, terms, sheet)


def _interval(book: Book, service: Service) -> int:
    return max(book.checks[one.check].interval_seconds for one in service.checks if one.critical)


def _from_spans(context: Context, book: Book | None, now: int) -> Iterator[ServiceStatus]:
    month = _month(book, now) if book is not None else None
    if book is None or month is None or not month.is_running:
        return
    measured = _measured(context, book, month.period)
    so_far = (month.period[0], min(now, month.period[1]))
    for service in book.contract.services:
        yield _service(book, service, month.name, so_far, measured)


def _service(book: Book, service: Service, month: str, so_far: Interval, measured: Measured) -> ServiceStatus:
    computed = compute(policy_of(book, service, month), service.id, measured.timelines)
    whole = computed.account
    case = replace(computed.case, period=so_far)
    here = account(case)
    now, weight, target = so_far[1], case.degraded_weight, case.target
    state = budget(whole.figures.ast, target, here.figures.bad)
    detail = detail_of(book, service, computed, measured, {})
    alarms = burning(computed.spans, whole.masks.ast, now, target, _interval(book, service), weight)
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
        is_known=is_known(here.figures, case.min_coverage),
        ends=projected(here.figures, whole.figures.ast, case.min_coverage),
        incidents=tuple(one for one in detail.incidents if one.start < now),
    )
