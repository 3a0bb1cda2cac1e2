"""Indicators 5-8 and 16, from incidents and changes."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from dure.sla.indicators.measure import Lacking, Measure, mean_of, number, rate_of
from dure.sla.intervals import Interval
from dure.sla.mttx import Course

DAY = 86400
REPEAT_WITHIN = 90 * DAY
CHANGE_WATCHED = DAY
SEVERE = 2


@dataclass(frozen=True, slots=True)
class Trouble:
    """An incident with severity (1 is worst) and root cause; an empty cause is not known and repeats nothing."""

    course: Course
    severity: int
    cause: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """When it was made, whether it was rolled back, and when incidents laid at its door started."""

    at: int
    rolled_back: bool
    incidents: tuple[int, ...] = ()


def _started(troubles: Iterable[Trouble], period: Interval) -> list[Trouble]:
    return [one for one in troubles if period[0] <= one.course.start < period[1]]


def severe_incidents(troubles: Iterable[Trouble], period: Interval) -> Measure:
    """5: incidents of severity 1-2 that started in the period."""
    return number(sum(one.severity <= SEVERE for one in _started(troubles, period)))


def repeat_rate(troubles: Sequence[Trouble], period: Interval) -> Measure:
    """6: incidents whose root cause had caused another one at most 90 days before ÷ those started with a known cause.

    `troubles` reach 90 days back. Where no cause is known nobody can tell, which is no value and not 0 %.
    """

    def repeats(one: Trouble) -> bool:
        earliest = one.course.start - REPEAT_WITHIN
        return any(
            other is not one and other.cause == one.cause and earliest <= other.course.start < one.course.start
            for other in troubles
        )

    started = _started(troubles, period)
    told = [one for one in started if one.cause]
    if started and not told:
        return Measure(None, 0, 0, Lacking.NO_CAUSE)
    return rate_of([repeats(one) for one in told])


def mean_time_to_detect(troubles: Iterable[Trouble], period: Interval) -> Measure:
    """7: mean of detect − start in minutes, over incidents started in the period."""
    return mean_of(Fraction(one.course.to_detect, 60) for one in _started(troubles, period))


def restored_in_time(troubles: Iterable[Trouble], limits: Mapping[int, int], period: Interval, now: int) -> Measure:
    """8: restored within the limit of their severity (seconds) ÷ incidents started in the period.

    One that is still open counts as missed once its limit has passed at `now`, and not at all before.
    """
    judged = []
    for one in _started(troubles, period):
        limit, taken = limits[one.severity], one.course.to_restore
        if taken is not None:
            judged.append(taken <= limit)
        elif now - one.course.start > limit:
            judged.append(False)
    return rate_of(judged)


def change_success(changes: Iterable[Change], period: Interval) -> Measure:
    """16: changes of the period neither rolled back nor followed by an incident within 24 hours ÷ changes."""
    return rate_of(
        [
            not one.rolled_back and not any(one.at <= start <= one.at + CHANGE_WATCHED for start in one.incidents)
            for one in changes
            if period[0] <= one.at < period[1]
        ]
    )
