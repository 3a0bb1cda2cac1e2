"""Outages of one service that belong together are one incident."""

from collections.abc import Iterable
from dataclasses import dataclass

from dure.sla.intervals import Interval
from dure.sla.spans import Span, where
from dure.sla.states import State

MERGE_GAP = 300


@dataclass(frozen=True, slots=True)
class Incident:
    """The envelope [start, end) of its outages, and the seconds of downtime in it."""

    start: int
    end: int
    down: int

    @property
    def elapsed(self) -> int:
        return self.end - self.start


def incidents(service: Iterable[Span], merge_gap: int = MERGE_GAP) -> tuple[Incident, ...]:
    """DOWN spans at most `merge_gap` seconds apart are one incident."""
    found: list[Incident] = []
    for start, end in where(service, State.DOWN):
        if found and start - found[-1].end <= merge_gap:
            found[-1] = Incident(found[-1].start, end, found[-1].down + end - start)
        else:
            found.append(Incident(start, end, end - start))
    return tuple(found)


def started_in(found: Iterable[Incident], period: Interval) -> tuple[Incident, ...]:
    """The incidents that count in the period: an incident counts once, where it starts; its seconds are split."""
    return tuple(one for one in found if period[0] <= one.start < period[1])
