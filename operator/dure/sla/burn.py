"""Burn rate: how many times faster than allowed the budget is being spent, over two windows at once.

After the SRE workbook's table for 30 days. Windows are counted in agreed seconds: the clock stops outside hours.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from dure.sla.intervals import Intervals, intersection, last
from dure.sla.ratio import ZERO
from dure.sla.spans import Span, seconds_by_state, within
from dure.sla.states import State
from dure.sla.verdict import checked_target

HOUR = 3600
LEAST_SAMPLES = 5
SHORT_TO_LONG = 12


class Alarm(StrEnum):
    """Wake somebody, or open a ticket."""

    PAGE = "page"
    PAGE_SLOW = "page-slow"
    TICKET = "ticket"
    TICKET_SLOW = "ticket-slow"


@dataclass(frozen=True, slots=True)
class BurnRule:
    """Both windows must burn at `threshold` times the allowed rate or more."""

    alarm: Alarm
    long: int
    short: int
    threshold: Fraction

    def for_interval(self, interval: int) -> "BurnRule":
        """The rule with windows that hold enough samples of a check of that interval: at least 5 in the short one."""
        if self.short >= LEAST_SAMPLES * interval:
            return self
        short = LEAST_SAMPLES * interval
        return BurnRule(self.alarm, short * SHORT_TO_LONG, short, self.threshold)


RULES = (
    BurnRule(Alarm.PAGE, HOUR, 300, Fraction(144, 10)),
    BurnRule(Alarm.PAGE_SLOW, 6 * HOUR, 1800, Fraction(6)),
    BurnRule(Alarm.TICKET, 24 * HOUR, 2 * HOUR, Fraction(3)),
    BurnRule(Alarm.TICKET_SLOW, 72 * HOUR, 6 * HOUR, Fraction(1)),
)


@dataclass(frozen=True, slots=True)
class Burning:
    """A rule that holds, with the rates of its long and short window."""

    rule: BurnRule
    long_rate: Fraction
    short_rate: Fraction


def burn_rate(bad: Fraction | int, known: int, target: Fraction) -> Fraction | None:
    """(bad / known) / (1 − target); None when nothing is known."""
    return Fraction(bad) / known / (1 - checked_target(target)) if known else None


def windowed_rate(
    service: Sequence[Span], ast: Intervals, now: int, window: int, target: Fraction, weight: Fraction = ZERO
) -> Fraction | None:
    """The burn rate over the last `window` agreed seconds before `now`."""
    past = intersection(ast, ((min(now, ast[0][0]), now),)) if ast else ()
    by_state = seconds_by_state(within(service, last(past, window)))
    bad = by_state[State.DOWN] + weight * by_state[State.DEGRADED]
    known = by_state[State.UP] + by_state[State.DEGRADED] + by_state[State.DOWN]
    return burn_rate(bad, known, target)


def burning(
    service: Sequence[Span],
    ast: Intervals,
    now: int,
    target: Fraction,
    interval: int,
    weight: Fraction = ZERO,
    rules: Sequence[BurnRule] = RULES,
) -> tuple[Burning, ...]:
    """The rules that hold at `now`, the most urgent first."""
    found = []
    for rule in rules:
        fitted = rule.for_interval(interval)
        long_rate = windowed_rate(service, ast, now, fitted.long, target, weight)
        short_rate = windowed_rate(service, ast, now, fitted.short, target, weight)
        if long_rate is None or short_rate is None:
            continue
        if long_rate >= fitted.threshold and short_rate >= fitted.threshold:
            found.append(Burning(fitted, long_rate, short_rate))
    return tuple(found)
