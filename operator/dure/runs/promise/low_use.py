"""Open cases of low utilisation of a customer, with what the records say of their cause."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from dure.model.promise.terms import calendar_of, holidays_of
from dure.runs.context import Context
from dure.runs.promise.book import Book, load_book
from dure.runs.promise.policy import period_of
from dure.sla.intervals import Interval
from dure.sla.low_use import UseCase, measure_again, use_cases
from dure.sla.periods import days_in_month, parsed_month
from dure.sla.utilisation import cause_due
from dure.store.promise.record_tables import TicketRow, UsageRow
from dure.store.promise.records import read_usage
from dure.store.promise.tables import IncidentRow, Series

LATEST_MONTH = "9999-12"


@dataclass(frozen=True, slots=True)
class Evidence:
    """Of the two months up to the one that opened the case: incidents and tickets of the service, licences unused."""

    incidents: int
    tickets: int
    spare_licences: int | None


@dataclass(frozen=True, slots=True)
class CaseStatus:
    """An open case; `cause_by` is the day by which its cause is due, `measure` the month that decides its closing."""

    customer: str
    service: str
    case: UseCase
    cause_by: date
    is_late: bool
    measure: str | None
    evidence: Evidence


def open_cases(context: Context, customer: str, now: int) -> list[CaseStatus]:
    """By service; none without a contract."""
    book = load_book(context, customer)
    if book is None:
        return []
    with context.store.transaction() as session:
        found = []
        for service, months in read_usage(session, customer, LATEST_MONTH).items():
            case = next((one for one in use_cases(months) if one.is_open), None)
            if case is not None:
                found.append(_status(session, book, service, case, now))
    return found


def _status(session: Session, book: Book, service: str, case: UseCase, now: int) -> CaseStatus:
    contract, (year, number) = book.contract, parsed_month(case.opened)
    opened = date(year, number, days_in_month(year, number))
    years = (year, year + 1) if number == 12 else (year,)
    holidays = [day for one in years for day in holidays_of(contract, calendar_of(contract, one))]
    due = cause_due(opened, holidays)
    today = datetime.fromtimestamp(now, UTC).astimezone(ZoneInfo(contract.zone)).date()
    return CaseStatus(
        customer=book.customer.id,
        service=service,
        case=case,
        cause_by=due,
        is_late=case.cause is None and today > due,
        measure=measure_again(case),
        evidence=_evidence(session, book, service, case),
    )


def _evidence(session: Session, book: Book, service: str, case: UseCase) -> Evidence:
    year, number = parsed_month(case.opened)
    before = f"{year - 1}-12" if number == 1 else f"{year}-{number - 1:02}"
    zone = book.contract.zone
    window = (period_of(zone, before)[0], period_of(zone, case.opened)[1])
    row = session.get(UsageRow, (book.customer.id, service, case.opened))
    spare = None if row is None or row.purchased is None else max(0, row.purchased - row.entitled)
    return Evidence(
        incidents=_incidents(session, book, service, window),
        tickets=_tickets(session, book, service, window),
        spare_licences=spare,
    )


def _incidents(session: Session, book: Book, service: str, window: Interval) -> int:
    query = (
        select(func.count())
        .select_from(IncidentRow)
        .join(Series, Series.id == IncidentRow.series)
        .where(Series.customer == book.customer.id, Series.name == service, Series.kind == "service")
        .where(IncidentRow.start >= window[0], IncidentRow.start < window[1])
    )
    return session.scalar(query) or 0


def _tickets(session: Session, book: Book, service: str, window: Interval) -> int:
    query = (
        select(func.count())
        .select_from(TicketRow)
        .where(TicketRow.customer == book.customer.id, TicketRow.service == service)
        .where(TicketRow.opened >= window[0], TicketRow.opened < window[1])
    )
    return session.scalar(query) or 0
