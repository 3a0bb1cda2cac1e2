"""Samples kept for disputes: what an import brings, what is read back, and how old days go."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy.orm import Session

from dure.runs.context import Context
from dure.runs.promise.intake.batch import Batch
from dure.sla.intervals import Interval
from dure.store.promise.records import forget_endpoints
from dure.store.promise.sample_cold import forget_old, put_away, read_cold
from dure.store.promise.samples import HOT_DAYS, Source, Stored, day_of, sample_store, worse


@dataclass(frozen=True, slots=True)
class Pruned:
    """Days that were packed, samples in them, packed days that were let go, and rows of lists of hosts that were."""

    days: int
    samples: int
    forgotten: int
    hosts: int = 0


def keep_samples(context: Context, batch: Batch, now: int) -> None:
    """Keep all samples of a file. Safe to repeat; it comes before the spans, so that no span lacks its samples."""
    given = ((Source(*key), one.stored(now)) for key, one in batch.columns.items() if one.starts and not one.ends)
    sample_store(context.store).add(given)


def samples_of(context: Context, customer: str, check: str, part: Interval) -> list[tuple[Source, Stored]]:
    """All samples of a check in [from, to), packed or not, by time."""
    with context.store.transaction() as session:
        return samples_within(session, context, customer, check, part)


def samples_within(
    session: Session, context: Context, customer: str, check: str, part: Interval
) -> list[tuple[Source, Stored]]:
    """As `samples_of`, in the caller's transaction."""
    cold = read_cold(session, customer, check, part)
    found = {(source, row.ts): row for source, row in cold}
    for source, row in sample_store(context.store).read(customer, check, part):
        before = found.get((source, row.ts))
        found[source, row.ts] = row if before is None else worse(before, row)
    return sorted(((source, row) for (source, _), row in found.items()), key=lambda pair: (pair[1].ts, pair[0].prober))


def prune(context: Context, now: int, *, check: bool = False) -> Pruned:
    """Pack days older than 14; let packed ones, and lists of hosts, go after 13 months when their month is closed.

    A day is dropped after its samples are packed and committed: killed in between, it is packed once more.
    """
    samples = sample_store(context.store)
    limit = day_of(now) - timedelta(days=HOT_DAYS)
    days = [day for day in samples.days() if day < limit]
    count = 0
    for day in days:
        rows = samples.of_day(day)
        count += sum(map(len, rows.values()))
        if check:
            continue
        with context.store.transaction() as session:
            put_away(session, day, rows)
        samples.drop(day)
    with context.store.transaction() as session:
        forgotten = forget_old(session, day_of(now))
        hosts = forget_endpoints(session, day_of(now))
        if check:
            session.rollback()
    return Pruned(len(days), count, forgotten, hosts)
