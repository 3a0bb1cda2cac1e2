"""Late data meet what is known already: second by second the worse state wins, and what nobody knew yields.

The result does not depend on the order in which the data come, nor on how often.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from dure.sla.spans import Span, Spans, merged
from dure.sla.states import BADNESS, State

# UNKNOWN is below UP here: silence is no evidence against what was seen.
RANK = {State.UNKNOWN: -1, State.UP: BADNESS[State.UP], State.DEGRADED: BADNESS[State.DEGRADED], State.DOWN: 3}


@dataclass(frozen=True, slots=True)
class Overlaid:
    """The timeline of both; `conflicts` are seconds in which both knew a state and the two differed."""

    spans: Spans
    conflicts: int


def overlaid(known: Sequence[Span], late: Sequence[Span]) -> Overlaid:
    """Two timelines as one."""
    found: list[Span] = []
    conflicts = 0
    for start, end, left, right in _pieces(known, late):
        state = max((one for one in (left, right) if one is not None), key=RANK.__getitem__)
        found.append(Span(start, end, state))
        if left is not right and State.UNKNOWN not in (left, right) and left is not None and right is not None:
            conflicts += end - start
    return Overlaid(merged(found), conflicts)


def _pieces(left: Sequence[Span], right: Sequence[Span]) -> Iterable[tuple[int, int, State | None, State | None]]:
    edges = sorted({edge for spans in (left, right) for span in spans for edge in (span.start, span.end)})
    i = j = 0
    for start, end in pairwise(edges):
        while i < len(left) and left[i].end <= start:
            i += 1
        while j < len(right) and right[j].end <= start:
            j += 1
        one = left[i].state if i < len(left) and left[i].start <= start else None
        other = right[j].state if j < len(right) and right[j].start <= start else None
        if one is not None or other is not None:
            yield start, end, one, other


def changed_seconds(before: Iterable[Span], after: Iterable[Span]) -> dict[State, int]:
    """State -> seconds more (or fewer); states that did not change are left out."""
    counts = dict.fromkeys(State, 0)
    for sign, spans in ((-1, before), (1, after)):
        for span in spans:
            counts[span.state] += sign * (span.end - span.start)
    return {state: count for state, count in counts.items() if count}
