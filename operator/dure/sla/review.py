"""The quarterly review of one indicator: tighten it, watch it, retire it, bring it back, or plan to mend it.

Reviews propose; a change takes effect on the first day of the next period, never backwards, with both approvals.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from dure.sla.indicators.catalogue import Better

MONTHS = 6
TRIAL_MONTHS = 2
LEAST_HEADROOM = Fraction(1, 2)
LEAST_COVERAGE = Fraction(95, 100)
NEVER_MET = 4
GRID = tuple(Fraction(step) / 100 for step in ("99.0", "99.5", "99.7", "99.9", "99.95"))


class Stage(StrEnum):
    """candidate and trial are measured and not scored, active is scored, watch is measured, retired is history."""

    CANDIDATE = "candidate"
    TRIAL = "trial"
    ACTIVE = "active"
    WATCH = "watch"
    RETIRED = "retired"


class Step(StrEnum):
    """What a review proposes."""

    KEEP = "keep"
    TIGHTEN = "tighten"
    WATCH = "watch"
    RETIRE = "retire"
    REACTIVATE = "reactivate"
    IMPROVE = "improve"
    READY = "ready"


@dataclass(frozen=True, slots=True)
class MonthResult:
    """One complete month. `tagged`: a severity 1-2 incident or a complaint names this indicator.

    `value` and `met` are None when nothing was measured.
    """

    value: Fraction | None
    met: bool | None
    coverage: Fraction
    tagged: bool = False


@dataclass(frozen=True, slots=True)
class Standing:
    """An indicator of one customer. `months` are complete ones since it entered its stage, the oldest first."""

    stage: Stage
    better: Better
    target: Fraction
    best: Fraction
    protected: bool
    months: tuple[MonthResult, ...]


@dataclass(frozen=True, slots=True)
class Proposal:
    """The step, its reason, and the new target where there is one."""

    step: Step
    reason: str
    target: Fraction | None = None


def headroom(value: Fraction, target: Fraction, best: Fraction, better: Better) -> Fraction:
    """How much of the way from the target to the best possible is used: 0 at the target, 1 at the best.

    A count has (target − value) / target. Where the target is the best there is no room: 0.
    """
    if better is Better.COUNT:
        return (target - value) / target if target else Fraction(0)
    return (value - target) / (best - target) if best != target else Fraction(0)


def is_saturated(standing: Standing) -> bool:
    """The last six complete months were all met with half the headroom and full coverage, and nothing is tagged.

    Missing data never saturates.
    """
    recent = standing.months[-MONTHS:]
    if len(recent) < MONTHS:
        return False
    return all(_is_easy(one, standing) for one in recent)


def _is_easy(month: MonthResult, standing: Standing) -> bool:
    if month.value is None or month.met is not True or month.tagged or month.coverage < LEAST_COVERAGE:
        return False
    return headroom(month.value, standing.target, standing.best, standing.better) >= LEAST_HEADROOM


def is_never_met(months: Sequence[MonthResult]) -> bool:
    """At least four of the last six months were missed."""
    return sum(one.met is False for one in months[-MONTHS:]) >= NEVER_MET


def tightened(target: Fraction, worst: Fraction, is_admissible: Callable[[Fraction], bool]) -> Fraction | None:
    """The largest step of the grid above the target, at most half-way to the worst month, that can be proved."""
    half_way = target + (worst - target) / 2
    steps = [step for step in GRID if target < step <= half_way and is_admissible(step)]
    return max(steps, default=None)


def review(standing: Standing, is_admissible: Callable[[Fraction], bool]) -> Proposal:
    """What to do with the indicator next quarter. `is_admissible` says whether a tighter target can be proved."""
    if standing.stage is Stage.ACTIVE:
        return _review_active(standing, is_admissible)
    if standing.stage is Stage.WATCH:
        return _review_watch(standing.months)
    if standing.stage is Stage.TRIAL:
        complete = sum(one.value is not None and one.coverage >= LEAST_COVERAGE for one in standing.months)
        if complete >= TRIAL_MONTHS:
            return Proposal(Step.READY, f"measured for {complete} full months")
        return Proposal(Step.KEEP, f"measured for {complete} of {TRIAL_MONTHS} full months")
    return Proposal(Step.KEEP, f"it is {standing.stage.value}")


def _review_active(standing: Standing, is_admissible: Callable[[Fraction], bool]) -> Proposal:
    if is_never_met(standing.months):
        return Proposal(Step.IMPROVE, f"missed in at least {NEVER_MET} of {MONTHS} months: a plan within 30 days")
    if not is_saturated(standing):
        return Proposal(Step.KEEP, "it still tells something")
    if not standing.protected:
        return Proposal(Step.WATCH, f"met with ease for {MONTHS} months")
    if standing.better is Better.HIGHER:
        worst = min(one.value for one in standing.months[-MONTHS:] if one.value is not None)
        step = tightened(standing.target, worst, is_admissible)
        if step is not None:
            return Proposal(Step.TIGHTEN, f"met with ease for {MONTHS} months, and protected", step)
    return Proposal(Step.WATCH, f"met with ease for {MONTHS} months, and no tighter step can be proved")


def _review_watch(months: Sequence[MonthResult]) -> Proposal:
    if months and any(one.met is False for one in months):
        return Proposal(Step.REACTIVATE, "missed while it was watched: active from next month")
    if len(months) >= MONTHS and all(one.met for one in months[-MONTHS:]):
        return Proposal(Step.RETIRE, f"{MONTHS} clean months of watch")
    return Proposal(Step.KEEP, f"watched for {len(months)} of {MONTHS} months")
