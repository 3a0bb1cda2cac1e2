"""Met, breached, or not decidable: by exact fractions, never by what is displayed."""

from enum import StrEnum
from fractions import Fraction

from dure.sla.faults import BadRule
from dure.sla.ratio import Ratio

MIN_COVERAGE = Fraction(95, 100)


class Verdict(StrEnum):
    """INDETERMINATE goes to a joint review: the seconds that nobody knows decide."""

    MET = "MET"
    BREACHED = "BREACHED"
    INDETERMINATE = "INDETERMINATE"
    INSUFFICIENT_DATA = "INSUFFICIENT_DATA"
    NOT_APPLICABLE = "N/A"


def checked_target(target: Fraction) -> Fraction:
    """The target, more than 0 and less than 1. Raises BadRule: no measurement can prove 100 %."""
    if not 0 < target < 1:
        raise BadRule(f"a target of {target * 100} % can never be proved or missed")
    return target


def verdict(figures: Ratio, target: Fraction, min_coverage: Fraction = MIN_COVERAGE) -> Verdict:
    """The verdict in this order: no agreed time, breached for certain, too little known, met for certain, open."""
    if figures.upper is None or figures.lower is None or figures.coverage is None:
        return Verdict.NOT_APPLICABLE
    if figures.upper < target:
        return Verdict.BREACHED
    if figures.coverage < min_coverage:
        return Verdict.INSUFFICIENT_DATA
    return Verdict.MET if figures.lower >= target else Verdict.INDETERMINATE
