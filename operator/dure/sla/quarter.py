"""A quarter's review of all indicators of a customer: what each is proposed for, within what a quarter may change."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from dure.sla.faults import SlaError
from dure.sla.indicators.catalogue import CONTRACTUAL, HARD_CAP, Category, Tier
from dure.sla.promotion import SWAPS, Candidate, may_provider_retire, ranked, score, swaps
from dure.sla.review import Stage, Standing, Step, review


class Held(StrEnum):
    """Why a step that the rules would allow is not proposed this quarter."""

    LIMIT = "no more than two swaps a quarter"
    LAST = "it is the last scored one of its category, and no trial could take its place"
    FEWEST = "the tier has no fewer scored indicators"
    MOST = "the tier has no more scored indicators"
    MISSED = "it was missed in the last six months"
    PROTECTED = "it is protected: watched, never retired"


@dataclass(frozen=True, slots=True)
class Subject:
    """One indicator of a customer."""

    key: str
    category: Category
    standing: Standing


@dataclass(frozen=True, slots=True)
class Finding:
    """What is proposed for an indicator; `held` says why a step became `keep`, `score` is that of a promoted one."""

    key: str
    stage: Stage
    step: Step
    reason: str
    target: Fraction | None = None
    replaces: str | None = None
    score: Fraction | None = None
    held: Held | None = None


PROMOTE = "takes a free place"


def quarter_review(
    tier: Tier,
    subjects: Sequence[Subject],
    candidates: Sequence[Candidate],
    is_admissible: Callable[[str, Fraction], bool],
) -> tuple[Finding, ...]:
    """A finding for each subject in their order. `candidates` are trials that have a target; a trial becomes scored
    only in the place of one that leaves.

    Raises SlaError when an indicator stands twice.
    """
    by_key = {one.key: one for one in subjects}
    if len(by_key) != len(subjects):
        raise SlaError("an indicator stands twice")
    found = {one.key: _alone(one, is_admissible) for one in subjects}
    _hold_back(by_key, found)
    _swap(tier, by_key, found, candidates)
    _make_room(tier, found)
    return tuple(found[one.key] for one in subjects)


def quarter_months(text: str) -> tuple[str, str, str]:
    """The months of a quarter written 2026-Q3. Raises SlaError."""
    year, mark, number = text.partition("-Q")
    if not (mark and len(year) == 4 and year.isascii() and year.isdigit() and number in ("1", "2", "3", "4")):
        raise SlaError(f"{text!r} is not a quarter such as 2026-Q3")
    first = 3 * int(number) - 2
    return f"{year}-{first:02}", f"{year}-{first + 1:02}", f"{year}-{first + 2:02}"


def quarter_of(month: str) -> str:
    """2026-Q3 of 2026-08."""
    return f"{month[:4]}-Q{(int(month[5:]) + 2) // 3}"


def _alone(one: Subject, is_admissible: Callable[[str, Fraction], bool]) -> Finding:
    proposal = review(one.standing, lambda target: is_admissible(one.key, target))
    return Finding(one.key, one.standing.stage, proposal.step, proposal.reason, proposal.target)


def _held(finding: Finding, why: Held) -> Finding:
    return Finding(finding.key, finding.stage, Step.KEEP, finding.reason, held=why)


def _hold_back(subjects: Mapping[str, Subject], found: dict[str, Finding]) -> None:
    """What was missed is not retired by the one who missed it, and what is protected is never retired."""
    for key, finding in found.items():
        standing = subjects[key].standing
        if finding.step in (Step.WATCH, Step.RETIRE) and not may_provider_retire(standing.months):
            found[key] = _held(finding, Held.MISSED)
        elif finding.step is Step.RETIRE and standing.protected:
            found[key] = _held(finding, Held.PROTECTED)


def _active(found: Mapping[str, Finding]) -> int:
    """How many are scored once all of it is agreed."""
    scored = sum(one.stage is Stage.ACTIVE and one.step is not Step.WATCH for one in found.values())
    return scored + sum(one.step is Step.REACTIVATE or one.replaces is not None for one in found.values())


def _swap(
    tier: Tier, subjects: Mapping[str, Subject], found: dict[str, Finding], candidates: Sequence[Candidate]
) -> None:
    leaving = [key for key, one in found.items() if one.step is Step.WATCH]
    active = {one.key: one.category for one in subjects.values() if one.standing.stage is Stage.ACTIVE}
    ready = [one for one in candidates if found[one.key].step is Step.READY]
    chosen = {one.out: one.into for one in swaps(leaving, active, ready)}
    best = {one.key: score(one) for one in ranked(ready)}
    for key in leaving:
        if key not in chosen:
            found[key] = _held(found[key], Held.LIMIT if len(chosen) >= SWAPS else Held.LAST)
    for out, into in chosen.items():
        if into is not None:
            target = subjects[into].standing.target
            found[into] = Finding(into, Stage.TRIAL, Step.READY, PROMOTE, target, replaces=out, score=best[into])
        elif _active(found) < CONTRACTUAL[tier][0]:
            found[out] = _held(found[out], Held.FEWEST)


def _make_room(tier: Tier, found: dict[str, Finding]) -> None:
    """One that comes back from watch needs a place."""
    most = min(CONTRACTUAL[tier][1], HARD_CAP)
    for key, finding in found.items():
        if finding.step is Step.REACTIVATE and _active(found) > most:
            found[key] = _held(finding, Held.MOST)
