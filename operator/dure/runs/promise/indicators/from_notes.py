"""Gathers what engineers wrote into reports/CUSTOMER/MONTH.yaml before the close, for no machine records it yet."""

from collections.abc import Iterable
from pathlib import Path
from typing import ClassVar

from dure.model.problem import WorkspaceInvalid
from dure.model.report_notes import ExpiryNote, ReportNotes, load_report_notes
from dure.runs.promise.indicators.basis import Basis, Found, Missing, Record
from dure.runs.promise.indicators.facts import MonthFacts
from dure.sla.indicators.measure import Measure, rate
from dure.sla.indicators.protection import Expiry, renewed_in_time
from dure.sla.intervals import Interval
from dure.sla.periods import midnight
from dure.store.promise.months import month_before

MONTHS = 4
"""Notes tell what ends within 90 days: so far back the same end may stand."""


class NoteBasis(Basis):
    """The file may be written on after the close: the value keeps what it said then, and is not compared with it."""

    SOURCE: ClassVar[str] = "notes"
    RECORDS: ClassVar[tuple[str, ...]] = ()


class PatchBasis(NoteBasis):
    """Machines that were due for a critical patch, and of them those that had it in time."""

    hosts: int
    in_time: int

    def measure(self) -> Measure:
        return rate(self.in_time, self.hosts)


class ExpiryRecord(Record):
    """What ends, and when it was renewed; the first seconds of local days."""

    name: str
    expires: int
    renewed: int | None


class RenewalBasis(NoteBasis):
    period: Interval
    expiries: list[ExpiryRecord]

    def measure(self) -> Measure:
        return renewed_in_time([Expiry(one.expires, one.renewed) for one in self.expiries], self.period)


def from_notes(root: Path, facts: MonthFacts) -> dict[str, Found]:
    """By key."""
    try:
        notes = _notes(root, facts)
    except WorkspaceInvalid:
        return dict.fromkeys(("patch", "renewal"), Missing(why="notes-invalid"))
    patch = notes[-1].patch
    expiries = _expiries(facts, (item for one in notes for item in one.expiries or []))
    looked = any(one.expiries is not None for one in notes)
    return {
        "patch": PatchBasis(hosts=patch.hosts, in_time=patch.in_time) if patch else Missing(why="no-patch-record"),
        "renewal": RenewalBasis(period=facts.period, expiries=expiries) if looked else Missing(why="no-expiry-record"),
    }


def _notes(root: Path, facts: MonthFacts) -> list[ReportNotes]:
    """Of this month and those before, this one last."""
    months = [facts.month]
    while len(months) < MONTHS:
        months.append(month_before(months[-1]))
    return [load_report_notes(root, facts.customer, one) for one in reversed(months)]


def _expiries(facts: MonthFacts, notes: Iterable[ExpiryNote]) -> list[ExpiryRecord]:
    """Each end once; the renewal that was noted last counts."""
    found: dict[tuple[str, str, int], ExpiryRecord] = {}
    for one in notes:
        expires = midnight(one.day, facts.zone)
        renewed = None if one.renewed is None else midnight(one.renewed, facts.zone)
        key = (one.kind, one.name.ko, expires)
        before = found.get(key)
        kept = before.renewed if renewed is None and before else renewed
        found[key] = ExpiryRecord(name=f"{one.kind} {one.name.ko}", expires=expires, renewed=kept)
    return [found[key] for key in sorted(found)]
