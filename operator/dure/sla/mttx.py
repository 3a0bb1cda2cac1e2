"""Mean times to detect, acknowledge, restore and between failures. Nothing is ever infinite or 0 for want of data."""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from dure.sla.faults import SlaError
from dure.sla.intervals import Interval


@dataclass(frozen=True, slots=True)
class Course:
    """An incident's times in order, seconds UTC; None: has not happened. `start` is back-dated."""

    start: int
    detect: int
    ack: int | None = None
    restore: int | None = None
    close: int | None = None

    def __post_init__(self) -> None:
        known = [one for one in (self.start, self.detect, self.ack, self.close) if one is not None]
        if known != sorted(known) or (self.restore is not None and self.restore < self.start):
            raise SlaError(f"the times of the incident from {self.start} are out of order")

    @property
    def to_detect(self) -> int:
        return self.detect - self.start

    @property
    def to_acknowledge(self) -> int | None:
        return None if self.ack is None else self.ack - self.detect

    @property
    def to_restore(self) -> int | None:
        return None if self.restore is None else self.restore - self.start


@dataclass(frozen=True, slots=True)
class MeanTimes:
    """Seconds; None: no incident to take a mean of. `mtbf` with `censored` means "at least"."""

    started: int
    restored: int
    mttd: Fraction | None
    mtta: Fraction | None
    mttr: Fraction | None
    mtbf: Fraction
    censored: bool
    mtbsi: Fraction | None


def mean(values: Iterable[int | None]) -> Fraction | None:
    """The exact mean of those that are known; None of none."""
    known = [value for value in values if value is not None]
    return Fraction(sum(known), len(known)) if known else None


def mean_times(courses: Iterable[Course], period: Interval, known: int, bad: Fraction | int, ast: int) -> MeanTimes:
    """Over incidents started in the period; MTTR over those restored in it.

    Without an incident MTBF is at least the agreed time (censored), never infinite.
    """
    every = list(courses)
    started = [one for one in every if period[0] <= one.start < period[1]]
    restored = [one for one in every if one.restore is not None and period[0] <= one.restore < period[1]]
    mttr = mean(one.to_restore for one in restored)
    mtbf = (known - Fraction(bad)) / len(started) if started else Fraction(ast)
    return MeanTimes(
        started=len(started),
        restored=len(restored),
        mttd=mean(one.to_detect for one in started),
        mtta=mean(one.to_acknowledge for one in started),
        mttr=mttr,
        mtbf=mtbf,
        censored=not started,
        mtbsi=mtbf + mttr if started and mttr is not None else None,
    )
