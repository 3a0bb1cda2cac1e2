"""An indicator's value with the number of things that it rests on, or why there is none."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from dure.sla.faults import SlaError

HUNDRED = Fraction(100)


class Lacking(StrEnum):
    """Why there is no value."""

    NOTHING = "nothing to judge"
    TOO_FEW = "too few to judge"
    NO_CAUSE = "no cause on record"


@dataclass(frozen=True, slots=True)
class Measure:
    """`value` is exact, in the indicator's unit; `part` of `whole` things are what it rests on."""

    value: Fraction | None
    part: int
    whole: int
    lacking: Lacking | None = None


def rate(part: int, whole: int) -> Measure:
    """part of whole in percent; of nothing there is no rate. Raises SlaError where the part is larger."""
    if not 0 <= part <= whole:
        raise SlaError(f"{part} of {whole} is no part")
    if whole == 0:
        return Measure(None, 0, 0, Lacking.NOTHING)
    return Measure(HUNDRED * part / whole, part, whole)


def rate_of(judged: Collection[bool]) -> Measure:
    """The share of True in percent."""
    return rate(sum(judged), len(judged))


def number(count: int) -> Measure:
    """A count; 0 is a value."""
    return Measure(Fraction(count), count, count)


def mean_of(values: Iterable[Fraction | int]) -> Measure:
    """The exact mean; none of nothing."""
    every = list(values)
    if not every:
        return Measure(None, 0, 0, Lacking.NOTHING)
    return Measure(Fraction(sum(every)) / len(every), len(every), len(every))
