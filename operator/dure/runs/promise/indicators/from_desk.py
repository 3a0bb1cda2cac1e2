"""Gathers what the desk knows: tickets on the business clock, windows, the freeze log, agreed advice."""

from collections.abc import Iterable, Sequence
from datetime import date

from sqlalchemy.orm import Session

from dure.model.promise.terms import term_of
from dure.runs.promise.indicators.basis import Found, Missing
from dure.runs.promise.indicators.desk_basis import (
    AdviceBasis,
    FirstContactBasis,
    MaintenanceBasis,
    ReopenBasis,
    ReportBasis,
    RequestBasis,
    ResponseBasis,
    TicketFact,
    WindowRecord,
)
from dure.runs.promise.indicators.facts import MonthFacts
from dure.sla.indicators.desk import REPORT_DAY
from dure.sla.intervals import Interval
from dure.sla.periods import business_day, midnight, parsed_month
from dure.store.promise.months import month_before
from dure.store.promise.record_tables import TicketRow
from dure.store.promise.records import closed_moments, has_tickets, read_tickets

RESPONSE_MINUTES = {"basic": 240, "standard": 120, "premium": 60}
REQUEST_HOURS = {"basic": 24, "standard": 16, "premium": 8}
OF_TICKETS = ("first_response", "request", "first_contact", "reopen")
MONTHS_OF_QUARTER = 3


def from_desk(session: Session, facts: MonthFacts, tickets: Sequence[TicketRow]) -> dict[str, Found]:
    """By key; `tickets` hold all of the month."""
    return {
        "maintenance": MaintenanceBasis(windows=_windows(facts)),
        "report": _report(session, facts),
        "advice": _advice(session, facts),
        **_of_tickets(session, facts, tickets),
    }


def _of_tickets(session: Session, facts: MonthFacts, tickets: Sequence[TicketRow]) -> dict[str, Found]:
    if not has_tickets(session, facts.customer, facts.as_of):
        return dict.fromkeys(OF_TICKETS, Missing(why="no-tickets"))
    period, as_of, tier = facts.period, facts.as_of, facts.book.contract.tier
    told = [one for one in tickets if one.kind != "advice"]
    opened = [_fact(one, as_of) for one in told if period[0] <= one.opened < period[1]]
    closed = [_fact(one, as_of) for one in told if one.closed is not None and period[0] <= one.closed < period[1]]
    requests = [one for one in opened if one.request]
    hours = [*facts.desk_hours((period[0], as_of))]
    desk = facts.book.contract.desk
    minutes = desk.first_response_minutes or RESPONSE_MINUTES[tier]
    limit = desk.request_hours or REQUEST_HOURS[tier]
    return {
        "first_response": ResponseBasis(period=period, as_of=as_of, tickets=opened, hours=hours, limit=minutes * 60),
        "request": RequestBasis(period=period, as_of=as_of, tickets=requests, hours=hours, limit=limit * 3600),
        "first_contact": FirstContactBasis(period=period, as_of=as_of, tickets=closed),
        "reopen": ReopenBasis(period=period, as_of=as_of, tickets=closed),
    }


def _fact(row: TicketRow, as_of: int) -> TicketFact:
    """The ticket as it stood at `as_of`."""

    def past(at: int | None) -> int | None:
        return at if at is not None and at < as_of else None

    return TicketFact(
        id=row.id,
        opened=row.opened,
        request=row.kind == "request",
        responded=past(row.responded),
        closed=past(row.closed),
        reopened=past(row.reopened),
        due=row.due,
        escalated=row.escalated,
        waiting=tuple((start, min(end, as_of)) for start, end in waiting_of(row.waiting) if start < as_of),
    )


def waiting_of(text: str) -> list[Interval]:
    """The pairs of a row's text."""
    pairs = [one.split("/") for one in text.split(";") if one]
    return [(int(start), int(end)) for start, end in pairs]


def _windows(facts: MonthFacts) -> list[WindowRecord]:
    works = {one.id: one for service in facts.services for one in service.windows}
    return [WindowRecord(id=name, notice_kept=not works[name].objection) for name in sorted(works)]


def _report(session: Session, facts: MonthFacts) -> Found:
    """The report on the month before was due in this one."""
    before = month_before(facts.month)
    year, number = parsed_month(facts.month)
    closed = {month: at for month, at in closed_moments(session, facts.customer).items() if month < facts.month}
    if not closed:
        return Missing(why="no-month-closed")
    if term_of(facts.book.contract)[0] >= facts.period[0]:
        return Missing(why="no-report-due")
    at = closed.get(before)
    holidays = facts.holidays(year)
    due = business_day(year, number, REPORT_DAY, holidays)
    return ReportBasis(
        month=before,
        delivered=None if at is None else at.astimezone(facts.zone).date().isoformat(),
        holidays=[one.isoformat() for one in sorted(holidays) if date(year, number, 1) <= one <= due],
    )


def _advice(session: Session, facts: MonthFacts) -> Found:
    """At a quarter's last month."""
    year, number = parsed_month(facts.month)
    if number % MONTHS_OF_QUARTER:
        return Missing(why="not-quarter-end")
    start = midnight(date(year, number - MONTHS_OF_QUARTER + 1, 1), facts.zone)
    quarter = (start, facts.period[1])
    agreed = [
        one
        for one in read_tickets(session, facts.customer, quarter)
        if one.kind == "advice" and quarter[0] <= one.opened < quarter[1]
    ]
    if not agreed:
        return Missing(why="no-advice")
    return AdviceBasis(period=quarter, as_of=facts.as_of, tickets=_facts(agreed, facts.as_of))


def _facts(rows: Iterable[TicketRow], as_of: int) -> list[TicketFact]:
    return [_fact(one, as_of) for one in rows]
