"""Spans as they are kept: with how many samples they rest on and what began them."""

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from dure.sla.checks import CheckTimeline
from dure.sla.samples import Sample, distinct
from dure.sla.states import State


class Beginning(StrEnum):
    """What a span begins with: a sample, a sample that a confirmed outage covers, or silence."""

    SAMPLE = "sample"
    OUTAGE = "outage"
    SILENCE = "silence"


@dataclass(frozen=True, slots=True)
class SpanRecord:
    """[start, end) in a state, the number of samples in it, and what it begins with."""

    start: int
    end: int
    state: State
    samples: int
    beginning: Beginning


def span_records(check: CheckTimeline, samples: Iterable[Sample]) -> tuple[SpanRecord, ...]:
    """The records of a check's timeline; `samples` are those it was made from, in any order, repeated or not."""
    times = [one.ts for one in distinct(samples)[0]]
    starts = {one.start for one in check.outages}
    found = []
    for span in check.spans:
        first, after = bisect_left(times, span.start), bisect_left(times, span.end)
        if span.start in starts:
            beginning = Beginning.OUTAGE
        elif first < after and times[first] == span.start:
            beginning = Beginning.SAMPLE
        else:
            beginning = Beginning.SILENCE
        found.append(SpanRecord(span.start, span.end, span.state, after - first, beginning))
    return tuple(found)
