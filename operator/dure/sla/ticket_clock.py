"""A ticket's clock runs in agreed hours only, and stands while the customer is asked."""

from collections.abc import Iterable, Sequence

from dure.sla.faults import BadRule
from dure.sla.intervals import Interval, Intervals, difference, intersection, length, union


def running(hours: Intervals, pauses: Iterable[Interval] = ()) -> Intervals:
    """The seconds in which the clock runs."""
    return difference(union(hours), union(pauses))


def business_seconds(hours: Intervals, start: int, end: int, pauses: Iterable[Interval] = ()) -> int:
    """Seconds on the clock from start to end; 0 when it ended before it began."""
    return length(intersection(running(hours, pauses), ((start, end),))) if start < end else 0


def due_at(hours: Intervals, start: int, limit: int, pauses: Iterable[Interval] = ()) -> int | None:
    """The second at which `limit` seconds are over; None when the hours given do not reach so far."""
    if limit < 0:
        raise BadRule(f"a limit of {limit} s is negative")
    left = limit
    for begin, end in running(hours, pauses):
        begin = max(begin, start)
        if begin >= end:
            continue
        if left <= end - begin:
            return begin + left
        left -= end - begin
    return None


def in_time(hours: Intervals, start: int, done: int, limit: int, pauses: Sequence[Interval] = ()) -> bool:
    """It was done with at most `limit` seconds on the clock."""
    return business_seconds(hours, start, done, pauses) <= limit
