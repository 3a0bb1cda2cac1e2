"""Agreed service hours: weekly local intervals, holidays, and days that open or close by exception."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, tzinfo
from types import MappingProxyType

from dure.sla.faults import SlaError
from dure.sla.intervals import Interval, Intervals, intersection, union
from dure.sla.periods import days_of, midnight

DAY = 86400


@dataclass(frozen=True, slots=True)
class WeeklyHours:
    """`open` are seconds since local midnight, on `days` (Monday 0) that are no holiday.

    `exceptions` tell a date's own intervals, whatever weekday or holiday it is; an empty tuple closes it.
    """

    days: frozenset[int]
    open: tuple[Interval, ...]
    holidays: frozenset[date] = frozenset()
    exceptions: Mapping[date, tuple[Interval, ...]] = field(default_factory=lambda: MappingProxyType({}))

    def on(self, day: date) -> tuple[Interval, ...]:
        """That date's open intervals in seconds since local midnight."""
        if day in self.exceptions:
            return self.exceptions[day]
        return self.open if day.weekday() in self.days and day not in self.holidays else ()


def clock(text: str) -> int:
    """Seconds since midnight of a time written 09:00; 24:00 is the end of the day. Raises SlaError."""
    hour, colon, minute = text.partition(":")
    if not (colon and len(hour) == len(minute) == 2 and (hour + minute).isascii() and (hour + minute).isdigit()):
        raise SlaError(f"{text!r} is not a time such as 09:00")
    seconds = int(hour) * 3600 + int(minute) * 60
    if int(minute) > 59 or seconds > DAY:
        raise SlaError(f"{text!r} is no time of a day")
    return seconds


def instant(day: date, seconds: int, zone: tzinfo) -> int:
    """The second at which the local clock shows that time of that day.

    A time that the clock skips or shows twice is read by the offset before the change.
    """
    if seconds == DAY:
        return midnight(day + timedelta(days=1), zone)
    local = datetime(day.year, day.month, day.day, seconds // 3600, seconds // 60 % 60, seconds % 60, tzinfo=zone)
    return int(local.timestamp())


def open_seconds(hours: WeeklyHours, period: Interval, zone: tzinfo) -> Intervals:
    """The seconds of the period in which the service was agreed to work."""
    found = [
        (instant(day, start, zone), instant(day, end, zone))
        for day in days_of(period, zone)
        for start, end in hours.on(day)
    ]
    return intersection(union(found), (period,))


def business_hours(holidays: Collection[date] = ()) -> WeeklyHours:
    """Monday to Friday 09:00 to 18:00, as Korean offices keep them."""
    return WeeklyHours(frozenset(range(5)), ((9 * 3600, 18 * 3600),), frozenset(holidays))
