"""Answer times of a check's kept samples: read in columns, since a month of them is tens of thousands."""

from collections.abc import Iterable, Iterator
from itertools import accumulate

from sqlalchemy import select
from sqlalchemy.orm import Session

from dure.sla.intervals import Interval
from dure.store.database import Store
from dure.store.promise.sample_cold import LATEST, SampleCold, columns_of
from dure.store.promise.samples import day_of, sample_store

Answer = tuple[int, int, int]
"""Seconds UTC, code of the state, and milliseconds; NOT_TOLD where the sample had none."""
NOT_TOLD = -1


def read_answers(session: Session, store: Store, customer: str, check: str, part: Interval) -> list[Answer]:
    """All samples of a check in [from, to), packed or not, by time; each prober's own.

    Of two that one prober claims of a moment the worse state holds, and of one state the longer answer.
    """
    found: dict[str, dict[int, tuple[int, int]]] = {}
    for prober, rows in (*_cold(session, customer, check, part), *_hot(store, customer, check, part)):
        mine = found.setdefault(prober, {})
        for ts, one in rows:
            if part[0] <= ts < part[1]:
                before = mine.get(ts)
                mine[ts] = one if before is None else max(before, one)
    return sorted((ts, *one) for mine in found.values() for ts, one in mine.items())


Rows = Iterable[tuple[int, tuple[int, int]]]


def _cold(session: Session, customer: str, check: str, part: Interval) -> Iterator[tuple[str, Rows]]:
    query = select(SampleCold.prober, SampleCold.packed).where(
        SampleCold.customer == customer, SampleCold.name == check
    )
    first, last = (str(day_of(min(at, LATEST))) for at in part)
    for prober, packed in session.execute(query.where(SampleCold.day >= first, SampleCold.day <= last)):
        steps, states, latencies = columns_of(packed)[:3]
        told = (NOT_TOLD if took is None else took for took in latencies)
        yield prober, zip(accumulate(steps), zip(states, told, strict=True), strict=True)


def _hot(store: Store, customer: str, check: str, part: Interval) -> Iterator[tuple[str, Rows]]:
    for source, row in sample_store(store).read(customer, check, part):
        yield source.prober, ((row.ts, (row.state, NOT_TOLD if row.latency_ms is None else row.latency_ms)),)
