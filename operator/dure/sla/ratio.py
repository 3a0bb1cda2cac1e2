"""Availability, its bounds and the coverage as exact fractions; floored only where they are shown."""

from dataclasses import dataclass
from fractions import Fraction

from dure.sla.classes import Seconds
from dure.sla.faults import BadRule

ZERO, ONE = Fraction(0), Fraction(1)


@dataclass(frozen=True, slots=True)
class Ratio:
    """`bad` = DOWN + w·DEGRADED seconds. A fraction is None where its denominator is 0."""

    bad: Fraction
    known: int
    ast: int
    availability: Fraction | None
    lower: Fraction | None
    upper: Fraction | None
    coverage: Fraction | None


def share(part: Fraction | int, whole: int) -> Fraction | None:
    """part / whole; None of nothing."""
    return Fraction(part) / whole if whole else None


def ratio(seconds: Seconds, degraded_weight: Fraction = ZERO) -> Ratio:
    """The figures of one service and period. `degraded_weight` is 0 to 1. Raises BadRule."""
    if not ZERO <= degraded_weight <= ONE:
        raise BadRule(f"the weight of degraded seconds is {degraded_weight}, not 0 to 1")
    bad = seconds.down + degraded_weight * seconds.degraded
    known, ast, unknown = seconds.known, seconds.ast, seconds.unknown
    return Ratio(
        bad=bad,
        known=known,
        ast=ast,
        availability=share(known - bad, known),
        lower=share(ast - bad - unknown, ast),
        upper=share(ast - bad, ast),
        coverage=share(known, ast),
    )


def percent(fraction: Fraction, places: int = 3) -> str:
    """The fraction in percent, floored: never half-up, so never 100.000 with a second of downtime."""
    scaled = fraction.numerator * 100 * 10**places // fraction.denominator
    sign, scaled = ("-", -scaled) if scaled < 0 else ("", scaled)
    whole, rest = divmod(scaled, 10**places)
    return f"{sign}{whole}.{rest:0{places}}" if places else f"{sign}{whole}"


def from_percent(text: str) -> Fraction:
    """A decimal such as 99.9 in percent as an exact fraction, 999/1000. Raises ValueError."""
    return Fraction(text) / 100
