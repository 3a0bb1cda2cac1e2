"""Reading and writing the timelines of a customer; all in the caller's transaction."""

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import and_, delete, func, insert, select
from sqlalchemy.orm import Session

from dure.sla.intervals import Interval, union
from dure.sla.spans import Span, Spans
from dure.store.promise.codes import CODES, STATES
from dure.store.promise.running import mark_changed
from dure.store.promise.tables import BlipRow, CollectorSpanRow, OutageRow, Series, SpanRow
from dure.store.tables import Base

GIVEN = "given"


def series_of(session: Session, customer: str, kind: str, names: Iterable[str]) -> dict[str, int]:
    """Name -> id of a customer's series; those that are new are made."""
    query = select(Series.name, Series.id).where(Series.customer == customer, Series.kind == kind)
    known = {row.name: row.id for row in session.execute(query)}
    for name in names:
        if name not in known:
            made = Series(customer=customer, kind=kind, name=name)
            session.add(made)
            session.flush()
            known[name] = made.id
    return known


def read_spans(session: Session, customer: str, part: Interval) -> dict[str, Spans]:
    """Check -> its spans that meet the interval, uncut; a check without any is left out."""
    earlier = SpanRow.__table__.alias()
    # The span that covers the interval's begin starts before it: it is found by the key, however long the history.
    first = select(func.max(earlier.c.start)).where(earlier.c.series == Series.id, earlier.c.start <= part[0])
    query = (
        select(Series.name, SpanRow.start, SpanRow.end, SpanRow.state)
        .join(
            SpanRow,
            and_(
                SpanRow.series == Series.id,
                SpanRow.start < part[1],
                SpanRow.start >= func.coalesce(first.scalar_subquery(), part[0]),
            ),
        )
        .where(Series.customer == customer, Series.kind == "check")
        .order_by(SpanRow.series, SpanRow.start)
    )
    found: dict[str, list[Span]] = {}
    for name, start, end, state in session.execute(query):
        if end > part[0]:
            found.setdefault(name, []).append(Span(start, end, STATES[state]))
    return {name: tuple(spans) for name, spans in found.items()}


def read_causes(session: Session, series: int, part: Interval) -> dict[int, str]:
    """Start -> what it begins with, of a series' spans that meet the interval."""
    query = select(SpanRow.start, SpanRow.cause).where(
        SpanRow.series == series, SpanRow.start < part[1], SpanRow.end > part[0]
    )
    return {row.start: row.cause for row in session.execute(query)}


def read_ends(session: Session, customer: str) -> dict[str, int]:
    """Check -> the second up to which its timeline reaches."""
    latest = (
        select(SpanRow.series, func.max(SpanRow.start).label("start"))
        .join(Series, SpanRow.series == Series.id)
        .where(Series.customer == customer, Series.kind == "check")
        .group_by(SpanRow.series)
        .subquery()
    )
    query = (
        select(Series.name, SpanRow.end)
        .join(SpanRow, SpanRow.series == Series.id)
        .join(latest, and_(latest.c.series == SpanRow.series, latest.c.start == SpanRow.start))
    )
    return {row.name: row.end for row in session.execute(query)}


def replace_spans(
    session: Session,
    series: int,
    part: Interval,
    spans: Sequence[Span],
    causes: Mapping[int, str],
    times: Sequence[int],
    revision: int,
) -> None:
    """Put these spans in the place of all that start in the interval; `causes` by start, else `given`.

    `times` are those of the samples, in order, that the data came from.
    """
    mark_changed(session, series)
    session.execute(delete(SpanRow).where(SpanRow.series == series, SpanRow.start >= part[0], SpanRow.start < part[1]))
    rows = [
        {
            "series": series,
            "start": one.start,
            "end": one.end,
            "state": CODES[one.state],
            "samples": bisect_left(times, one.end) - bisect_left(times, one.start),
            "cause": causes.get(one.start, GIVEN),
            "revision": revision,
        }
        for one in spans
    ]
    if rows:
        session.execute(insert(Base.metadata.tables[SpanRow.__tablename__]), rows)


def read_outages(session: Session, customer: str, part: Interval) -> dict[str, list[tuple[int, int, int | None]]]:
    """Check -> (start, detected, end) of its confirmed outages that start in the interval."""
    query = (
        select(Series.name, OutageRow.start, OutageRow.detected, OutageRow.end)
        .join(OutageRow, OutageRow.series == Series.id)
        .where(Series.customer == customer, OutageRow.start >= part[0], OutageRow.start < part[1])
    )
    found: dict[str, list[tuple[int, int, int | None]]] = {}
    for name, start, detected, end in session.execute(query):
        found.setdefault(name, []).append((start, detected, end))
    return found


def count_blips(session: Session, customer: str, part: Interval) -> dict[str, int]:
    """Check -> how many DOWN samples of the interval were never confirmed."""
    query = (
        select(Series.name, func.count())
        .join(BlipRow, BlipRow.series == Series.id)
        .where(Series.customer == customer, BlipRow.at >= part[0], BlipRow.at < part[1])
        .group_by(Series.name)
    )
    return {row[0]: row[1] for row in session.execute(query)}


def read_dead(session: Session, customer: str) -> tuple[Interval, ...]:
    """When the customer's collectors were dead."""
    query = (
        select(CollectorSpanRow.start, CollectorSpanRow.end)
        .join(Series, CollectorSpanRow.series == Series.id)
        .where(Series.customer == customer)
        .order_by(CollectorSpanRow.start)
    )
    return tuple((row.start, row.end) for row in session.execute(query))


def write_dead(session: Session, series: int, parts: Iterable[Interval]) -> int:
    """A collector's dead times united with those known; how many rows are new."""
    query = select(CollectorSpanRow.start, CollectorSpanRow.end).where(CollectorSpanRow.series == series)
    known = {(row.start, row.end) for row in session.execute(query)}
    whole = union([*known, *parts])
    if set(whole) == known:
        return 0
    session.execute(delete(CollectorSpanRow).where(CollectorSpanRow.series == series))
    rows = [{"series": series, "start": start, "end": end} for start, end in whole]
    session.execute(insert(CollectorSpanRow), rows)
    return len(set(whole) - known)
