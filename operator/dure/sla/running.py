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
from dure.sla.ratio import Ratio, share
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
    rates = _Rates(sheet, clock, now, agreed, target, weight)
    alarms = rates.burning(interval)
    return Standing(figures, agreed, clock.total, rates.over(DAY), alarms)


def _figures(sheet: Sheet, clock: Clock, now: int, agreed: int, weight: Fraction) -> Ratio:
    marks = sheet.marks
    if sheet.as_up:
        marks = within(marks, difference(sheet.ast, sheet.as_up))
        clock = clock_of(difference(sheet.ast, sheet.as_up))
    down, degraded, unknown = _sums(marks, sheet.period[0], now)
    unknown += clock.until(now) - clock.until(min(sheet.through, now))
    bad: Fraction = down + weight * degraded if degraded else Fraction(down)
    return Ratio(
        bad=bad,
        known=agreed - unknown,
        ast=agreed,
        availability=share(agreed - unknown - bad, agreed - unknown),
        lower=share(agreed - bad - unknown, agreed),
        upper=share(agreed - bad, agreed),
        coverage=share(agreed - unknown, agreed),
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
    """Burn rates over agreed time before `now`."""

    sheet: Sheet
    clock: Clock
    now: int
    agreed: int
    target: Fraction
    weight: Fraction

    def over(self, window: int) -> Fraction | None:
        """As `burn.windowed_rate` of the spans themselves."""
        seconds = min(window, self.agreed)
        start = self.clock.moment(self.agreed - seconds)
        down, degraded, unknown = _sums(self.sheet.marks, start, self.now)
        unknown += self.agreed - self.clock.until(max(min(self.sheet.through, self.now), start))
        return burn_rate(down + self.weight * degraded, seconds - unknown, self.target)

    def burning(self, interval: int) -> tuple[BurnRule, ...]:
        """As `burn.burning`; at once nothing where no bad second lies in the longest window."""
        rules = [rule.for_interval(interval) for rule in RULES]
        start = self.clock.moment(self.agreed - min(max(rule.long for rule in rules), self.agreed))
        if not any(self._is_bad(one) and one.end > start for one in self.sheet.marks):
            return ()
        return tuple(rule for rule in rules if self._holds(rule))

    def _is_bad(self, one: Span) -> bool:
        return one.state is State.DOWN or (one.state is State.DEGRADED and bool(self.weight))

    def _holds(self, rule: BurnRule) -> bool:
        long = self.over(rule.long)
        if long is None or long < rule.threshold:
            return False
        short = self.over(rule.short)
        return short is not None and short >= rule.threshold
