"""A timeline: sorted, disjoint spans of seconds with one state each."""

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple

from dure.sla.faults import Overlap, ReversedInterval
from dure.sla.intervals import Interval, Intervals, from_second
from dure.sla.states import State


class Span(NamedTuple):
    """The seconds [start, end) in one state."""

    start: int
    end: int
    state: State


Spans = tuple[Span, ...]


def merged(spans: Iterable[Span]) -> Spans:
    """Neighbours in the same state become one span; empty ones vanish. `spans` are sorted and disjoint."""
    kept: list[Span] = []
    for span in spans:
        if span.start >= span.end:
            continue
        before = kept[-1] if kept else None
        if before and before.end == span.start and before.state is span.state:
            kept[-1] = Span(before.start, span.end, span.state)
        else:
            kept.append(span)
    return tuple(kept)


def timeline(spans: Iterable[Span]) -> Spans:
    """Spans in any order as a timeline. Raises ReversedInterval, and Overlap where two claim one second."""
    ordered = sorted(spans)
    for span in ordered:
        if span.start >= span.end:
            raise ReversedInterval(f"[{span.start}, {span.end}) holds no second")
    for before, after in pairwise(ordered):
        if after.start < before.end:
            raise Overlap(f"{before.state} until {before.end} and {after.state} from {after.start} claim one second")
    return merged(ordered)


def where(spans: Iterable[Span], state: State) -> Intervals:
    """The intervals in that state."""
    return tuple((span.start, span.end) for span in spans if span.state is state)


def within(spans: Sequence[Span], parts: Sequence[Interval]) -> Spans:
    """The timeline cut to sorted, disjoint intervals."""
    if not spans or not parts:
        return ()
    found: list[Span] = []
    i, j = from_second(spans, parts[0][0]), from_second(parts, spans[0].start)
    span, (first, last) = spans[i], parts[j]
    while True:
        start, end, state = span
        if first <= start < end <= last:
            found.append(span)  # whole, and most are
        elif max(start, first) < min(end, last):
            found.append(Span(max(start, first), min(end, last), state))
        if end <= last:
            i += 1
            if i == len(spans):
                break
            span = spans[i]
        else:
            j += 1
            if j == len(parts):
                break
            first, last = parts[j]
    return tuple(found)


def seconds_by_state(spans: Iterable[Span]) -> dict[State, int]:
    """Seconds in each of the four states."""
    found = dict.fromkeys(State, 0)
    for span in spans:
        found[span.state] += span.end - span.start
    return found
