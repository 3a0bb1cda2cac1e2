"""Indicators of a closed month as text that a person can check: value, target, what it rests on, record by record."""

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from pydantic import JsonValue

from dure.text.indicator import FORMULAS, NEXT, SOURCES, said, why_words

if TYPE_CHECKING:
    from dure.runs.promise.indicators.explaining import ExplainedIndicator

WON = "KRW"
MONEY = ("low", "likely", "high", "spent")
"""Numbers of a basis that are won: never a moment, however many they are."""
EPOCH = range(1_000_000_000, 10_000_000_000)
WORDS = {
    "none": ("값 없음", "no value"),
    "target": ("목표", "target"),
    "observed": ("참고", "observed only"),
    "formula": ("계산", "formula"),
    "source": ("근거", "rests on"),
    "digest": ("지문", "digest"),
    "met": ("달성", "met"),
    "missed": ("미달", "missed"),
    "to be reviewed": ("판정 보류", "to be reviewed"),
    "bounds": (
        "시간을 모르는 표본이 모두 늦었다면 {worst} %, 모두 제때였다면 {best} %",
        "{worst} % had all samples without a time been late, {best} % had all been in time",
    ),
    "range": ("적게 보면 {worst} 원, 많이 보면 {best} 원", "{worst} KRW by the low estimate, {best} by the high one"),
    "of": ("{whole:,} 중 {part:,}", "{part:,} of {whole:,}"),
    "differs": ("마감한 뒤에 달라졌습니다: {what}", "it has changed since it was closed: {what}"),
}


def short_line(one: "ExplainedIndicator", language: str) -> str:
    """One of the thirty in one line."""
    name = one.indicator.en if language == "en" else one.indicator.ko
    told = f"{one.indicator.number:>2} {one.indicator.key:<15} {name}: {value_words(one, language)}"
    return f"{told}; {said(SOURCES, one.source, language)}" if one.source and one.value is not None else told


def value_words(one: "ExplainedIndicator", language: str) -> str:
    from dure.report.indicators import printed

    if one.value is None:
        mend = f" ({NEXT[one.why]})" if one.why in NEXT else ""
        return f"{said(WORDS, 'none', language)}, {why_words(one.indicator.key, one.why, language)}{mend}"
    shown = f"{printed(one.value, one.indicator)} {unit_words(one, language)}"
    if one.target is None:
        return f"{shown} ({said(WORDS, 'observed', language)})"
    goal = f"{said(WORDS, 'target', language)} {printed(one.target, one.indicator)}"
    return f"{shown} ({goal}, {said(WORDS, one.verdict, language)})"


def unit_words(one: "ExplainedIndicator", language: str) -> str:
    """The unit as the report writes it."""
    from dure.text.report_detail import DETAIL

    return said(DETAIL, f"unit-{one.indicator.unit}", language)


def long_lines(one: "ExplainedIndicator", zone: str, language: str) -> Iterator[str]:
    """The derivation: formula, value, source, and every record."""
    from dure.report.indicators import printed

    yield short_line(one, language)
    yield f"{said(WORDS, 'formula', language)}: {said(FORMULAS, one.indicator.key, language)}"
    if one.value is not None:
        exact = said(WORDS, "of", language).format(part=one.part, whole=one.whole)
        yield f"= {one.value} {unit_words(one, language)} ({exact})"
    if one.bounds is not None:
        worst, best = (printed(each, one.indicator) for each in one.bounds)
        key = "range" if one.indicator.unit == WON else "bounds"
        yield said(WORDS, key, language).format(worst=worst, best=best)
    if one.source:
        yield f"{said(WORDS, 'source', language)}: {said(SOURCES, one.source, language)}"
    if one.digest:
        yield f"{said(WORDS, 'digest', language)}: {one.digest}"
    for each in one.differences:
        what = f"{each.what} {each.frozen} -> {each.computed}"
        yield said(WORDS, "differs", language).format(what=what)
    if isinstance(one.basis, dict):
        for name, value in one.basis.items():
            yield from _part(name, value, ZoneInfo(zone))


def _part(name: str, value: JsonValue, zone: ZoneInfo) -> Iterator[str]:
    if not isinstance(value, list):
        yield f"  {name}: {_cell(name, value, zone)}"
        return
    yield f"  {name}:" if value else f"  {name}: -"
    for one in value:
        if isinstance(one, dict):
            cells = (f"{key} {_cell(key, cell, zone)}" for key, cell in one.items() if cell not in (None, "", []))
            yield f"    {', '.join(cells)}"
        else:
            yield f"    {_scalar(one, zone)}"


def _cell(name: str, value: JsonValue, zone: ZoneInfo) -> str:
    return f"{value:,}" if name in MONEY and isinstance(value, int) else _scalar(value, zone)


def _scalar(value: JsonValue, zone: ZoneInfo) -> str:
    """Seconds of an epoch as local time; pairs of them as from and to."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int) and value in EPOCH:
        return datetime.fromtimestamp(value, zone).strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(value, list):
        return " ~ ".join(_scalar(one, zone) for one in value)
    return "-" if value is None else str(value)
