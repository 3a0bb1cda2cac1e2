"""Three values of logic: what a plan does not tell yet may be so or not."""

from collections.abc import Iterable
from enum import IntEnum


class Truth(IntEnum):
    NO = 0
    MAY = 1
    YES = 2

    def negated(self) -> "Truth":
        return Truth(2 - self)


def every(values: Iterable[Truth]) -> Truth:
    """YES of nothing."""
    return min(values, default=Truth.YES)


def some(values: Iterable[Truth]) -> Truth:
    """NO of nothing."""
    return max(values, default=Truth.NO)


def truth(value: bool) -> Truth:
    return Truth.YES if value else Truth.NO
