"""The seconds that may be bad without missing the target, and how many are left."""

from dataclasses import dataclass
from fractions import Fraction

from dure.sla.ratio import Ratio
from dure.sla.verdict import MIN_COVERAGE, checked_target


@dataclass(frozen=True, slots=True)
class Budget:
    """Seconds: all that the period allows, and those spent."""

    total: Fraction
    spent: Fraction

    @property
    def left(self) -> Fraction:
        """Negative when overspent."""
        return self.total - self.spent

    @property
    def left_share(self) -> Fraction | None:
        """Part of the budget that is left; None when there was none."""
        return self.left / self.total if self.total else None


def budget(ast: int, target: Fraction, spent: Fraction | int = 0) -> Budget:
    """(1 − target) of the agreed seconds of the full period. Raises BadRule for a target such as 100 %."""
    return Budget((1 - checked_target(target)) * ast, Fraction(spent))


def projected(figures: Ratio, ast: int, min_coverage: Fraction = MIN_COVERAGE) -> Fraction | None:
    """Bad seconds at the period's end when it goes on as in the known seconds so far; None: too little is known."""
    if not is_known(figures, min_coverage):
        return None
    return figures.bad * ast / figures.known


def is_known(figures: Ratio, min_coverage: Fraction = MIN_COVERAGE) -> bool:
    """Enough was measured to tell what is left of a budget."""
    return figures.known > 0 and figures.coverage is not None and figures.coverage >= min_coverage


def seconds_until_empty(state: Budget, rate: Fraction, target: Fraction) -> Fraction | None:
    """Agreed seconds until the budget is gone at a burn rate; None when it does not burn; 0 when it is gone."""
    if state.left <= 0:
        return Fraction(0)
    return state.left / (rate * (1 - target)) if rate > 0 else None
