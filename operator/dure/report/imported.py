"""What the month froze of imported lists and estimates: protected hosts, and the net benefit with its axes."""

from datetime import date
from fractions import Fraction

from pydantic import BaseModel, ConfigDict

from dure.model.words import WordPair
from dure.report.imported_parts import BenefitAxis, Hosts, NetBenefit
from dure.report.parts import Figure
from dure.sla.indicators.use import Benefit
from dure.sla.indicators.use import net_benefit as net_of
from dure.store.promise.months import CustomerMonth


class Frozen(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class FrozenList(Frozen):
    """A day in the basis of the indicator of endpoint protection."""

    day: str
    hosts: int
    sound: int
    unprotected: int
    stale: int


class FrozenLists(Frozen):
    days: list[FrozenList] = []


class FrozenAxis(Frozen):
    """An axis in the basis of the net benefit."""

    axis: str
    low: int
    likely: int
    high: int
    basis: str
    basis_en: str = ""


class FrozenBenefit(Frozen):
    axes: list[FrozenAxis] = []
    spent: int | None = None
    spent_basis: str = ""
    spent_basis_en: str = ""


def last_hosts(month: CustomerMonth) -> Hosts | None:
    """The month's last list; None: there was none."""
    basis = _basis(month, "endpoint", with_value=False)
    days = FrozenLists.model_validate_json(basis).days if basis else []
    if not days:
        return None
    last = max(days, key=lambda one: one.day)
    share = Figure.of(Fraction(last.sound, last.hosts)) if last.hosts else None
    return Hosts(**last.model_dump(exclude={"day"}), day=date.fromisoformat(last.day), share=share)


def net_benefit(month: CustomerMonth) -> NetBenefit | None:
    """The four axes and their sum less the cost; None while one of them is not told."""
    basis = _basis(month, "net_benefit", with_value=True)
    found = FrozenBenefit.model_validate_json(basis) if basis else FrozenBenefit()
    net = net_of({one.axis: Benefit(one.low, one.likely, one.high) for one in found.axes}, found.spent)
    if net is None or found.spent is None:
        return None
    return NetBenefit(
        axes=tuple(
            BenefitAxis(
                axis=one.axis,
                low=one.low,
                likely=one.likely,
                high=one.high,
                basis=WordPair(ko=one.basis, en=one.basis_en),
            )
            for one in found.axes
        ),
        spent=found.spent,
        spent_basis=WordPair(ko=found.spent_basis, en=found.spent_basis_en) if found.spent_basis else None,
        low=net.low,
        likely=net.likely,
        high=net.high,
    )


def _basis(month: CustomerMonth, key: str, *, with_value: bool) -> str:
    """What that indicator rests on; empty: nothing, or it has no value and is asked for one."""
    found = next((one for one in month.indicators if one.indicator.key == key), None)
    return "" if found is None or (with_value and found.value is None) else found.basis
