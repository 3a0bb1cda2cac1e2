"""Which agreed maintenance counts: approved, announced in time, within the month's cap."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from dure.sla.faults import BadRule
from dure.sla.intervals import Interval, Intervals, first, intersection, interval, union

NOTICE = 72 * 3600
CAP = 4 * 3600


class MaintenanceMode(StrEnum):
    """Maintenance leaves the agreed time (`exclude`), counts as up (`as_up`), or counts as any second (`ignore`)."""

    EXCLUDE = "exclude"
    AS_UP = "as_up"
    IGNORE = "ignore"


@dataclass(frozen=True, slots=True)
class MaintenanceRules:
    """Mode; least notice before the start; most seconds of a period that may count."""

    mode: MaintenanceMode = MaintenanceMode.EXCLUDE
    notice: int = NOTICE
    cap: int = CAP

    def __post_init__(self) -> None:
        if self.notice < 0 or self.cap < 0:
            raise BadRule(f"notice {self.notice} s and cap {self.cap} s cannot be negative")


@dataclass(frozen=True, slots=True)
class MaintenanceWindow:
    """Planned start and end, when the customer was told and when it was approved; None: never."""

    start: int
    end: int
    announced: int | None
    approved: int | None

    def __post_init__(self) -> None:
        interval(self.start, self.end)


class Objection(StrEnum):
    """Why a window does not count."""

    NOT_APPROVED = "not approved"
    APPROVED_LATE = "approved after it started"
    NOT_ANNOUNCED = "not announced"
    SHORT_NOTICE = "announced too late"


def objection(window: MaintenanceWindow, notice: int) -> Objection | None:
    """Why the window does not count, before the cap; None when it does."""
    if window.approved is None:
        return Objection.NOT_APPROVED
    if window.approved > window.start:
        return Objection.APPROVED_LATE
    if window.announced is None:
        return Objection.NOT_ANNOUNCED
    return Objection.SHORT_NOTICE if window.start - window.announced < notice else None


def effective_maintenance(windows: Iterable[MaintenanceWindow], rules: MaintenanceRules, period: Interval) -> Intervals:
    """The seconds of the period in which maintenance counts.

    The windows are cut to the period and united first; then the earliest seconds count up to the cap, agreed hours
    or not.
    """
    counted = union((one.start, one.end) for one in windows if objection(one, rules.notice) is None)
    return first(intersection(counted, (period,)), rules.cap)
