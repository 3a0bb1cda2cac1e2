"""One check's timeline: its samples, confirmed, with its silence judged by who was silent."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from dure.sla.confirmation import Confirmation, Confirmed, Outage, confirm
from dure.sla.faults import BadRule
from dure.sla.intervals import Interval, Intervals, difference, intersection, union
from dure.sla.samples import Sample, Segment, segments
from dure.sla.spans import Span, Spans, merged
from dure.sla.states import State


class Mode(StrEnum):
    """Who speaks first: we ask (`pull`), or an agent reports (`push`)."""

    PULL = "pull"
    PUSH = "push"


@dataclass(frozen=True, slots=True)
class CheckRule:
    """How often the check speaks (seconds), how it is confirmed, and what its silence means."""

    interval: int = 60
    confirmation: Confirmation = field(default_factory=Confirmation)
    mode: Mode = Mode.PULL

    def __post_init__(self) -> None:
        if self.interval < 1:
            raise BadRule(f"the interval is {self.interval} s")


@dataclass(frozen=True, slots=True)
class CheckTimeline:
    """A check's confirmed spans, its outages, and its DOWN samples that were never confirmed."""

    spans: Spans
    outages: tuple[Outage, ...] = ()
    blips: tuple[int, ...] = ()


def check_timeline(
    samples: Iterable[Sample], rule: CheckRule, collector_dead: Iterable[Interval], until: int
) -> CheckTimeline:
    """Samples in any order, repeated or not, to the check's timeline; silence is judged up to `until`.

    Silence of a `pull` check is UNKNOWN. Silence of a `push` check is DOWN while the collector lived, because then it
    was the box that did not speak, and UNKNOWN while it did not. Raises FutureSample.
    """
    covered = segments(samples, rule.interval, until)
    confirmed = confirm(covered, rule.confirmation)
    dead = union(collector_dead)
    found: list[Span] = []
    for segment, state in zip(covered, _states(covered, confirmed), strict=True):
        found.append(Span(segment.ts, segment.end, state))
        if segment.gap:
            found += _silence((segment.end, segment.silent_until), rule.mode, dead)
    return CheckTimeline(merged(found), confirmed.outages, confirmed.blips)


def _states(covered: Sequence[Segment], confirmed: Confirmed) -> Iterable[State]:
    """The confirmed state of each segment: DOWN within an outage, a blip UP, UNKNOWN always itself."""
    waiting = iter(confirmed.outages)
    outage = next(waiting, None)
    for segment in covered:
        while outage is not None and outage.end is not None and outage.end <= segment.ts:
            outage = next(waiting, None)
        if segment.state is State.UNKNOWN:
            yield State.UNKNOWN
        elif outage is not None and outage.start <= segment.ts:
            yield State.DOWN
        elif segment.state is State.DOWN:
            yield State.UP
        else:
            yield segment.state


def _silence(gap: Interval, mode: Mode, dead: Intervals) -> list[Span]:
    if mode is Mode.PULL:
        return [Span(*gap, State.UNKNOWN)]
    unknown = [Span(*part, State.UNKNOWN) for part in intersection((gap,), dead)]
    down = [Span(*part, State.DOWN) for part in difference((gap,), dead)]
    return sorted(unknown + down)
