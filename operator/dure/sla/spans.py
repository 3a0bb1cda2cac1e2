"""A timeline: sorted, disjoint spans of seconds with one state each."""

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple

from dure.sla.faults import Overlap, ReversedInterval
from dure.sla.intervals import Interval, Intervals
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
    found: list[Span] = []
    i = j = 0
    while i < len(spans) and j < len(parts):
        start, end = max(spans[i].start, parts[j][0]), min(spans[i].end, parts[j][1])
        if start < end:
            found.append(Span(start, end, spans[i].state))
        if spans[i].end <= parts[j][1]:
            i += 1
        else:
            j += 1
    return tuple(found)


def seconds_by_state(spans: Iterable[Span]) -> dict[State, int]:
    """Seconds in each of the four states."""
    found = dict.fromkeys(State, 0)
    for span in spans:
        found[span.state] += span.end - span.start
    return found
