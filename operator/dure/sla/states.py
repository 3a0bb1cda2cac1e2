"""The four states of a check or a service, and which of two is worse."""

from collections.abc import Iterable
from enum import StrEnum


class State(StrEnum):
    """What is known of a second: UP, DEGRADED, DOWN, or UNKNOWN when nothing is."""

    UP = "UP"
    DEGRADED = "DEGRADED"
    UNKNOWN = "UNKNOWN"
    DOWN = "DOWN"


BADNESS = {State.UP: 0, State.DEGRADED: 1, State.UNKNOWN: 2, State.DOWN: 3}


def worst(states: Iterable[State]) -> State:
    """The worst of samples that claim the same second: DOWN, UNKNOWN, DEGRADED, UP in this order."""
    return max(states, key=BADNESS.__getitem__)
