"""A target that the measurement can prove: the budget of the shortest month holds at least ten intervals."""

from collections.abc import Iterable
from fractions import Fraction

from dure.sla.verdict import checked_target

INTERVALS = 10
SHORTEST_MONTH = 28 * 86400


def is_admissible(target: Fraction, ast_min_month: int, interval: int) -> bool:
    """(1 − target) of the least agreed seconds of any month is at least ten intervals. Raises BadRule at 100 %."""
    return (1 - checked_target(target)) * ast_min_month >= INTERVALS * interval


def highest_admissible(ast_min_month: int, interval: int) -> Fraction | None:
    """The highest target that can be proved; None when a month is too short for any."""
    if ast_min_month <= INTERVALS * interval:
        return None
    return 1 - Fraction(INTERVALS * interval, ast_min_month)


def least(months: Iterable[int]) -> int:
    """The least agreed seconds among months; 28 days when none is told."""
    return min(months, default=SHORTEST_MONTH)
