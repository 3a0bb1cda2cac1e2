"""What a stack costs a month: planned resources and dated prices to an estimate; pure but for reading price files."""

from dure.cost.estimation import estimate
from dure.cost.money import Rates
from dure.cost.result import Estimate, StackEstimate
from dure.cost.spending import Spending, spending_of

__all__ = ["Estimate", "Rates", "Spending", "StackEstimate", "estimate", "spending_of"]
