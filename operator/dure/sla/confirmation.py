"""N of M confirmation of an outage, R for recovery, both back-dated.

An outage opens when at least N of the last M conclusive samples are DOWN; it starts at the earliest DOWN among them.
It closes when R conclusive samples in a row are not DOWN; it ends at the first of those. A sample of UNKNOWN neither
confirms nor recovers. A gap empties the window and breaks a recovery; an open outage stays open across it.
"""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass

from dure.sla.faults import BadRule
from dure.sla.intervals import Interval
from dure.sla.samples import Segment
from dure.sla.states import State


@dataclass(frozen=True, slots=True)
class Confirmation:
    """At least `n` of the last `m` samples open an outage, `r` good ones in a row close it."""

    n: int = 2
    m: int = 3
    r: int = 2

    def __post_init__(self) -> None:
        if not 1 <= self.n <= self.m:
            raise BadRule(f"n is {self.n} of m {self.m}, so that no outage or every second would be one")
        if self.r < 1:
            raise BadRule(f"r is {self.r}, but a recovery needs a good sample")


@dataclass(frozen=True, slots=True)
class Outage:
    """Start and end back-dated; `detected` and `recovered` are the samples that confirmed. None: still open."""

    start: int
    detected: int
    end: int | None
    recovered: int | None


@dataclass(frozen=True, slots=True)
class Confirmed:
    """The outages in order, and the DOWN samples (by their time) that none of them contains."""

    outages: tuple[Outage, ...]
    blips: tuple[int, ...]


def confirm(segments: Iterable[Segment], rule: Confirmation) -> Confirmed:
    """Outages and blips of a check's segments, which are in order."""
    outages: list[Outage] = []
    down: list[int] = []
    window: deque[tuple[int, bool]] = deque(maxlen=rule.m)
    opened: Interval | None = None
    run: list[int] = []
    for segment in segments:
        if segment.state is not State.UNKNOWN:
            bad = segment.state is State.DOWN
            if bad:
                down.append(segment.ts)
            if opened is None:
                window.append((segment.ts, bad))
                opened = _opening(window, rule.n)
                run = []
            else:
                run = [] if bad else [*run, segment.ts]
                if len(run) == rule.r:
                    outages.append(Outage(opened[0], opened[1], run[0], segment.ts))
                    # What led to the outage must not open another one: only the recovery is remembered.
                    window = deque(((ts, False) for ts in run), maxlen=rule.m)
                    opened = None
        if segment.gap:
            window.clear()
            run = []
    if opened is not None:
        outages.append(Outage(opened[0], opened[1], None, None))
    return Confirmed(tuple(outages), _outside(down, outages))


def _opening(window: Iterable[tuple[int, bool]], n: int) -> Interval | None:
    """(start, detected) when the window confirms an outage."""
    bad = [ts for ts, is_bad in window if is_bad]
    return (bad[0], bad[-1]) if len(bad) >= n else None


def _outside(down: list[int], outages: list[Outage]) -> tuple[int, ...]:
    blips = []
    waiting = iter(outages)
    outage = next(waiting, None)
    for ts in down:
        while outage is not None and outage.end is not None and outage.end <= ts:
            outage = next(waiting, None)
        if outage is None or ts < outage.start:
            blips.append(ts)
    return tuple(blips)
