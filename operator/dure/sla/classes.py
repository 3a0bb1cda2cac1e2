"""Every second of a period falls in exactly one class; the classes sum to the period.

Priority: not monitored (no contract), out of hours, maintenance, excluded, and then the service's state.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from dure.sla.intervals import Interval, Intervals, difference, intersection, length, union
from dure.sla.maintenance import MaintenanceMode
from dure.sla.spans import Spans, seconds_by_state, within
from dure.sla.states import State


@dataclass(frozen=True, slots=True)
class Seconds:
    """Seconds per class; `ast` is the agreed service time, up + degraded + down + unknown.

    In the modes as_up and ignore `maintenance` is a memo: its seconds are also in ast.
    """

    period: int
    not_monitored: int
    out_of_hours: int
    maintenance: int
    excluded: int
    ast: int
    up: int
    degraded: int
    down: int
    unknown: int

    @property
    def known(self) -> int:
        """Agreed seconds of which the state is known."""
        return self.ast - self.unknown


@dataclass(frozen=True, slots=True)
class Masks:
    """The disjoint parts of a period by class, as sets of seconds."""

    period: Interval
    not_monitored: Intervals
    out_of_hours: Intervals
    maintenance: Intervals
    excluded: Intervals
    ast: Intervals


def masks(
    period: Interval,
    contract: Interval | None,
    hours: Intervals | None,
    maintenance: Intervals,
    exclusions: Sequence[Interval],
    mode: MaintenanceMode,
) -> Masks:
    """The period's parts. `hours` None: round the clock; `maintenance` are the seconds in which it counts."""
    whole = (period,)
    monitored = whole if contract is None else intersection(whole, (contract,))
    agreed = monitored if hours is None else intersection(monitored, union(hours))
    worked_on = intersection(agreed, maintenance)
    excluded = intersection(difference(agreed, worked_on), union(exclusions))
    ast = difference(agreed, excluded)
    if mode is MaintenanceMode.EXCLUDE:
        ast = difference(ast, worked_on)
    return Masks(
        period=period,
        not_monitored=difference(whole, monitored),
        out_of_hours=difference(monitored, agreed),
        maintenance=worked_on,
        excluded=excluded,
        ast=ast,
    )


def classify(service: Spans, parts: Masks, mode: MaintenanceMode) -> Seconds:
    """Seconds per class of a service's timeline; where it does not reach, the state is UNKNOWN."""
    as_up = parts.maintenance if mode is MaintenanceMode.AS_UP else ()
    judged = difference(parts.ast, as_up)
    by_state = seconds_by_state(within(service, judged))
    ast = length(parts.ast)
    up = by_state[State.UP] + ast - length(judged)
    return Seconds(
        period=length((parts.period,)),
        not_monitored=length(parts.not_monitored),
        out_of_hours=length(parts.out_of_hours),
        maintenance=length(parts.maintenance),
        excluded=length(parts.excluded),
        ast=ast,
        up=up,
        degraded=by_state[State.DEGRADED],
        down=by_state[State.DOWN],
        unknown=ast - up - by_state[State.DEGRADED] - by_state[State.DOWN],
    )
