"""A running month as a small sheet: its agreed time, and what of it was not UP. All figures follow from it at once.

The sheet is a summary for screens. It holds every second exactly: what it tells equals the account of the spans.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from itertools import accumulate

from dure.sla.burn import RULES, BurnRule, burn_rate
from dure.sla.classes import Masks
from dure.sla.intervals import Interval, Intervals, difference, intersection
from dure.sla.maintenance import MaintenanceMode
from dure.sla.ratio import Ratio
from dure.sla.spans import Span, Spans, within
from dure.sla.states import State

DAY = 86400


@dataclass(frozen=True, slots=True)
class Clock:
    """Sorted, disjoint intervals in which the clock runs, so that seconds up to a moment are found by bisection."""

    parts: Intervals
    starts: tuple[int, ...]
    before: tuple[int, ...]
    """Seconds in all parts before each."""

    def until(self, moment: int) -> int:
        """Seconds of the parts before the moment."""
        index = bisect_right(self.starts, moment) - 1
        if index < 0:
            return 0
        start, end = self.parts[index]
        return self.before[index] + min(moment, end) - start

    @property
    def total(self) -> int:
        return self.before[-1] + self.parts[-1][1] - self.parts[-1][0] if self.parts else 0

    def moment(self, seconds: int) -> int:
        """The moment before which just that many seconds lie; 0 for none."""
        if seconds <= 0:
            return self.starts[0] if self.starts else 0
        index = bisect_right(self.before, seconds - 1) - 1
        return self.starts[index] + seconds - self.before[index]


@lru_cache(maxsize=4096)
def clock_of(parts: Intervals) -> Clock:
    """The clock of those intervals."""
    sums = accumulate((end - start for start, end in parts), initial=0)
    return Clock(parts, tuple(start for start, _ in parts), tuple(sums)[: len(parts)])


@dataclass(frozen=True, slots=True)
class Sheet:
    """A service's month. `ast` is its agreed time; `as_up` the part that counts as up whatever was measured.

    `marks` are the service's spans in agreed time that are not UP; up to `through` all else was UP, and after it
    nothing is known.
    """

    period: Interval
    ast: Intervals
    as_up: Intervals
    marks: Spans
    through: int


@dataclass(frozen=True, slots=True)
class Standing:
    """The month up to a moment: figures, agreed seconds so far and of the whole month, and the burn rates."""

    figures: Ratio
    agreed: int
    whole: int
    burn: Fraction | None
    alarms: tuple[BurnRule, ...]


def sheet_of(service: Spans, parts: Masks, mode: MaintenanceMode) -> Sheet:
    """The sheet of a timeline that is cut to the period of its masks."""
    through = service[-1].end if service else parts.period[0]
    seen = within(service, parts.ast)
    known = tuple((span.start, span.end) for span in seen)
    holes = difference(
        intersection(parts.ast, ((parts.period[0], through),) if through > parts.period[0] else ()), known
    )
    marks = [span for span in seen if span.state is not State.UP]
    marks += [Span(start, end, State.UNKNOWN) for start, end in holes]
    as_up = parts.maintenance if mode is MaintenanceMode.AS_UP else ()
    return Sheet(parts.period, parts.ast, as_up, tuple(sorted(marks)), through)


def standing(sheet: Sheet, now: int, target: Fraction, weight: Fraction, interval: int) -> Standing:
    """The month up to `now`; `interval` is that of the slowest check, in seconds."""
    clock = clock_of(sheet.ast)
    now = min(now, sheet.period[1])
    agreed = clock.until(now)
    figures = _figures(sheet, clock, now, agreed, weight)
    longest = max(DAY, *(rule.long for rule in fitted(interval)))
    first = clock.moment(agreed - min(longest, agreed))
    recent = [one for one in sheet.marks if one.end > first and one.start < now]
    rates = _Rates(sheet, recent, clock, now, agreed, target, weight)
    return Standing(figures, agreed, clock.total, rates.over(DAY), rates.burning(interval))


def _figures(sheet: Sheet, clock: Clock, now: int, agreed: int, weight: Fraction) -> Ratio:
    marks = sheet.marks
    if sheet.as_up:
        marks = within(marks, difference(sheet.ast, sheet.as_up))
        clock = clock_of(difference(sheet.ast, sheet.as_up))
    down, degraded, unknown = _sums(marks, sheet.period[0], now)
    unknown += clock.until(now) - clock.until(min(sheet.through, now))
    # In whole parts of a second: a fraction is made once for each figure, not at each step.
    parts = weight.denominator
    bad, known, total = down * parts + weight.numerator * degraded, agreed - unknown, agreed * parts
    return Ratio(
        bad=Fraction(bad, parts),
        known=known,
        ast=agreed,
        availability=Fraction(known * parts - bad, known * parts) if known else None,
        lower=Fraction(total - bad - unknown * parts, total) if agreed else None,
        upper=Fraction(total - bad, total) if agreed else None,
        coverage=Fraction(known, agreed) if agreed else None,
    )


def _sums(marks: Sequence[Span], start: int, end: int) -> tuple[int, int, int]:
    """Seconds DOWN, DEGRADED and UNKNOWN of the marks in [start, end)."""
    down = degraded = unknown = 0
    for first, last, state in marks:
        seconds = min(last, end) - max(first, start)
        if seconds <= 0:
            continue
        if state is State.DOWN:
            down += seconds
        elif state is State.DEGRADED:
            degraded += seconds
        else:
            unknown += seconds
    return down, degraded, unknown


@dataclass(frozen=True, slots=True)
class _Rates:
    """Burn rates over agreed time before `now`; `recent` are the marks that the longest window may meet."""

    sheet: Sheet
    recent: Sequence[Span]
    clock: Clock
    now: int
    agreed: int
    target: Fraction
    weight: Fraction

    def over(self, window: int) -> Fraction | None:
        """As `burn.windowed_rate` of the spans themselves."""
        bad, known = self._spent(window)
        return burn_rate(Fraction(bad, self.weight.denominator), known, self.target)

    def _spent(self, window: int) -> tuple[int, int]:
        """Bad parts of a second (as the weight's denominator has them) and known seconds of the last agreed ones."""
        seconds = min(window, self.agreed)
        start = self.clock.moment(self.agreed - seconds)
        down, degraded, unknown = _sums(self.recent, start, self.now)
        unknown += self.agreed - self.clock.until(max(min(self.sheet.through, self.now), start))
        return down * self.weight.denominator + self.weight.numerator * degraded, seconds - unknown

    def burning(self, interval: int) -> tuple[BurnRule, ...]:
        """As `burn.burning`; a rule whose short window holds no bad second is passed over at once."""
        latest = max((one.end for one in self.recent if one.state is not State.UNKNOWN), default=None)
        if latest is None:
            return ()
        since = self.agreed - self.clock.until(min(latest, self.now))
        near = [rule for rule in fitted(interval) if since < rule.short]
        return tuple(rule for rule in near if self._exceeds(rule, rule.long) and self._exceeds(rule, rule.short))

    def _exceeds(self, rule: BurnRule, window: int) -> bool:
        """The rate is the rule's threshold or more: bad ÷ known ÷ (1 - target), compared without a division."""
        bad, known = self._spent(window)
        limit = limit_of(rule.threshold, self.target)
        return known > 0 and bad * limit.denominator >= limit.numerator * known * self.weight.denominator


@lru_cache(maxsize=1024)
def fitted(interval: int) -> tuple[BurnRule, ...]:
    """The burn rules with windows for checks of that interval."""
    return tuple(rule.for_interval(interval) for rule in RULES)


@lru_cache(maxsize=1024)
def limit_of(threshold: Fraction, target: Fraction) -> Fraction:
    """The share of known seconds that is bad when the budget burns at that rate."""
    return threshold * (1 - target)
