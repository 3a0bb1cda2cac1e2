"""Samples in PostgreSQL: a partition a day, dropped whole; the index on time is a BRIN, small whatever there is."""

from collections.abc import Iterable, Sequence
from datetime import date

from sqlalchemy import Connection, text

from dure.sla.intervals import Interval
from dure.store.database import Store
from dure.store.promise.samples import Source, Stored, bounds, by_day

PARTITION = "sample_hot_"
READ = (
    "SELECT s.customer, s.name, s.prober, h.ts, h.state, h.latency_ms, h.seq, h.received "
    "FROM sample_hot h JOIN sample_source s ON s.id = h.source"
)
ADD = (
    "INSERT INTO sample_hot (source, ts, state, latency_ms, seq, received) "
    "VALUES (:source, :ts, :state, :latency_ms, :seq, :received) "
    "ON CONFLICT (source, ts) DO UPDATE SET state = excluded.state, latency_ms = excluded.latency_ms "
    "WHERE excluded.state > sample_hot.state OR (excluded.state = sample_hot.state "
    "AND coalesce(excluded.latency_ms, -1) > coalesce(sample_hot.latency_ms, -1))"
)


class PartitionSamples:
    """The store's own database."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def add(self, given: Iterable[tuple[Source, Sequence[Stored]]]) -> None:
        """All in one transaction. Raises StoreFailed."""
        with self.store.transaction(alone="samples") as session:
            connection = session.connection()
            for day, sources in by_day(given).items():
                start, end = bounds(day)
                name = f"{PARTITION}{day:%Y%m%d}"
                values = f"FOR VALUES FROM ({start}) TO ({end})"
                connection.execute(text(f"CREATE TABLE IF NOT EXISTS {name} PARTITION OF sample_hot {values}"))
                for source, rows in sources.items():
                    number = _number(connection, source)
                    connection.execute(text(ADD), [{"source": number, **row._asdict()} for row in rows])

    def read(self, customer: str, check: str, part: Interval) -> list[tuple[Source, Stored]]:
        where = "WHERE s.customer = :customer AND s.name = :name AND h.ts >= :start AND h.ts < :end ORDER BY h.ts"
        given = {"customer": customer, "name": check, "start": part[0], "end": part[1]}
        with self.store.transaction() as session:
            rows = session.connection().execute(text(f"{READ} {where}"), given).all()
        return [(Source(*row[:3]), Stored(*row[3:])) for row in rows]

    def days(self) -> list[date]:
        query = (
            "SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid "
            "WHERE i.inhparent = 'sample_hot'::regclass ORDER BY c.relname"
        )
        with self.store.transaction() as session:
            names = session.connection().execute(text(query)).scalars().all()
        return [date.fromisoformat(name.removeprefix(PARTITION)) for name in names]

    def of_day(self, day: date) -> dict[Source, list[Stored]]:
        start, end = bounds(day)
        found: dict[Source, list[Stored]] = {}
        where = "WHERE h.ts >= :start AND h.ts < :end ORDER BY h.source, h.ts"
        with self.store.transaction() as session:
            for row in session.connection().execute(text(f"{READ} {where}"), {"start": start, "end": end}):
                found.setdefault(Source(*row[:3]), []).append(Stored(*row[3:]))
        return found

    def drop(self, day: date) -> None:
        with self.store.transaction(alone="samples") as session:
            session.connection().execute(text(f"DROP TABLE IF EXISTS {PARTITION}{day:%Y%m%d}"))


def _number(connection: Connection, source: Source) -> int:
    key = {"customer": source.customer, "name": source.check, "prober": source.prober}
    put = "INSERT INTO sample_source (customer, name, prober) VALUES (:customer, :name, :prober) ON CONFLICT DO NOTHING"
    connection.execute(text(put), key)
    query = "SELECT id FROM sample_source WHERE customer = :customer AND name = :name AND prober = :prober"
    return int(connection.execute(text(query), key).scalar_one())
