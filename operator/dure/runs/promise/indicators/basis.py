"""What a value follows from, as one JSON value: with it alone the value can be computed again, years later."""

import json
from abc import abstractmethod
from fractions import Fraction
from typing import ClassVar

from pydantic import BaseModel, ConfigDict, JsonValue

from dure.sla.freeze import canonical, digest
from dure.sla.indicators.measure import Measure


class Record(BaseModel):
    """One record that a value rests on, such as a ticket."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Basis(Record):
    """The records and terms of one indicator's value; a kind for each formula.

    `RECORDS` are the fields that were read from the store, the others are terms of the contract at the close.
    """

    SOURCE: ClassVar[str]
    """Which records they are; a code that dure.text.indicator puts into words."""
    RECORDS: ClassVar[tuple[str, ...]]
    LET_GO: ClassVar[str] = ""
    """The reason of none once its records are let go after 13 months, while their counts stay; empty: they stay."""

    @abstractmethod
    def measure(self) -> Measure:
        """The value, by the formula of dure.sla.indicators."""

    def coverage(self) -> Fraction | None:
        """The known part of what should be known; None: the records say nothing of it."""
        return Fraction(1)

    def at_best(self) -> Fraction | None:
        """The value had the unknown part been as good as can be; None: nobody can tell.

        One that even so misses its target is missed, however little was measured.
        """
        return None

    def at_worst(self) -> Fraction | None:
        """The value had the unknown part been as bad as can be; None: the verdict goes by the value alone."""
        return None

    def text(self) -> str:
        """Canonical JSON."""
        return canonical(self.model_dump(mode="json")).decode()

    def records_digest(self) -> str:
        """sha256 of the records alone, to compare with what the store has now."""
        plain = self.model_dump(mode="json")
        return digest([plain[name] for name in self.RECORDS])


class Missing(BaseModel):
    """Nothing was recorded that the indicator could rest on; `why` is a code of dure.text.indicator."""

    model_config = ConfigDict(frozen=True)
    why: str


Found = Basis | Missing


def plain_json(text: str) -> JsonValue:
    """The value of a canonical text."""
    found: JsonValue = json.loads(text)
    return found
