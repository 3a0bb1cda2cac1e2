"""Figures of many services: seconds are added up, percentages never averaged."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from dure.sla.ratio import Ratio, share
from dure.sla.verdict import Verdict


@dataclass(frozen=True, slots=True)
class Member:
    """One service's figures in a roll-up."""

    name: str
    figures: Ratio
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Rollup:
    """Σbad/Σknown of all, how many of the judged ones met their target, and the worst one's name."""

    availability: Fraction | None
    met: int
    judged: int
    undecided: int
    worst: str | None


def rollup(members: Sequence[Member]) -> Rollup:
    """The members' sum; MET and BREACHED are judged, N/A is left out, the rest is undecided."""
    known = sum(one.figures.known for one in members)
    bad = sum((one.figures.bad for one in members), Fraction(0))
    met = sum(one.verdict is Verdict.MET for one in members)
    judged = met + sum(one.verdict is Verdict.BREACHED for one in members)
    absent = sum(one.verdict is Verdict.NOT_APPLICABLE for one in members)
    ranked = [(one.figures.availability, one.name) for one in members if one.figures.availability is not None]
    return Rollup(
        availability=share(known - bad, known),
        met=met,
        judged=judged,
        undecided=len(members) - judged - absent,
        worst=min(ranked)[1] if ranked else None,
    )
