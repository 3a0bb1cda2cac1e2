"""Samples of one check to segments: which state covers which seconds, and where there is silence.

A sample covers [ts, ts + interval). When the next one arrives within hold = 2.5 intervals, the state is held to it,
so that one lost sample is bridged; a longer silence is a gap that starts at ts + interval.
"""

from collections.abc import Iterable
from typing import NamedTuple

from dure.sla.faults import FutureSample
from dure.sla.states import BADNESS, State


class Sample(NamedTuple):
    """What a check found at `ts`."""

    ts: int
    state: State


class Segment(NamedTuple):
    """A sample with the seconds [ts, end) that it covers, and the silence [end, silent_until) after it."""

    ts: int
    state: State
    end: int
    silent_until: int

    @property
    def gap(self) -> bool:
        """Silence follows that was longer than the hold."""
        return self.end < self.silent_until


def distinct(samples: Iterable[Sample]) -> tuple[tuple[Sample, ...], int]:
    """One sample a second, in order, and how many seconds had samples that disagreed: there the worst state wins.

    The result depends neither on the order nor on repetitions.
    """
    kept: dict[int, State] = {}
    conflicts: set[int] = set()
    for ts, state in samples:
        known = kept.setdefault(ts, state)
        if known is not state:
            conflicts.add(ts)
            if BADNESS[state] > BADNESS[known]:
                kept[ts] = state
    return tuple(Sample(ts, kept[ts]) for ts in sorted(kept)), len(conflicts)


def is_silence(start: int, end: int, interval: int) -> bool:
    """No sample came for longer than 2.5 intervals; in whole seconds, so that 150 s of 60 s are still held."""
    return 2 * (end - start) > 5 * interval


def provisional_from(now: int, interval: int) -> int:
    """The first second that a live view must mark: what follows `now` less the hold may still turn out as a gap."""
    return now - 5 * interval // 2


def segments(samples: Iterable[Sample], interval: int, until: int) -> tuple[Segment, ...]:
    """The samples' coverage; silence after the last one is judged up to `until`.

    Raises FutureSample when a sample is later than `until`.
    """
    ordered, _ = distinct(samples)
    if ordered and ordered[-1].ts > until:
        raise FutureSample(f"the sample at {ordered[-1].ts} is later than {until}, up to which silence is judged")
    nexts = [*(sample.ts for sample in ordered[1:]), until][: len(ordered)]
    found = []
    for (ts, state), following in zip(ordered, nexts, strict=True):
        if is_silence(ts, following, interval):
            found.append(Segment(ts, state, ts + interval, following))
        else:
            found.append(Segment(ts, state, following, following))
    return tuple(found)
