"""Indicators that rest on what people say and do: surveys, and how much of what was bought is used."""

from typing import ClassVar

from dure.runs.promise.indicators.basis import Basis, Record
from dure.sla.indicators.measure import Measure
from dure.sla.indicators.opinion import Survey, opinion
from dure.sla.indicators.use import utilisation_of

ITEMS = {"information": 5, "servqual": 5, "satisfaction": 1, "intention": 3}
"""Questions of each survey; that of overall satisfaction is one."""


class SurveyBasis(Basis):
    """The newest survey of the twelve months up to the month's end; answers without names, in no order."""

    SOURCE: ClassVar[str] = "survey"
    RECORDS: ClassVar[tuple[str, ...]] = ("survey", "held", "asked", "answers")
    kind: str
    survey: str
    held: str
    asked: int
    answers: list[list[int]]

    def measure(self) -> Measure:
        answers = tuple(tuple(one) for one in self.answers)
        return opinion(Survey(self.asked, answers), ITEMS[self.kind])


class UsedService(Record):
    """A service's users; `before` are those of the month before, None: not known.

    `opened` is the month that opened its case of low utilisation, empty when it has none; `opening` says why.
    """

    service: str
    entitled: int
    acted: int
    before: tuple[int, int] | None
    opened: str = ""
    opening: str = ""
    cause: str = ""
    cause_due: str = ""


class UsageBasis(Basis):
    SOURCE: ClassVar[str] = "usage"
    RECORDS: ClassVar[tuple[str, ...]] = ("services",)
    services: list[UsedService]

    def measure(self) -> Measure:
        return utilisation_of([(one.entitled, one.acted) for one in self.services])
