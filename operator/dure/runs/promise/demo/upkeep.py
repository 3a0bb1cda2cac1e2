"""How a made-up company is kept: backups, a restore a month, hosts. Records and notes both come from here."""

import random
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from dure.runs.promise.demo.company import Company
from dure.runs.promise.demo.history import GAP, SEOUL, Past, unseen
from dure.sla.overlay import overlaid
from dure.sla.periods import days_of, month, parsed_month
from dure.sla.spans import Span, Spans
from dure.sla.states import State

BACKUP_AT, FOUND_AT, AGAIN_AT = time(2, 30), time(3, 0), time(11, 30)
"""When a backup runs, when one that failed is found too old, and when it was made up for."""
FAILING = 0.5
"""Share of months with a backup that failed."""
RESTORED_AT = time(10, 20)
RESTORE_SECONDS, RESTORE_BYTES = 41, 2_417_664


@dataclass(frozen=True, slots=True)
class Upkeep:
    """A month's backups by day, the days of them that failed, and the day of the restore, which the night's backup
    gave."""

    days: tuple[date, ...]
    failed: tuple[date, ...]
    restored: date

    @property
    def saved_at(self) -> datetime:
        return at(self.restored, BACKUP_AT)

    @property
    def restored_at(self) -> datetime:
        return at(self.restored, RESTORED_AT)


def at(day: date, clock: time) -> datetime:
    """A moment in Seoul."""
    return datetime.combine(day, clock, SEOUL)


def upkeep_of(company: Company, number: int, past: Past, name: str) -> Upkeep:
    """That month; the first company has a failure in each, so that there is one to show."""
    source = random.Random(f"{past.seed}/{company.id}/{name}/upkeep")  # noqa: S311 - made up, and the same for a seed
    days = tuple(days_of(month(*parsed_month(name), SEOUL), SEOUL))
    failed = days[source.randrange(2, 16)]
    restored = days[16] + timedelta(days=source.randrange(0, 5))
    return Upkeep(days, (failed,) if number == 0 or source.random() < FAILING else (), restored)


def backup_spans(months: tuple[Upkeep, ...], past: Past) -> Spans:
    """What the check of the backup's age saw: DOWN from when a failure showed until it was made up for."""
    spans: Spans = (Span(*past.period, State.UP),)
    for day in (day for one in months for day in one.failed):
        start, end = (int(at(day, clock).timestamp()) for clock in (FOUND_AT, AGAIN_AT))
        spans = overlaid(spans, (Span(start, end, State.DOWN),)).spans
    gap = (max(GAP[0], past.period[0]), min(GAP[1], past.period[1]))
    return unseen(spans, gap) if gap[0] < gap[1] else spans


def hosts_of(company: Company) -> tuple[str, ...]:
    """A server, and a PC for every second person."""
    return ("SRV-01", *(f"PC-{number:02}" for number in range(1, company.people // 2 + 2)))
