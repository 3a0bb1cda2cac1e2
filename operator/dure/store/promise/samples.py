"""Samples as they came: kept whole for two weeks, then packed away for the length of a dispute.

They lie apart from the business data, a UTC day a piece: SQLite has a file a day, PostgreSQL a partition a day, so that
an old day goes at once and nothing is ever deleted row by row.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple, Protocol

from dure.sla.intervals import Interval
from dure.store.database import Store

HOT_DAYS = 14
COLD_MONTHS = 13
IMPORTED = "import"
"""The prober of samples that came from a file."""


class Stored(NamedTuple):
    """`state` is a code of dure.store.promise.codes; `received` in seconds UTC; latency in ms, None: not told."""

    ts: int
    state: int
    latency_ms: int | None
    seq: int | None
    received: int


@dataclass(frozen=True, slots=True)
class Source:
    """What samples are of, and who looked."""

    customer: str
    check: str
    prober: str = IMPORTED


class SampleStore(Protocol):
    """Where samples of the last days lie."""

    def add(self, given: Iterable[tuple[Source, Sequence[Stored]]]) -> None:
        """Keep them; of two that claim one moment `worse` holds. Safe to repeat."""

    def read(self, customer: str, check: str, part: Interval) -> list[tuple[Source, Stored]]:
        """All samples of a check in [from, to), by time."""

    def days(self) -> list[date]:
        """UTC days that there are, oldest first."""

    def of_day(self, day: date) -> dict[Source, list[Stored]]:
        """All samples of a day, each source's by time."""

    def drop(self, day: date) -> None:
        """Let the day go, whole."""


def sample_store(store: Store) -> SampleStore:
    """Files beside a SQLite store, partitions in PostgreSQL."""
    if store.engine.dialect.name == "sqlite":
        from dure.store.promise.sample_files import FileSamples, directory_beside

        return FileSamples(directory_beside(str(store.engine.url.database)))
    from dure.store.promise.sample_partitions import PartitionSamples

    return PartitionSamples(store)


def worse(one: Stored, other: Stored) -> Stored:
    """Of two samples of one moment the worse state, and of one state the longer answer: whichever came first."""
    return max(one, other, key=lambda row: (row.state, -1 if row.latency_ms is None else row.latency_ms))


def day_of(ts: int) -> date:
    return datetime.fromtimestamp(ts, UTC).date()


def bounds(day: date) -> Interval:
    """[first second, first second after it) of a UTC day."""
    start = datetime(day.year, day.month, day.day, tzinfo=UTC)
    return int(start.timestamp()), int((start + timedelta(days=1)).timestamp())


def by_day(given: Iterable[tuple[Source, Sequence[Stored]]]) -> dict[date, dict[Source, list[Stored]]]:
    """The samples sorted into their days."""
    found: dict[date, dict[Source, list[Stored]]] = {}
    for source, rows in given:
        for row in rows:
            found.setdefault(day_of(row.ts), {}).setdefault(source, []).append(row)
    return found
