"""When a month may be closed: on the third business day after its end, and not while data are on their way."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from dure.errors import Refused, UsageError
from dure.model.promise.terms import calendar_of, holidays_of, term_of
from dure.runs.promise.book import Book
from dure.runs.promise.policy import period_of
from dure.sla.faults import SlaError
from dure.sla.intervals import Interval
from dure.sla.periods import business_day, midnight, parsed_month

CLOSING_DAY = 3


def checked_month(text: str) -> str:
    """The month as written. Raises UsageError for what is none."""
    try:
        parsed_month(text)
    except SlaError as error:
        raise UsageError(str(error), why="a month is a year and a number", mend="write it as in 2026-06") from error
    return text


def closing_day(book: Book, month: str) -> date:
    """The third business day of the month that follows, by the calendar and the customer's own days."""
    year, number = parsed_month(month)
    following = (year + 1, 1) if number == 12 else (year, number + 1)
    calendar = calendar_of(book.contract, following[0])
    return business_day(*following, CLOSING_DAY, holidays_of(book.contract, calendar))


def require_due(book: Book, month: str, now: int) -> Interval:
    """The month's period. Raises Refused before the closing day."""
    period = period_of(book.contract.zone, month)
    day = closing_day(book, month)
    first = midnight(day, ZoneInfo(book.contract.zone))
    if now < first:
        over = "it is not over" if now < period[1] else "late data are taken until then"
        raise Refused(
            f"{month} cannot be closed before {day.isoformat()}",
            where=book.customer.id,
            why=f"{over}, and that is the third business day after it",
            mend=f"operator sla status {book.customer.id} shows it so far; close it on {day.isoformat()}",
        )
    return period


def require_data(book: Book, period: Interval, ends: Mapping[str, int], accept_missing: bool) -> None:
    """Raises Refused when a check's timeline ends before the month does, unless its silence is accepted as UNKNOWN."""
    term = term_of(book.contract)
    until = min(period[1], term[1])
    if accept_missing or until <= max(period[0], term[0]):
        return
    names = sorted({one.check for service in book.contract.services for one in service.checks})
    short = [(name, ends.get(name)) for name in names if ends.get(name, 0) < until]
    if not short:
        return
    zone = ZoneInfo(book.contract.zone)
    told = [f"{name} {_reached(end, zone)}" for name, end in short[:5]]
    more = f" and {len(short) - 5} more" if len(short) > 5 else ""
    raise Refused(
        f"data of {len(short)} check{'s are' if len(short) > 1 else ' is'} still due",
        where=book.customer.id,
        why=", ".join(told) + more,
        mend="bring the data in (operator sla import), or give --accept-missing: then that time is UNKNOWN",
    )


def _reached(end: int | None, zone: ZoneInfo) -> str:
    return (
        "has none at all"
        if end is None
        else f"reaches to {datetime.fromtimestamp(end, UTC).astimezone(zone):%Y-%m-%d %H:%M}"
    )
