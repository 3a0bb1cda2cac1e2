"""Sets of seconds as sorted, disjoint, half-open intervals: union, intersection, difference, length."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from operator import itemgetter

from dure.sla.faults import ReversedInterval

Interval = tuple[int, int]
Intervals = tuple[Interval, ...]


def interval(start: int, end: int) -> Interval:
    """[start, end). Raises ReversedInterval when it would hold no second."""
    if start >= end:
        raise ReversedInterval(f"[{start}, {end}) holds no second")
    return (start, end)


def union(parts: Iterable[Interval]) -> Intervals:
    """The seconds that lie in any of them; parts that touch become one, empty ones vanish."""
    merged: list[Interval] = []
    for start, end in sorted(parts):
        if start >= end:
            continue
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((start, end))
    return tuple(merged)


def intersection(left: Sequence[Interval], right: Sequence[Interval]) -> Intervals:
    """The seconds that lie in both; both are sorted and disjoint."""
    if not left or not right:
        return ()
    found: list[Interval] = []
    i, j = from_second(left, right[0][0]), from_second(right, left[0][0])
    (start, end), (other_start, other_end) = left[i], right[j]
    while True:
        low, high = max(start, other_start), min(end, other_end)
        if low < high:
            found.append((low, high))
        if end <= other_end:
            i += 1
            if i == len(left):
                break
            start, end = left[i]
        else:
            j += 1
            if j == len(right):
                break
            other_start, other_end = right[j]
    return tuple(found)


def from_second(parts: Sequence[tuple[int, *tuple[object, ...]]], second: int) -> int:
    """Where to begin in sorted, disjoint parts: none that stands before has that second or a later one.

    Mostly a month is cut to one incident, and looking through it from its start would take all the time.
    """
    return max(bisect_right(parts, second, key=itemgetter(0)) - 1, 0)


def difference(left: Sequence[Interval], right: Sequence[Interval]) -> Intervals:
    """The seconds of `left` that are not in `right`; both are sorted and disjoint."""
    found: list[Interval] = []
    j = 0
    for start, end in left:
        while j < len(right) and right[j][1] <= start:
            j += 1
        at, k = start, j
        while k < len(right) and right[k][0] < end:
            if at < right[k][0]:
                found.append((at, right[k][0]))
            at = max(at, right[k][1])
            k += 1
        if at < end:
            found.append((at, end))
    return tuple(found)


def length(parts: Iterable[Interval]) -> int:
    """Seconds in disjoint intervals."""
    return sum(end - start for start, end in parts)


def first(parts: Sequence[Interval], seconds: int) -> Intervals:
    """The earliest that many seconds of sorted, disjoint intervals."""
    kept: list[Interval] = []
    for start, end in parts:
        if seconds <= 0:
            break
        kept.append((start, min(end, start + seconds)))
        seconds -= end - start
    return tuple(kept)


def last(parts: Sequence[Interval], seconds: int) -> Intervals:
    """The latest that many seconds of sorted, disjoint intervals."""
    mirrored = first([(-end, -start) for start, end in reversed(parts)], seconds)
    return tuple((-end, -start) for start, end in reversed(mirrored))
