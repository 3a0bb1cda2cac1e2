"""The seconds that may be bad without missing the target, and how many are left."""

from dataclasses import dataclass
from fractions import Fraction

from dure.sla.verdict import checked_target


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


def projected(spent: Fraction, elapsed_ast: int, ast: int) -> Fraction | None:
    """Bad seconds at the period's end when it goes on as it went so far; None before the first agreed second."""
    return spent * ast / elapsed_ast if elapsed_ast else None


def seconds_until_empty(state: Budget, rate: Fraction, target: Fraction) -> Fraction | None:
    """Agreed seconds until the budget is gone at a burn rate; None when it does not burn; 0 when it is gone."""
    if state.left <= 0:
        return Fraction(0)
    return state.left / (rate * (1 - target)) if rate > 0 else None
