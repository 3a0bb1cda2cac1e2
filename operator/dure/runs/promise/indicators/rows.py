"""Rows of a month's indicators as they are frozen: value, target, verdict, what it rests on, and a digest of all."""

from collections.abc import Mapping
from fractions import Fraction

from pydantic import JsonValue

from dure.model.promise.terms import ScoredIndicator
from dure.runs.promise.indicators.basis import Basis, Found, Missing
from dure.sla.freeze import digest
from dure.sla.indicators.catalogue import Better, indicator
from dure.sla.indicators.measure import Lacking, Measure
from dure.store.promise.tables import IndicatorValue

NOT_MEASURED = "not measured"
OBSERVED = "observed"
TO_BE_REVIEWED = "to be reviewed"
LACKING = {Lacking.NOTHING: "nothing", Lacking.TOO_FEW: "too-few", Lacking.NO_CAUSE: "no-cause"}
Change = dict[str, JsonValue]


def frozen_rows(
    customer: str,
    month: str,
    found: Mapping[str, Found],
    scored: Mapping[str, ScoredIndicator],
    changes: Mapping[str, Change],
) -> list[IndicatorValue]:
    """One row an indicator, the thirty of them. `changes` are those that take effect in this month."""
    return [
        _row(customer, month, key, one, scored[key].target if key in scored else None, changes.get(key))
        for key, one in found.items()
    ]


def _row(
    customer: str, month: str, key: str, found: Found, target: Fraction | None, change: Change | None
) -> IndicatorValue:
    measure = found.measure() if isinstance(found, Basis) else None
    covered = found.coverage() if isinstance(found, Basis) else None
    bounds = (found.at_best(), found.at_worst()) if isinstance(found, Basis) else (None, None)
    row = IndicatorValue(
        customer=customer,
        indicator=key,
        period=month,
        revision=1,
        value=None if measure is None or measure.value is None else str(measure.value),
        part=measure.part if measure else 0,
        whole=measure.whole if measure else 0,
        target=None if target is None else str(target),
        verdict=verdict(measure, indicator(key).better, target, *bounds),
        coverage=None if covered is None else str(covered),
        source=found.SOURCE if isinstance(found, Basis) else "",
        why=found.why if isinstance(found, Missing) else _why(measure),
        basis=found.text() if isinstance(found, Basis) else "",
        change=change,
    )
    row.digest = row_digest(row)
    return row


def _why(measure: Measure | None) -> str:
    if measure is None or measure.value is not None:
        return ""
    return LACKING[measure.lacking or Lacking.NOTHING]


def row_digest(row: IndicatorValue) -> str:
    """sha256 over all that the row says; what is added to it later shows."""
    said = [row.indicator, row.period, row.value, row.part, row.whole, row.target, row.verdict, row.coverage]
    return digest([*said, row.source, row.why, row.basis, row.change])


def verdict(
    measure: Measure | None,
    better: Better,
    target: Fraction | None,
    best: Fraction | None = None,
    worst: Fraction | None = None,
) -> str:
    """met, missed, observed, to be reviewed, or why there is nothing to judge.

    `best` is the value had all that is unknown been good: without a value, one that misses even so is missed. `worst`
    is the value had it all been bad: where there is one the bounds decide, as they do for the availability.
    """
    if measure is None:
        return NOT_MEASURED
    if measure.value is None:
        lacking = measure.lacking or Lacking.NOTHING
        if lacking is Lacking.TOO_FEW and best is not None and target is not None and not _meets(best, better, target):
            return "missed"
        return lacking.value
    if target is None:
        return OBSERVED
    if best is not None and worst is not None:
        if not _meets(best, better, target):
            return "missed"
        return "met" if _meets(worst, better, target) else TO_BE_REVIEWED
    return "met" if _meets(measure.value, better, target) else "missed"


def _meets(value: Fraction, better: Better, target: Fraction) -> bool:
    return value >= target if better is Better.HIGHER else value <= target
