"""Parts of a report that rest on imports alone: protected hosts, and what the services bring."""

from datetime import date
from typing import Self

from pydantic import model_validator

from dure.model.words import WordPair
from dure.report.parts import Figure, Part


class Hosts(Part):
    """The month's last list of hosts: how many, and of them those protected and fresh, unprotected, and stale."""

    day: date
    hosts: int
    sound: int
    unprotected: int
    stale: int
    share: Figure | None


class BenefitAxis(Part):
    """Won of the month along one axis: cost, productivity, revenue or risk."""

    axis: str
    low: int
    likely: int
    high: int
    basis: WordPair


class NetBenefit(Part):
    """What the services brought along four axes less what they cost, in won, with its range."""

    axes: tuple[BenefitAxis, ...]
    spent: int
    spent_basis: WordPair | None
    low: int
    likely: int
    high: int

    @model_validator(mode="after")
    def _adds_up(self) -> Self:
        for name in ("low", "likely", "high"):
            if sum(getattr(one, name) for one in self.axes) - self.spent != getattr(self, name):
                raise ValueError(f"the axes less the cost are not the {name} net benefit")
        return self
