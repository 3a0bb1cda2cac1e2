"""Indicators that rest on Dure's own work: changes, their governance, restores, looks for drift."""

from collections.abc import Sequence
from typing import ClassVar

from dure.runs.promise.indicators.basis import Basis, Record
from dure.sla.indicators.desk import GovernedRun, automation_governance
from dure.sla.indicators.incident import Change, change_success
from dure.sla.indicators.measure import Measure
from dure.sla.indicators.protection import RestoreTest, conformity, restore_tests
from dure.sla.intervals import Interval


class ChangeRecord(Record):
    """A run that changed something; `incidents` are starts of incidents of the site within a day after it."""

    run: str
    at: int
    failed: bool
    incidents: list[int]


class ChangeBasis(Basis):
    SOURCE: ClassVar[str] = "runs"
    RECORDS: ClassVar[tuple[str, ...]] = ("changes",)
    period: Interval
    changes: list[ChangeRecord]

    def measure(self) -> Measure:
        return change_success([Change(one.at, one.failed, tuple(one.incidents)) for one in self.changes], self.period)


class GovernedRecord(Record):
    """Of one run: which of who, what, when, where and why, approval and log are on record."""

    run: str
    who: bool
    what: bool
    when: bool
    where: bool
    why: bool
    approval: bool
    log: bool


class GovernanceBasis(Basis):
    SOURCE: ClassVar[str] = "audit"
    RECORDS: ClassVar[tuple[str, ...]] = ("runs",)
    runs: list[GovernedRecord]

    def measure(self) -> Measure:
        return automation_governance(_governed(self.runs))


def _governed(runs: Sequence[GovernedRecord]) -> list[GovernedRun]:
    return [GovernedRun(one.who, one.what, one.when, one.where, one.why, one.approval, one.log) for one in runs]


class RestoreRecord(Record):
    """A restore or an acceptance's proof of one: seconds it took, and how old what came back was."""

    run: str
    at: int
    passed: bool
    took: int
    data_age: int


class RestoreBasis(Basis):
    """Of the twelve months up to the month's end; `rto` and `rpo` in seconds."""

    SOURCE: ClassVar[str] = "restores"
    RECORDS: ClassVar[tuple[str, ...]] = ("tests",)
    year: Interval
    rto: int
    rpo: int
    tests: list[RestoreRecord]

    def measure(self) -> Measure:
        tests = [RestoreTest(one.at, one.passed, one.took, self.rto, one.data_age, self.rpo) for one in self.tests]
        return restore_tests(tests, self.year)


class LookRecord(Record):
    """The last look for drift of a local day at a stack."""

    site: str
    at: int
    managed: int
    drifted: int


class DriftBasis(Basis):
    SOURCE: ClassVar[str] = "drift"
    RECORDS: ClassVar[tuple[str, ...]] = ("looks",)
    looks: list[LookRecord]

    def measure(self) -> Measure:
        return conformity(sum(one.drifted for one in self.looks), sum(one.managed for one in self.looks))
