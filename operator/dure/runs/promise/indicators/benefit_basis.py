"""What the net benefit rests on: an estimate along each axis, and what the services cost."""

from fractions import Fraction
from typing import ClassVar

from dure.runs.promise.indicators.basis import Basis, Record
from dure.sla.indicators.measure import Lacking, Measure
from dure.sla.indicators.use import AXES, Benefit, net_benefit
from dure.sla.ratio import share


class AxisRecord(Record):
    """Won of a month along one axis, and in a sentence how one came to them."""

    axis: str
    low: int
    likely: int
    high: int
    basis: str
    basis_en: str


class BenefitBasis(Basis):
    """`spent` None: nobody told what the services cost."""

    SOURCE: ClassVar[str] = "benefit"
    RECORDS: ClassVar[tuple[str, ...]] = ("axes", "spent")
    axes: list[AxisRecord]
    spent: int | None
    spent_basis: str = ""
    spent_basis_en: str = ""

    def net(self) -> Benefit | None:
        """None while something is not told."""
        return net_benefit({one.axis: Benefit(one.low, one.likely, one.high) for one in self.axes}, self.spent)

    def measure(self) -> Measure:
        net = self.net()
        if net is None:
            return Measure(None, len(self.axes), len(AXES), Lacking.TOO_FEW)
        return Measure(Fraction(net.likely), len(self.axes), len(AXES))

    def coverage(self) -> Fraction | None:
        return share(len(self.axes) + (self.spent is not None), len(AXES) + 1)

    def at_best(self) -> Fraction | None:
        net = self.net()
        return None if net is None else Fraction(net.high)

    def at_worst(self) -> Fraction | None:
        net = self.net()
        return None if net is None else Fraction(net.low)
