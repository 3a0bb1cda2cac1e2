"""Indicator values as the report prints them, with their trend."""

from collections.abc import Mapping, Sequence
from fractions import Fraction

from dure.model.report_notes import IndicatorChange
from dure.model.words import WordPair
from dure.report.engineers import named
from dure.report.imported import net_benefit
from dure.report.imported_parts import NetBenefit
from dure.report.parts import ChangeRow, IndicatorRow, LackingIndicator
from dure.sla.indicators.catalogue import Better, Indicator, indicator
from dure.sla.ratio import percent
from dure.store.promise.months import CustomerMonth, IndicatorFact
from dure.text.indicator import why_words

BENEFIT = "net_benefit"
PLACES = {"%": 3, "min": 1, "1-5": 2}


def indicator_rows(month: CustomerMonth, history: Sequence[CustomerMonth]) -> tuple[IndicatorRow, ...]:
    """One row an indicator that is scored or has a value, by its number."""
    benefit = net_benefit(month)
    rows = tuple(
        _row(one, history) for one in month.indicators if one.target is not None or one.value is not None or not one.why
    )
    return rows if benefit is None else tuple(_with_range(one, benefit) for one in rows)


def _with_range(row: IndicatorRow, benefit: NetBenefit) -> IndicatorRow:
    if row.key != BENEFIT:
        return row
    one = indicator(BENEFIT)
    low, high = (printed(Fraction(value), one) for value in (benefit.low, benefit.high))
    return row.model_copy(update={"low": low, "high": high})


def lacking_indicators(month: CustomerMonth) -> tuple[LackingIndicator, ...]:
    """Those without a value whose reason was frozen with them, by number."""
    return tuple(
        LackingIndicator(
            number=one.indicator.number,
            name=WordPair(ko=one.indicator.ko, en=one.indicator.en),
            why=WordPair(
                ko=why_words(one.indicator.key, one.why, "ko"), en=why_words(one.indicator.key, one.why, "en")
            ),
        )
        for one in month.indicators
        if one.value is None and one.why
    )


def changes_of(
    notes: Sequence[IndicatorChange] | None, month: CustomerMonth, engineers: Mapping[str, WordPair]
) -> tuple[ChangeRow, ...] | None:
    """Noted changes of indicators, and those that two engineers signed for this month; None when there is neither."""
    agreed = [IndicatorChange.model_validate(one.change) for one in month.indicators if one.change is not None]
    if notes is None and not agreed:
        return None
    return tuple(_change(one, engineers) for one in (*(notes or ()), *agreed))


def _change(one: IndicatorChange, engineers: Mapping[str, WordPair]) -> ChangeRow:
    return ChangeRow(
        indicator=one.indicator,
        step=one.step,
        before=one.before,
        after=one.after,
        unit=indicator(one.indicator).unit,
        effective=one.effective,
        reason=one.reason,
        approved_by=named(one.approved_by, engineers),
    )


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
