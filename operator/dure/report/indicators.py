"""Indicator values as the report prints them, with their trend."""

from collections.abc import Sequence
from fractions import Fraction

from dure.model.words import WordPair
from dure.report.parts import IndicatorRow
from dure.sla.indicators.catalogue import Better, Indicator
from dure.sla.ratio import percent
from dure.store.promise.months import CustomerMonth, IndicatorFact

PLACES = {"%": 3, "min": 1, "1-5": 2}


def indicator_rows(month: CustomerMonth, history: Sequence[CustomerMonth]) -> tuple[IndicatorRow, ...]:
    """One row an indicator, by its number."""
    return tuple(_row(one, history) for one in month.indicators)


def printed(value: Fraction, one: Indicator) -> str:
    """The value to the unit's places, rounded to the side that is worse for us: never better than it was."""
    places = PLACES.get(one.unit, 0)
    scaled = value * 10**places
    whole = -(-scaled.numerator // scaled.denominator)
    if one.better is Better.HIGHER:
        whole = scaled.numerator // scaled.denominator
    sign, whole = ("-", -whole) if whole < 0 else ("", whole)
    if not places:
        return f"{sign}{whole:,}"
    return f"{sign}{whole // 10**places:,}.{whole % 10**places:0{places}}"


def _row(fact: IndicatorFact, history: Sequence[CustomerMonth]) -> IndicatorRow:
    one = fact.indicator
    return IndicatorRow(
        key=one.key,
        number=one.number,
        name=WordPair(ko=one.ko, en=one.en),
        unit=one.unit,
        value="" if fact.value is None else str(fact.value),
        shown="" if fact.value is None else printed(fact.value, one),
        target="" if fact.target is None else _target(fact.target),
        verdict=fact.verdict,
        part=fact.part,
        whole=fact.whole,
        trend=tuple(_past(one.key, past) for past in history),
    )


def _past(key: str, past: CustomerMonth) -> str:
    found = next((one for one in past.indicators if one.indicator.key == key), None)
    return "" if found is None or found.value is None else str(found.value)


def _target(target: Fraction) -> str:
    """Targets are short decimals; three places hold them all."""
    return percent(target / 100).rstrip("0").rstrip(".")
