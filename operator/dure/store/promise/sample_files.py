"""Samples in SQLite: a file a day, each whole in itself."""

import contextlib
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from pathlib import Path

from dure.sla.intervals import Interval
from dure.store.database import BUSY_SECONDS, StoreFailed
from dure.store.promise.samples import Source, Stored, by_day, day_of

SUFFIX = ".sqlite"
SHAPE = """
CREATE TABLE IF NOT EXISTS source (
    id INTEGER PRIMARY KEY, customer TEXT NOT NULL, name TEXT NOT NULL, prober TEXT NOT NULL,
    UNIQUE (customer, name, prober)
);
CREATE TABLE IF NOT EXISTS sample (
    source INTEGER NOT NULL REFERENCES source (id), ts INTEGER NOT NULL, state INTEGER NOT NULL,
    latency_ms INTEGER, seq INTEGER, received INTEGER NOT NULL, PRIMARY KEY (source, ts)
) WITHOUT ROWID;
"""
ADD = (
    "INSERT INTO sample VALUES (?, ?, ?, ?, ?, ?) "
    "ON CONFLICT (source, ts) DO UPDATE SET state = excluded.state, latency_ms = excluded.latency_ms "
    "WHERE excluded.state > sample.state "
    "OR (excluded.state = sample.state AND coalesce(excluded.latency_ms, -1) > coalesce(sample.latency_ms, -1))"
)
READ = (
    "SELECT s.customer, s.name, s.prober, ts, state, latency_ms, seq, received "
    "FROM sample JOIN source s ON s.id = source"
)


def directory_beside(database: str) -> Path:
    """Where the days of a SQLite store lie."""
    return Path(database).parent / "samples"


class FileSamples:
    """One directory of days."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    def add(self, given: Iterable[tuple[Source, Sequence[Stored]]]) -> None:
        """Each day in a transaction of its own; raises StoreFailed when one cannot be written."""
        for day, sources in by_day(given).items():
            with self._opened(day) as connection:
                connection.executescript(SHAPE)
                for source, rows in sources.items():
                    key = (source.customer, source.check, source.prober)
                    connection.execute("INSERT OR IGNORE INTO source (customer, name, prober) VALUES (?, ?, ?)", key)
                    query = "SELECT id FROM source WHERE customer = ? AND name = ? AND prober = ?"
                    number = connection.execute(query, key).fetchone()[0]
                    connection.executemany(ADD, ((number, *row) for row in rows))

    def read(self, customer: str, check: str, part: Interval) -> list[tuple[Source, Stored]]:
        found = []
        for day in self.days():
            if not day_of(part[0]) <= day <= day_of(part[1]):
                continue
            with self._opened(day) as connection:
                query = f"{READ} WHERE s.customer = ? AND s.name = ? AND ts >= ? AND ts < ? ORDER BY ts"
                rows = connection.execute(query, (customer, check, *part)).fetchall()
            found += [(Source(*row[:3]), Stored(*row[3:])) for row in rows]
        return found

    def days(self) -> list[date]:
        found = []
        for file in self.directory.glob(f"*{SUFFIX}"):
            with contextlib.suppress(ValueError):
                found.append(date.fromisoformat(file.stem))
        return sorted(found)

    def of_day(self, day: date) -> dict[Source, list[Stored]]:
        found: dict[Source, list[Stored]] = {}
        with self._opened(day) as connection:
            for row in connection.execute(f"{READ} ORDER BY source, ts"):
                found.setdefault(Source(*row[:3]), []).append(Stored(*row[3:]))
        return found

    def drop(self, day: date) -> None:
        for suffix in ("-wal", "-shm", ""):
            self._file(day).with_name(f"{day.isoformat()}{SUFFIX}{suffix}").unlink(missing_ok=True)

    def _file(self, day: date) -> Path:
        return self.directory / f"{day.isoformat()}{SUFFIX}"

    @contextlib.contextmanager
    def _opened(self, day: date) -> Iterator[sqlite3.Connection]:
        """A day's file in a transaction of its own, closed afterwards."""
        try:
            self.directory.mkdir(mode=0o700, exist_ok=True)
            with contextlib.closing(sqlite3.connect(self._file(day), timeout=BUSY_SECONDS)) as connection, connection:
                connection.execute("PRAGMA journal_mode=WAL")
                connection.execute("PRAGMA synchronous=NORMAL")
                yield connection
        except (sqlite3.Error, OSError) as error:
            mend = "free some space there (df -h), see its rights, then repeat: what is kept already stays"
            raise StoreFailed(
                "samples cannot be kept", where=str(self._file(day)), why=str(error), mend=mend
            ) from error
