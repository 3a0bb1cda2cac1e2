"""Civil periods in a time zone: months, days, business days. A month is never 30 days of 86,400 seconds."""

import calendar
from collections.abc import Collection
from datetime import date, datetime, timedelta, tzinfo

from dure.sla.faults import SlaError
from dure.sla.intervals import Interval


def midnight(day: date, zone: tzinfo) -> int:
    """The second at which the day begins in the zone."""
    return int(datetime(day.year, day.month, day.day, tzinfo=zone).timestamp())


def month(year: int, number: int, zone: tzinfo) -> Interval:
    """The civil month in the zone, such as June 2026 in Asia/Seoul = [1780239600, 1782831600)."""
    following = (year + 1, 1) if number == 12 else (year, number + 1)
    return midnight(date(year, number, 1), zone), midnight(date(*following, 1), zone)


def parsed_month(text: str) -> tuple[int, int]:
    """Year and number of a month written 2026-06. Raises SlaError."""
    try:
        first = date.fromisoformat(f"{text}-01")
    except ValueError as error:
        raise SlaError(f"{text!r} is not a month such as 2026-06") from error
    if not 1970 <= first.year < 9999:
        raise SlaError(f"{text!r} lies outside the years 1970 to 9998")
    return first.year, first.month


def days_of(period: Interval, zone: tzinfo) -> list[date]:
    """The local dates that the period touches, in order."""
    first = datetime.fromtimestamp(period[0], zone).date()
    last = datetime.fromtimestamp(period[1] - 1, zone).date()
    return [first + timedelta(days=offset) for offset in range((last - first).days + 1)]


def days_in_month(year: int, number: int) -> int:
    return calendar.monthrange(year, number)[1]


def is_business_day(day: date, holidays: Collection[date], weekdays: Collection[int] = range(5)) -> bool:
    """Monday to Friday unless told otherwise (Monday is 0), and no holiday."""
    return day.weekday() in weekdays and day not in holidays


def business_day(year: int, number: int, nth: int, holidays: Collection[date]) -> date:
    """The nth business day of a month, from 1, which may lie in a later month when it has not so many."""
    day, left = date(year, number, 1), nth
    while True:
        left -= is_business_day(day, holidays)
        if left <= 0:
            return day
        day += timedelta(days=1)
