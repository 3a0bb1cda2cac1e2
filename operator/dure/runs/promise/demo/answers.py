"""Made-up samples with answer times: quick at night, slower when people work, and now and then past any limit."""

import random
from collections.abc import Iterator
from datetime import date

from sqlalchemy.orm import Session

from dure.runs.promise.demo.history import SEOUL_OFFSET, Past
from dure.sla.intervals import Interval
from dure.sla.spans import Spans
from dure.sla.states import State
from dure.store.promise.codes import CODES
from dure.store.promise.sample_cold import put_away
from dure.store.promise.samples import Source, Stored, bounds, day_of

DAY, HOUR = 86_400, 3600
QUICK, BUSY, SLOW = 90, 240, 2500
"""Milliseconds: at night, at work, and the least of an answer that somebody complains of."""
SLOW_SHARE = 0.012


def write_answers(
    session: Session, customer: str, check: str, spans: Spans, past: Past, limit_ms: int, interval: int
) -> int:
    """Pack samples of a check that tell what its spans tell; how many days."""
    days = 0
    for day, rows in _days(f"{past.seed}/{customer}/{check}/answers", spans, past.period, limit_ms, interval):
        put_away(session, day, {Source(customer, check): rows})
        days += 1
    return days


def _days(
    seed: str, spans: Spans, period: Interval, limit_ms: int, interval: int
) -> Iterator[tuple[date, list[Stored]]]:
    source = random.Random(seed)  # noqa: S311 - made up, and the same for a seed
    slow = max(SLOW, limit_ms + 1)
    rows: list[Stored] = []
    for span in spans:
        first = period[0] + -(-(span.start - period[0]) // interval) * interval
        for ts in range(first, span.end, interval):
            if rows and ts >= bounds(day_of(rows[0].ts))[1]:
                yield day_of(rows[0].ts), rows
                rows = []
            if span.state is not State.UNKNOWN:
                took = _took(source, ts, slow) if span.state is State.UP else None
                rows.append(Stored(ts, CODES[span.state], took, None, ts))
    if rows:
        yield day_of(rows[0].ts), rows


def _took(source: random.Random, ts: int, slow: int) -> int:
    hour = (ts + SEOUL_OFFSET) % DAY // HOUR
    usual = BUSY if 9 <= hour < 18 else QUICK
    if usual == BUSY and source.random() < SLOW_SHARE:
        return slow + int(source.random() * slow)
    return int(usual * (0.6 + 0.8 * source.random()))
