"""Where each indicator of a customer stands in a month: the contract, and every agreed review since."""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from dure.model.promise.agreement import IndicatorReview, ReviewedIndicator
from dure.model.promise.contract import Contract
from dure.model.promise.terms import ScoredIndicator, default_target, scored, zone_of
from dure.sla.indicators.catalogue import CATALOGUE, Indicator
from dure.sla.periods import month, parsed_month
from dure.sla.review import Stage

STAGES = {
    "tighten": Stage.ACTIVE,
    "retarget": Stage.ACTIVE,
    "reactivate": Stage.ACTIVE,
    "promote": Stage.ACTIVE,
    "watch": Stage.WATCH,
    "retire": Stage.RETIRED,
}


@dataclass(frozen=True, slots=True)
class Position:
    """`target` is in the indicator's unit, also where it is not scored; None: the tier offers none.

    `since` is the month that it entered its stage in, empty: with the contract.
    """

    indicator: Indicator
    stage: Stage
    target: Fraction | None
    since: str = ""


def in_force(contract: Contract, reviews: Iterable[IndicatorReview], name: str) -> list[IndicatorReview]:
    """Reviews that count in the month, in order: agreed by two before the first month that they name began."""
    zone = zone_of(contract)
    found = []
    for one in reviews:
        agreed = one.agreed_at()
        if agreed is None or one.effective > name:
            continue
        if agreed < month(*parsed_month(one.effective), zone)[0]:
            found.append(one)
    return sorted(found, key=lambda one: (one.effective, one.quarter))


def positions(contract: Contract, reviews: Iterable[IndicatorReview], name: str) -> dict[str, Position]:
    """All thirty in that month; what is not scored is on trial until a review says otherwise."""
    found = {}
    active = {one.indicator.key: one.target for one in scored(contract)}
    for one in CATALOGUE:
        if one.key in active:
            found[one.key] = Position(one, Stage.ACTIVE, active[one.key])
        else:
            found[one.key] = Position(one, Stage.TRIAL, default_target(contract, one))
    for review in in_force(contract, reviews, name):
        for change in review.changes:
            found[change.indicator] = _changed(found[change.indicator], change, review.effective)
    return found


def _changed(before: Position, change: ReviewedIndicator, effective: str) -> Position:
    stage = STAGES[change.step]
    target = Fraction(change.after) if change.after else before.target
    # A tighter target is a new promise: only months under it say whether it is met with ease.
    return Position(before.indicator, stage, target, effective)


def scored_in(contract: Contract, reviews: Iterable[IndicatorReview], name: str) -> dict[str, ScoredIndicator]:
    """The scored indicators of that month with their targets."""
    return {
        key: ScoredIndicator(one.indicator, one.target)
        for key, one in positions(contract, reviews, name).items()
        if one.stage is Stage.ACTIVE and one.target is not None
    }
