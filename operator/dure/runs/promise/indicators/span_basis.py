"""Indicators that rest on spans: availability, line, business hours, coverage, backup; and on incidents."""

from collections.abc import Sequence
from fractions import Fraction
from typing import ClassVar, Literal

from dure.runs.promise.indicators.basis import Basis, Record
from dure.sla.indicators.incident import (
    Trouble,
    mean_time_to_detect,
    repeat_rate,
    restored_in_time,
    severe_incidents,
)
from dure.sla.indicators.measure import HUNDRED, Lacking, Measure
from dure.sla.indicators.measured import availability, coverage
from dure.sla.indicators.protection import backup_compliance
from dure.sla.intervals import Interval
from dure.sla.mttx import Course
from dure.sla.ratio import Ratio, share

LEAST_KNOWN = Fraction(95, 100)


class Figure(Record):
    """A service's or a line's seconds; `bad` is exact, as text."""

    name: str
    bad: str
    known: int
    ast: int

    def ratio(self) -> Ratio:
        bad, known, ast = Fraction(self.bad), self.known, self.ast
        unknown = ast - known
        return Ratio(
            bad=bad,
            known=known,
            ast=ast,
            availability=share(known - bad, known),
            lower=share(ast - bad - unknown, ast),
            upper=share(ast - bad, ast),
            coverage=share(known, ast),
        )


def where_known(found: Measure, coverage: Fraction | None) -> Measure:
    """The measure, or none where less than 95 % was measured: silence is never taken for service."""
    if found.value is None or coverage is None or coverage >= LEAST_KNOWN:
        return found
    return Measure(None, found.part, found.whole, Lacking.TOO_FEW)


class SpanBasis(Basis):
    """Seconds of services, each with its own agreed hours."""

    SOURCE: ClassVar[str] = "spans"
    RECORDS: ClassVar[tuple[str, ...]] = ("figures",)
    figures: list[Figure]

    def measure(self) -> Measure:
        return where_known(availability([one.ratio() for one in self.figures]), self.coverage())

    def at_best(self) -> Fraction | None:
        """Had all that nobody measured been up."""
        bad, ast = sum((Fraction(one.bad) for one in self.figures), Fraction(0)), sum(one.ast for one in self.figures)
        upper = share(ast - bad, ast)
        return None if upper is None else HUNDRED * upper

    def coverage(self) -> Fraction | None:
        return share(sum(one.known for one in self.figures), sum(one.ast for one in self.figures))


class CoverageBasis(SpanBasis):
    """The same seconds; here little that is known is itself the value."""

    def measure(self) -> Measure:
        return coverage([one.ratio() for one in self.figures])

    def at_best(self) -> Fraction | None:
        return None


class LinkBasis(SpanBasis):
    """Lines round the clock within the contract, nothing taken out."""

    SOURCE: ClassVar[str] = "link-spans"
    contract: tuple[int, int]


class BackupDay(Record):
    """What a backup's check said of a local day: good (never DOWN), bad, or unknown."""

    check: str
    day: str
    state: Literal["good", "bad", "unknown"]


class BackupBasis(Basis):
    """A day with a backup of less than the check's age counts; one of which nothing is known is left out, and told."""

    SOURCE: ClassVar[str] = "backup-spans"
    RECORDS: ClassVar[tuple[str, ...]] = ("days",)
    days: list[BackupDay]
    contract: tuple[int, int]

    def measure(self) -> Measure:
        known = [one for one in self.days if one.state != "unknown"]
        good = sum(one.state == "good" for one in known)
        return where_known(backup_compliance(good, len(known)), self.coverage())

    def coverage(self) -> Fraction | None:
        return share(sum(one.state != "unknown" for one in self.days), len(self.days))


class IncidentRecord(Record):
    """An incident that counted; `end` None: it had not ended. `detected` None: nobody can tell."""

    service: str
    start: int
    detected: int | None
    end: int | None
    severity: int
    cause: str

    def trouble(self) -> Trouble:
        detected = self.start if self.detected is None else max(self.detected, self.start)
        return Trouble(Course(start=self.start, detect=detected, restore=self.end), self.severity, self.cause)


def troubles(records: Sequence[IncidentRecord]) -> list[Trouble]:
    return [one.trouble() for one in records]


class IncidentBasis(Basis):
    """Incidents of the month, known as well as the seconds that they were found in."""

    SOURCE: ClassVar[str] = "incidents"
    RECORDS: ClassVar[tuple[str, ...]] = ("incidents", "known", "ast")
    period: Interval
    incidents: list[IncidentRecord]
    known: int
    ast: int

    def measure(self) -> Measure:
        found = severe_incidents(troubles(self.incidents), self.period)
        # Where nothing was measured no incident could be found: none is then no value.
        return Measure(None, 0, 0, Lacking.NOTHING) if not self.known else where_known(found, self.coverage())

    def at_best(self) -> Fraction | None:
        """Had nothing happened in what nobody measured."""
        return severe_incidents(troubles(self.incidents), self.period).value

    def coverage(self) -> Fraction | None:
        return share(self.known, self.ast)


class RepeatBasis(IncidentBasis):
    """`incidents` reach 90 days back."""

    def measure(self) -> Measure:
        return where_known(repeat_rate(troubles(self.incidents), self.period), self.coverage())

    def at_best(self) -> Fraction | None:
        return None


class DetectionBasis(IncidentBasis):
    """Only incidents of which somebody or something noticed the start."""

    def measure(self) -> Measure:
        noticed = troubles([one for one in self.incidents if one.detected is not None])
        return where_known(mean_time_to_detect(noticed, self.period), self.coverage())

    def at_best(self) -> Fraction | None:
        return None


class RestoredBasis(IncidentBasis):
    """`limits` are seconds by severity 1 to 4; an open incident is judged at `as_of`."""

    limits: tuple[int, int, int, int]
    as_of: int

    def measure(self) -> Measure:
        limits = dict(enumerate(self.limits, 1))
        found = restored_in_time(troubles(self.incidents), limits, self.period, self.as_of)
        return where_known(found, self.coverage())

    def at_best(self) -> Fraction | None:
        return None
