"""The report's value -> one HTML file with no external asset. Templates print what the value holds."""

import re
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from dure.model.words import WordPair
from dure.report.charts import lost_chart, sparkline, trend_chart
from dure.report.data import Happening, Headline, Report
from dure.report.parts import Changed, OutageRow, Service, TrendPoint
from dure.sla.indicators.catalogue import indicator
from dure.sla.ratio import percent
from dure.text import writing
from dure.text.report import TEXTS, text
from dure.text.writing import Language

TEMPLATES = Path(__file__).parent / "templates"
DAY = re.compile(r"(\d월) (\d{1,2}일) \((?=[월화수목금토일]\))")
"""Month, day and weekday stay on one line."""
LEAST_MONTHS = 2
"""A trend needs so many months."""
NAMED = 3
"""Names that a sentence tells before it counts the rest."""


@cache
def environment() -> Environment:
    """Jinja with escaping on and every name that is missing an error."""
    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


class Wording:
    """What templates call: texts and the writing of values in one language. `zone` is the customer's."""

    def __init__(self, language: Language, zone: str, month: str = "") -> None:
        self.language = language
        self.zone = zone
        self.month = month

    def t(self, key: str, **values: object) -> str:
        return text(key, self.language, **values)

    def known(self, kind: str, word: str) -> str:
        """A word of the store in the page's language; as it stands when this version has no translation of it."""
        return self.t(f"{kind}-{word}") if f"{kind}-{word}" in TEXTS else word

    def excluded_for(self, kinds: Sequence[str]) -> str:
        """Kinds of exclusions in words."""
        return ", ".join(self.known("kind", one) for one in kinds)

    def words(self, pair: WordPair) -> str:
        return pair.text(self.language)

    def marked(self, pair: WordPair) -> Markup:
        """The words, marked with their language where it is not the page's."""
        found = pair.language(self.language)
        plain = escape(pair.text(self.language))
        return plain if found == self.language else Markup('<span lang="{}">{}</span>').format(found, plain)

    def won(self, amount: int) -> str:
        return writing.won(amount, self.language)

    def number(self, count: int) -> str:
        return writing.number(count)

    def day(self, one: datetime, year: bool = True) -> str:
        return writing.day(one, self.language, year=year)

    def moment(self, one: datetime, year: bool = False) -> str:
        return writing.moment(one, self.language, year=year)

    def at(self, second: int, year: bool = False) -> str:
        return writing.moment(writing.local(second, self.zone), self.language, year=year)

    def period(self, start: int, end: int) -> str:
        return writing.period(writing.local(start, self.zone), writing.local(end, self.zone), self.language)

    def duration(self, seconds: int) -> str:
        return writing.duration(seconds, self.language)

    def whole(self, exact: str) -> str:
        """An exact number of seconds as a duration, its fraction of a second floored."""
        value = Fraction(exact)
        return self.duration(value.numerator // value.denominator)

    def weighs(self, one: Service) -> bool:
        """Degraded seconds count in part, and there were some."""
        return one.seconds.degraded > 0 and Fraction(one.degraded_weight) > 0

    def weighed(self, one: Service) -> str:
        """How the counted downtime of a service comes from its seconds by class."""
        bad = Fraction(one.bad)
        return self.t(
            "bad-sum",
            down=one.seconds.down,
            degraded=one.seconds.degraded,
            weight=one.degraded_weight,
            bad=f"{bad.numerator:,}" if bad.denominator == 1 else f"{Decimal(bad.numerator) / bad.denominator:,f}",
        )

    def size(self, count: int) -> str:
        return writing.size(count)

    def month_name(self, month: str, year: bool = True) -> str:
        return writing.month_name(month, self.language, year=year)

    def names(self, pairs: Sequence[WordPair], particle: bool = False) -> str:
        """Several names; in Korean with 이 or 가 behind the last one when asked for."""
        found = writing.listed(self._some(pairs), self.language)
        return writing.with_particle(found, "이", "가") if particle and self.language == "ko" else found

    def _some(self, pairs: Sequence[WordPair]) -> list[str]:
        """The first, and how many more where there are too many for a sentence."""
        told = [self.words(one) for one in pairs]
        if len(told) <= NAMED + 1:
            return told
        rest = len(told) - NAMED
        return (
            [*told[: NAMED - 1], f"{told[NAMED - 1]} 외 {rest}개"]
            if self.language == "ko"
            else [*told[:NAMED], f"{rest} more"]
        )

    def people(self, pairs: Sequence[WordPair]) -> str:
        """Names of persons, one after the other."""
        return ", ".join(map(self.words, pairs))

    def indicator(self, key: str) -> str:
        """The name of an indicator of the catalogue."""
        found = indicator(key)
        return found.ko if self.language == "ko" else found.en

    def in_unit(self, value: str, unit: str) -> str:
        """A printed number with its unit; nothing where there is none."""
        gap = " " if unit != "%" and self.language == "en" else ""
        return f"{value}{gap}{self.t(f'unit-{unit}')}" if value and unit else value

    def towards(self, word: str) -> str:
        """The word as an aim; Korean has a particle for it."""
        return writing.towards(word) if self.language == "ko" else word

    def notice(self, seconds: int) -> str:
        """How long before; a part that is nothing is not told."""
        days, hours = seconds // 86400, seconds % 86400 // 3600
        key = "notice-hours" if not days else "notice-days" if hours else "notice-whole-days"
        return self.t(key, days=days, hours=hours)

    def changed(self, one: Changed, value: str) -> str:
        """What a revision changed, before or after."""
        if not value:
            return self.t("no-figure" if one.what == "availability" else "no-value")
        if one.what in ("availability", "target"):
            return f"{value}%"
        if one.what == "value":
            return self.in_unit(value, one.unit)
        if one.what in ("verdict", "judged"):
            return self.known("verdict-word" if one.what == "verdict" else "word", value)
        return self.won(int(value)) if one.what in ("credit", "fee") else self.duration(int(value))

    def share(self, exact: str) -> str:
        """An exact share in percent, without needless places."""
        found = percent(Fraction(exact))
        return found.rstrip("0").rstrip(".")

    def cause(self, row: OutageRow | Happening) -> str:
        """Why it happened, as far as it is on record."""
        if row.cause is not None:
            return self.t("cause", cause=self.words(row.cause))
        if not row.root:
            return self.t("cause-none")
        return self.t("cause-root", root=row.root if row.root_name is None else self.words(row.root_name))


def verdict_sentence(report: Report, wording: Wording) -> str:
    """The one sentence that an owner reads first."""
    front, kind = report.front, report.front.headline
    key = f"verdict-{kind.value}"
    if kind is Headline.BREACHED and report.bill.credits:
        key += "-credit"
    if kind in (Headline.QUIET, Headline.MET) and front.now.judged == 1:
        key += "-one"
    return wording.t(
        key,
        month=wording.month_name(report.month),
        lost=wording.duration(front.now.lost),
        judged=front.now.judged,
        names=wording.names(front.named, particle=True),
        credit=wording.won(report.bill.credits),
    )


def has_trend(points: Sequence[TrendPoint]) -> bool:
    """Enough closed months to show a way."""
    return sum(one.availability is not None for one in points) >= LEAST_MONTHS


def html(report: Report, language: Language, *, screen: bool = True, stamp: str = "") -> str:
    """The page. `screen` False: as WeasyPrint lays it out, with the shipped font and fixed light colours.

    `stamp` goes into its head, so that a file can be known again without reading it all.
    """
    wording = Wording(language, report.zone, report.month)
    trends = {
        one.id: trend_chart(f"trend-{one.id}", one.trend, one.target, wording.language, screen=screen)
        for one in report.services
        if has_trend(one.trend)
    }
    page: str = (
        environment()
        .get_template("report.html.j2")
        .render(
            report=report,
            digest=report.digest(),
            stamp=stamp,
            w=wording,
            t=wording.t,
            screen=screen,
            language=language,
            sentence=verdict_sentence(report, wording),
            trends=trends,
            lost_svg=lost_chart("lost", report.trend, wording.language, screen=screen)
            if has_trend(report.trend)
            else "",
            sparkline=sparkline,
            indicator_name=wording.indicator,
        )
    )
    return DAY.sub(rf"\1{writing.NO_BREAK}\2{writing.NO_BREAK}(", page.strip()) + "\n"
