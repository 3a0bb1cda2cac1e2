"""Sets of seconds as sorted, disjoint, half-open intervals: union, intersection, difference, length."""

from collections.abc import Iterable, Sequence

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
    found: list[Interval] = []
    i = j = 0
    while i < len(left) and j < len(right):
        start, end = max(left[i][0], right[j][0]), min(left[i][1], right[j][1])
        if start < end:
            found.append((start, end))
        if left[i][1] <= right[j][1]:
            i += 1
        else:
            j += 1
    return tuple(found)


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
