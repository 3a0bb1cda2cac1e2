"""Charts as SVG text: drawn by matplotlib, with the page's own font, and with the page's colours on a screen."""

import re
from collections.abc import Sequence
from contextlib import AbstractContextManager
from datetime import date
from fractions import Fraction
from functools import cache
from io import StringIO

import matplotlib as mpl
from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure as Drawing
from matplotlib.font_manager import FontProperties, fontManager

from dure.report.fonts import REGULAR
from dure.report.parts import Figure, TrendPoint
from dure.text.report import text
from dure.text.writing import MONTHS, Language

INK, LINE, MARK, GOAL = "#1f2933", "#9aa5b1", "#0b5c8a", "#a33a00"
# On a screen the colours are the page's, so that they follow light and dark.
VARIABLES = {INK: "var(--ink)", LINE: "var(--line)", MARK: "var(--chart)", GOAL: "var(--goal)"}


@cache
def family() -> str:
    """The shipped font, registered once: it measures the texts, whatever font the reader then has."""
    fontManager.addfont(REGULAR)
    return FontProperties(fname=REGULAR).get_name()


def styled() -> AbstractContextManager[None]:
    """Text stays text, so that it can be searched; ids are the same for the same chart."""
    return mpl.rc_context(
        {
            "svg.fonttype": "none",
            "svg.hashsalt": "dure",
            "font.size": 9.0,
            "font.family": family(),
            "axes.unicode_minus": False,
        }
    )


def month_label(month: str, language: Language) -> str:
    first = date.fromisoformat(f"{month}-01")
    return f"{first.month}월" if language == "ko" else MONTHS[first.month - 1][:3]


def trend_chart(key: str, points: Sequence[TrendPoint], target: Figure, language: Language, *, screen: bool) -> Markup:
    """Availability by month as a line with a mark a month, and the target as a dashed line."""
    known = [(at, float(Fraction(one.availability.exact)) * 100) for at, one in enumerate(points) if one.availability]
    goal = float(Fraction(target.exact)) * 100
    with styled():
        drawing, axes = canvas(4.2, 1.5)
        axes.axhline(goal, color=GOAL, linestyle="--", linewidth=1.2)
        axes.plot([at for at, _ in known], [value for _, value in known], color=MARK, marker="o", linewidth=1.8)
        lowest = min([value for _, value in known] + [goal])
        room = max(100 - lowest, 0.02)
        axes.set_ylim(lowest - room * 0.25, 100 + room * 0.15)
        axes.set_xticks(range(len(points)), [month_label(one.month, language) for one in points])
        axes.set_xlim(-0.4, len(points) - 0.6)
        axes.set_yticks(sorted({lowest, goal, 100.0}) if goal - lowest > room * 0.2 else [goal, 100.0])
        axes.yaxis.set_major_formatter(lambda value, _: f"{value:.3f}".rstrip("0").rstrip(".") + "%")
        label = text("target-line", language, target=target.shown.rstrip("0").rstrip("."))
        axes.annotate(label, (len(points) - 0.65, goal), ha="right", va="bottom", color=GOAL, fontsize=8)
        return as_svg(drawing, key, language, screen=screen)


def lost_chart(key: str, points: Sequence[TrendPoint], language: Language, *, screen: bool) -> Markup:
    """Minutes of lost work by month as bars with their number."""
    minutes = [None if one.down is None else one.down / 60 for one in points]
    with styled():
        drawing, axes = canvas(4.2, 1.3)
        drawn = axes.bar(range(len(points)), [one or 0 for one in minutes], color=MARK, width=0.55)
        labels = ["" if one is None else f"{one:.0f}" for one in minutes]
        axes.bar_label(drawn, labels, padding=2, color=INK, fontsize=9)
        axes.set_xticks(range(len(points)), [month_label(one.month, language) for one in points])
        axes.set_yticks([])
        axes.margins(y=0.25)
        axes.spines["left"].set_visible(False)
        return as_svg(drawing, key, language, screen=screen)


def canvas(width: float, height: float) -> tuple[Drawing, Axes]:
    """An empty drawing of that size in inches, with two quiet axes."""
    drawing = Drawing(figsize=(width, height))
    FigureCanvasSVG(drawing)
    axes = drawing.add_axes((0.15, 0.18, 0.84, 0.78))  # fixed: fitting the margins takes longer than drawing
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    for side in ("left", "bottom"):
        axes.spines[side].set_color(LINE)
    axes.tick_params(colors=LINE, labelcolor=INK, length=3)
    return drawing, axes


def as_svg(drawing: Drawing, key: str, language: Language, *, screen: bool) -> Markup:
    """The drawing as an element to set into a page; it says nothing to a screen reader, its caption does.

    `key` keeps the ids of one page's charts apart.
    """
    sheet = StringIO()
    drawing.savefig(sheet, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    found = sheet.getvalue()
    found = found[found.index("<svg") :].replace("<svg ", f'<svg aria-hidden="true" lang="{language}" ', 1)
    found = re.sub(r"<metadata>.*?</metadata>|<style.*?</style>", "", found, flags=re.DOTALL)
    found = re.sub(r' id="(figure|axes|patch|matplotlib\.axis|xtick|ytick|line2d|text)_[^"]*"', "", found)
    found = re.sub(r' id="([^"]*)"', rf' id="{key}-\1"', found)
    found = re.sub(r'(href="|url\()#', rf"\1#{key}-", found)
    found = found.replace(f"'{family()}'", "inherit" if screen else "Nanum").replace(family(), "Nanum")
    if screen:
        for colour, variable in VARIABLES.items():
            found = found.replace(colour, variable)
    return Markup(found)  # noqa: S704 - matplotlib escapes what it draws, and no customer's text is drawn


def sparkline(values: Sequence[str]) -> Markup:
    """A line of the exact values, a gap where there is none; 96 by 20, the last one marked."""
    known = [(at, Fraction(one)) for at, one in enumerate(values) if one]
    if len(known) < 2:
        return Markup("")
    low, high = min(one for _, one in known), max(one for _, one in known)
    span = high - low or Fraction(1)
    step = Fraction(84, max(len(values) - 1, 1))
    points = [(float(6 + at * step), float(16 - (value - low) / span * 12)) for at, value in known]
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    x, y = points[-1]
    return Markup(
        '<svg class="spark" aria-hidden="true" viewBox="0 0 96 20" width="96" height="20">'
        '<polyline points="{}" fill="none" stroke="currentColor" stroke-width="1.5"/>'
        '<circle cx="{}" cy="{}" r="2.5" fill="currentColor"/></svg>'
    ).format(path, f"{x:.1f}", f"{y:.1f}")
