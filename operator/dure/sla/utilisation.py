"""Low utilisation: when a case opens, what it asks for, and when it closes. Activity is evidence, not productivity."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from fractions import Fraction

from dure.sla.indicators.use import ACTIVE_WITHIN, LEAST_USERS
from dure.sla.periods import is_business_day

LOW = Fraction(50, 100)
LOW_MONTHS = 2
FALL = Fraction(20, 100)
FALL_USERS = 5
CAUSE_WITHIN = 10
MEASURE_AFTER = 2
HABITUAL_DAYS = 8
# Part of supported Korean firms that did not use the system they were given: the baseline to quote.
BASELINE_UNUSED = Fraction(213, 1000)


class Grade(StrEnum):
    """How a person uses a service."""

    HABITUAL = "habitual"
    ACTIVE = "active"
    DORMANT = "dormant"
    NEVER = "never"


class Cause(StrEnum):
    """Why a service is not used; the first five from a Korean survey of supported firms."""

    UNFIT = "사양 부적합"
    LACKING = "기능 미흡"
    UPKEEP = "유지보수 비용"
    STAFF = "운영인력 부족"
    WILL = "의지 부족"
    TECHNICAL = "기술적 문제"
    OVER_LICENSED = "과다 계약"


class Opening(StrEnum):
    """Why a case opens."""

    LOW = "below 50 % in two months"
    FELL = "fell by 20 points in a month"


@dataclass(frozen=True, slots=True)
class UsageMonth:
    """A full month: entitled users, and those with a real action."""

    entitled: int
    acted: int

    @property
    def share(self) -> Fraction | None:
        """None where so few are entitled that the figure would name people."""
        return Fraction(self.acted, self.entitled) if self.entitled >= LEAST_USERS else None


def grade(action_days: Iterable[int], now: int) -> Grade:
    """A user's grade from the seconds of their actions; habitual from 8 different days in the last 30."""
    before = [one for one in action_days if one <= now]
    recent = {(now - one) // 86400 for one in before if now - one < ACTIVE_WITHIN}
    if len(recent) >= HABITUAL_DAYS:
        return Grade.HABITUAL
    if recent:
        return Grade.ACTIVE
    return Grade.DORMANT if before else Grade.NEVER


def shown_counts(grades: Iterable[Grade]) -> dict[Grade, int | None]:
    """How many users have each grade; a count of 1 or 2 is suppressed (None), for it would name people."""
    every = list(grades)
    counts = {one: every.count(one) for one in Grade}
    return {one: None if 0 < count < LEAST_USERS else count for one, count in counts.items()}


def opening(months: Sequence[UsageMonth]) -> Opening | None:
    """Why a case opens after the last of these full months; None when it does not."""
    shares = [one.share for one in months]
    if len(shares) >= LOW_MONTHS and all(one is not None and one < LOW for one in shares[-LOW_MONTHS:]):
        return Opening.LOW
    if len(shares) >= 2 and min(months[-1].entitled, months[-2].entitled) >= FALL_USERS:
        before, now = shares[-2], shares[-1]
        if before is not None and now is not None and before - now >= FALL:
            return Opening.FELL
    return None


def cause_due(opened: date, holidays: Iterable[date]) -> date:
    """The tenth business day after the case opened: by then its cause is known."""
    closed, day, left = set(holidays), opened, CAUSE_WITHIN
    while left:
        day += timedelta(days=1)
        left -= is_business_day(day, closed)
    return day


def may_close(before: UsageMonth, since_action: Sequence[UsageMonth], opened_for: Opening) -> bool:
    """Measured again two full months after the action: at least 50 %, and what fell has come back within 20 points."""
    if len(since_action) < MEASURE_AFTER:
        return False
    share, earlier = since_action[-1].share, before.share
    if share is None or share < LOW:
        return False
    return opened_for is Opening.LOW or earlier is None or earlier - share < FALL
