"""Samples packed away: one small blob a check and day, for as long as a month may be disputed."""

import json
import zlib
from collections.abc import Sequence
from datetime import date

from sqlalchemy import Integer, String, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from dure.sla.intervals import Interval
from dure.store.promise.months import month_before
from dure.store.promise.sample_columns import packed_column, unpacked_columns
from dure.store.promise.samples import COLD_MONTHS, Source, Stored, day_of, worse
from dure.store.promise.tables import MonthFrozen
from dure.store.tables import Base

LATEST = 253_402_300_799
"""The last second that has a date, at the end of 9999."""
FORM = b"\x02"
"""Before columns of bytes; columns of JSON, as earlier versions packed them, begin as zlib does, with another."""


class SampleCold(Base):
    """`packed`: the day's samples of one prober, compressed; `pack` and `unpacked` say how."""

    __tablename__ = "sample_cold"
    customer: Mapped[str] = mapped_column(String(100), primary_key=True)
    name: Mapped[str] = mapped_column(String(200), primary_key=True)
    prober: Mapped[str] = mapped_column(String(100), primary_key=True)
    day: Mapped[str] = mapped_column(String(10), primary_key=True)
    samples: Mapped[int] = mapped_column(Integer)
    packed: Mapped[bytes]


def pack(rows: Sequence[Stored]) -> bytes:
    """Columns of differences, so that regular samples become runs of the same number, compressed."""
    columns: list[list[int | None]] = [
        _differences([row.ts for row in rows]),
        [row.state for row in rows],
        [row.latency_ms for row in rows],
        [row.seq for row in rows],
        _differences([row.received for row in rows]),
    ]
    try:
        return FORM + zlib.compress(b"".join(map(packed_column, columns)), 9)
    except OverflowError:  # a number that 64 bits do not hold
        return zlib.compress(json.dumps(columns, separators=(",", ":")).encode(), 9)


def columns_of(packed: bytes) -> tuple[list[int], list[int], list[int | None], list[int | None], list[int]]:
    """Differences of the times, states, answer times, numbers, and differences of the times of arrival."""
    body = zlib.decompress(packed.removeprefix(FORM))
    steps, states, latencies, numbers, arrivals = unpacked_columns(body) if packed[:1] == FORM else json.loads(body)
    return _known(steps), _known(states), latencies, numbers, _known(arrivals)


def _known(column: list[int | None]) -> list[int]:
    """A column in which nothing is left out."""
    return [one for one in column if one is not None]


def unpacked(packed: bytes) -> list[Stored]:
    """What was packed."""
    ts, state, latency, seq, received = columns_of(packed)
    columns = (_sums(ts), state, latency, seq, _sums(received))
    return [Stored(*row) for row in zip(*columns, strict=True)]


def _differences(values: Sequence[int]) -> list[int | None]:
    return [value - before for value, before in zip(values, [0, *values], strict=False)]


def _sums(values: Sequence[int]) -> list[int]:
    found, total = [], 0
    for value in values:
        total += value
        found.append(total)
    return found


def put_away(session: Session, day: date, given: dict[Source, list[Stored]]) -> None:
    """Pack a day. What is packed of it already is met with: of two that claim one moment `worse` holds."""
    for source, rows in given.items():
        key = (source.customer, source.check, source.prober, day.isoformat())
        known = session.get(SampleCold, key)
        whole = {row.ts: row for row in (unpacked(known.packed) if known else ())}
        for row in rows:
            before = whole.get(row.ts)
            whole[row.ts] = row if before is None else worse(before, row)
        ordered = [whole[ts] for ts in sorted(whole)]
        if known is None:
            known = SampleCold(customer=key[0], name=key[1], prober=key[2], day=key[3], samples=0, packed=b"")
            session.add(known)
        known.samples, known.packed = len(ordered), pack(ordered)


def read_cold(session: Session, customer: str, check: str, part: Interval) -> list[tuple[Source, Stored]]:
    """Packed samples of a check in [from, to), by time."""
    query = select(SampleCold).where(SampleCold.customer == customer, SampleCold.name == check)
    first, last = (str(day_of(min(at, LATEST))) for at in part)
    query = query.where(SampleCold.day >= first, SampleCold.day <= last)
    found = [
        (Source(one.customer, one.name, one.prober), row)
        for one in session.scalars(query.order_by(SampleCold.day))
        for row in unpacked(one.packed)
    ]
    return sorted((pair for pair in found if part[0] <= pair[1].ts < part[1]), key=lambda pair: pair[1].ts)


def forget_old(session: Session, today: date) -> int:
    """Let packed days go that are older than 13 months and whose month is closed; how many blobs."""
    month = f"{today:%Y-%m}"
    for _ in range(COLD_MONTHS):
        month = month_before(month)
    old = select(SampleCold.customer, SampleCold.day).where(SampleCold.day < f"{month}-01").distinct()
    count = 0
    for customer, day in session.execute(old).all():
        # A UTC day lies in two local ones: at a month's end it may be evidence for either month.
        following = date.fromordinal(date.fromisoformat(day).toordinal() + 1)
        months = {day[:7], f"{following:%Y-%m}"}
        closed = select(MonthFrozen.month).where(MonthFrozen.customer == customer, MonthFrozen.month.in_(months))
        if set(session.scalars(closed)) != months:
            continue
        gone = delete(SampleCold).where(SampleCold.customer == customer, SampleCold.day == day)
        count += len(session.scalars(gone.returning(SampleCold.name)).all())
    return count
