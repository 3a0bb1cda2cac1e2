"""Indicators of a closed month led back to what they rest on, and whether that still gives them."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from pydantic import JsonValue
from sqlalchemy.orm import Session

from dure.errors import UsageError
from dure.model.explain import nearest
from dure.model.text import printable
from dure.runs.context import Context
from dure.runs.promise.book import Book, load_book
from dure.runs.promise.indicators.basis import plain_json
from dure.runs.promise.indicators.verifying import IndicatorDifference, differences, frozen_basis
from dure.runs.promise.verify import frozen_facts
from dure.runs.promise.vouched import require_agreed
from dure.sla.indicators.catalogue import KEYS, Indicator, indicator
from dure.store.promise.frozen import sound_month
from dure.store.promise.tables import IndicatorValue, MonthFrozen

ALL = "indicators"
ONE = "indicator:"


@dataclass(frozen=True, slots=True)
class ExplainedIndicator:
    """One of the thirty as it was frozen; `basis` is None where nothing was recorded, and `why` says so."""

    indicator: Indicator
    revision: int
    value: Fraction | None
    part: int
    whole: int
    target: Fraction | None
    verdict: str
    source: str
    why: str
    digest: str
    basis: JsonValue
    differences: tuple[IndicatorDifference, ...]
    bounds: tuple[Fraction, Fraction] | None = None
    """The value at worst and at best, where they decide."""

    def as_json(self) -> dict[str, JsonValue]:
        return {
            "indicator": self.indicator.key,
            "number": self.indicator.number,
            "unit": self.indicator.unit,
            "revision": self.revision,
            "value": None if self.value is None else str(self.value),
            "part": self.part,
            "whole": self.whole,
            "target": None if self.target is None else str(self.target),
            "verdict": self.verdict,
            "source": self.source,
            "why": self.why,
            "digest": self.digest,
            "basis": self.basis,
            "bounds": None if self.bounds is None else [str(one) for one in self.bounds],
            "agrees": not self.differences,
            "differences": [f"{one.what}: frozen {one.frozen}, computed {one.computed}" for one in self.differences],
        }


def explained(context: Context, customer: str, name: str, month: str) -> tuple[ExplainedIndicator, ...]:
    """All indicators of a closed month by number, or the one asked for. Raises UsageError when there is none."""
    key = "" if name == ALL else name.removeprefix(ONE)
    if key and key not in KEYS:
        near = nearest(key, KEYS)
        mend = f'write "{ONE}{near}"' if near else f"operator sla explain {customer} {ALL} {month} lists them"
        raise UsageError(f'no indicator "{printable(key)}"', why="there are thirty", mend=mend)
    # Before the transaction: signed windows are looked up in the audit chain, and SQLite has one writer at a time.
    book = load_book(context, customer)
    with context.store.transaction() as session:
        services, rows = sound_month(session, month, [customer])
        if not rows:
            mend = f"operator sla close {month} {customer}"
            raise UsageError(f"{month} of {customer} is not closed", why="nothing is stored of it", mend=mend)
        wanted = [row for row in rows if not key or row.indicator == key]
        found = _differing(context, session, book, month, services, wanted)
    require_agreed(context, customer, month)
    if not wanted:
        why = "an earlier version of Dure closed it, and did not measure that one"
        raise UsageError(
            f"{month} of {customer} has no {key}", why=why, mend=f"operator sla restate {month} {customer}"
        )
    return tuple(sorted((_of(row, found) for row in wanted), key=lambda one: one.indicator.number))


def _differing(
    context: Context,
    session: Session,
    book: Book | None,
    month: str,
    frozen: list[MonthFrozen],
    rows: list[IndicatorValue],
) -> Mapping[str, list[IndicatorDifference]]:
    facts = frozen_facts(session, book, month, frozen) if book is not None and frozen else None
    found: dict[str, list[IndicatorDifference]] = {}
    for one in differences(session, context, facts, rows):
        found.setdefault(one.key, []).append(one)
    return found


def _of(row: IndicatorValue, found: Mapping[str, list[IndicatorDifference]]) -> ExplainedIndicator:
    return ExplainedIndicator(
        indicator=indicator(row.indicator),
        revision=row.revision,
        value=None if row.value is None else Fraction(row.value),
        part=row.part,
        whole=row.whole,
        target=None if row.target is None else Fraction(row.target),
        verdict=row.verdict,
        source=row.source,
        why=row.why,
        digest=row.digest,
        basis=plain_json(row.basis) if row.basis else None,
        differences=tuple(found.get(row.indicator, ())),
        bounds=_bounds(row),
    )


def _bounds(row: IndicatorValue) -> tuple[Fraction, Fraction] | None:
    basis = frozen_basis(row) if row.basis else None
    worst, best = (None, None) if basis is None else (basis.at_worst(), basis.at_best())
    return None if worst is None or best is None else (worst, best)
