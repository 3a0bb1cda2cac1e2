"""A batch into the store: samples folded to spans, met with what is known, in one transaction."""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import accumulate, groupby
from operator import itemgetter
from zoneinfo import ZoneInfo

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from dure.model.problem import Problem
from dure.model.promise.contract import ContractCheck, day
from dure.model.promise.terms import check_rule
from dure.runs.context import Context
from dure.runs.promise.book import Book
from dure.runs.promise.intake.batch import Batch, Column, ImportInvalid, Key
from dure.runs.promise.intake.stretch import stretch_of
from dure.sla.checks import CheckTimeline, check_timeline
from dure.sla.intervals import Interval
from dure.sla.overlay import changed_seconds, overlaid
from dure.sla.periods import midnight
from dure.sla.records import Beginning, span_records
from dure.sla.samples import Sample
from dure.sla.spans import Span, Spans, merged, within
from dure.sla.states import State
from dure.store.promise.spans import GIVEN, read_causes, read_dead, read_spans, replace_spans, series_of, write_dead
from dure.store.promise.tables import BlipRow, CorrectionLedger, MonthFrozen, OutageRow

SAMPLED = Beginning.SAMPLE.value


@dataclass(frozen=True, slots=True)
class Imported:
    """What came of a file. `conflicts` are samples or seconds that disagreed: there the worse state holds."""

    rows: int
    checks: int
    changed: int
    dropped: int
    conflicts: int
    corrections: int
    note: str = ""
    """What the audit log lacks of it; empty: nothing."""


@dataclass(frozen=True, slots=True)
class Folded:
    """One check's new data. `causes`: start of a span -> what it begins with."""

    found: CheckTimeline
    causes: Mapping[int, str]
    times: Sequence[int]
    conflicts: int
    part: Interval | None = None
    """The seconds that samples say all about, so that what samples gave before is replaced; None: spans, as given."""


def checked(batch: Batch) -> dict[Key, Folded]:
    """The spans that the file itself gives. Raises ImportInvalid when it holds faults."""
    given = {key: _given(batch, column) for key, column in batch.columns.items() if column.ends}
    if batch.problems:
        raise ImportInvalid(batch.problems)
    return given


def load(context: Context, batch: Batch, given: Mapping[Key, Folded], reason: str, *, check: bool = False) -> Imported:
    """Write the batch whole; `given` is what `checked` gave for it.

    The same file a second time changes nothing. What falls into a closed month goes to the correction ledger too.
    `check` takes everything back at the end.
    """
    changed = conflicts = corrections = 0
    with context.store.transaction() as session:
        for key, parts in batch.dead.items():
            changed += write_dead(session, series_of(session, key[0], "collector", [key[1]])[key[1]], parts)
        for customer, columns in groupby(sorted(batch.columns), key=itemgetter(0)):
            book, keys = batch.books[customer], [*columns]
            if book is None:
                continue
            series = series_of(session, customer, "check", [key[1] for key in keys])
            dead = read_dead(session, customer)
            months = _frozen_months(session, customer)
            for key in keys:
                column = batch.columns[key]
                if not column.starts:
                    continue
                folded = given[key] if key in given else _fold(session, context, book, key, column.samples(), dead)
                written = _write(session, key, series[key[1]], folded, months, context.engineer, reason)
                changed += written.changed
                conflicts += folded.conflicts + written.conflicts
                corrections += written.corrections
        if check:
            session.rollback()
    return Imported(batch.rows, len(batch.columns) + len(batch.dead), changed, batch.dropped, conflicts, corrections)


def _given(batch: Batch, column: Column) -> Folded:
    """Spans as they are; two that claim a second with different states are a fault of the later line."""
    kept: list[Span] = []
    for span, line in column.spans():
        before = kept[-1] if kept else None
        if before is not None and span.start < before.end:
            if span.state is not before.state:
                why = f"another one is {before.state.value} until {before.end}"
                what = f"the span from {span.start} is {span.state.value}"
                batch.problems.append(Problem(batch.file, line, 1, what, why, "give each second one state"))
                continue
            kept[-1] = Span(before.start, max(before.end, span.end), span.state)
            continue
        kept.append(span)
    return Folded(CheckTimeline(merged(kept)), {}, (), 0)


def _fold(
    session: Session, context: Context, book: Book, key: Key, samples: Sequence[Sample], dead: tuple[Interval, ...]
) -> Folded:
    """Samples among the kept ones to spans; where the check's interval changed, each part is judged by its own."""
    check = book.checks[key[1]]
    shortest = min(check.interval_seconds, *(one.interval_seconds for one in check.earlier_intervals), 10**9)
    stretch = stretch_of(session, context, *key, samples, check_rule(check, shortest))
    ordered = stretch.samples
    found: list[CheckTimeline] = []
    causes: dict[int, str] = {}
    for part, interval, until in _parts(book, check, ordered, stretch.until):
        piece = check_timeline(part, check_rule(check, interval), dead, until)
        found.append(piece)
        causes.update({one.start: one.beginning.value for one in span_records(piece, part)})
    spans = merged(span for piece in found for span in piece.spans)
    outages = tuple(one for piece in found for one in piece.outages)
    blips = tuple(one for piece in found for one in piece.blips)
    times = [one.ts for one in ordered]
    whole = (spans[0].start, spans[-1].end)
    return Folded(CheckTimeline(spans, outages, blips), causes, times, stretch.conflicts, whole)


def _parts(
    book: Book, check: ContractCheck, ordered: Sequence[Sample], following: int | None
) -> list[tuple[Sequence[Sample], int, int]]:
    """(samples, their interval, up to when their silence is judged); `following` is the sample after all of them."""
    zone = ZoneInfo(book.contract.zone)
    changes = [(midnight(day(one.until), zone), one.interval_seconds) for one in check.earlier_intervals]
    times = [one.ts for one in ordered]
    found: list[tuple[Sequence[Sample], int, int]] = []
    first = 0
    for until, interval in changes:
        after = bisect_left(times, until)
        if first < after:
            # The last sample of the old interval is judged by it up to the change, or to its own end when no more came.
            is_last = after == len(times) and (following is None or following < until)
            end = until if not is_last else following or times[after - 1] + interval
            found.append((ordered[first:after], interval, max(end, times[after - 1])))
        first = max(first, after)
    if first < len(times):
        found.append((ordered[first:], check.interval_seconds, following or times[-1] + check.interval_seconds))
    return found


@dataclass(frozen=True, slots=True)
class _Written:
    changed: int
    conflicts: int
    corrections: int


def _write(
    session: Session,
    key: Key,
    series: int,
    folded: Folded,
    months: Mapping[str, Interval],
    engineer: str,
    reason: str,
) -> _Written:
    new = folded.found.spans
    # One second more on both sides: a neighbour in the same state becomes one span with the new one.
    part = (new[0].start - 1, new[-1].end + 1)
    known = read_spans(session, key[0], part).get(key[1], ())
    causes = read_causes(session, series, part)
    result = overlaid(_kept_beside(known, folded.part, causes), new)
    _write_outages(session, series, folded)
    if result.spans == merged(known):
        return _Written(0, result.conflicts, 0)
    whole = (min(part[0], known[0].start) if known else part[0], max(part[1], known[-1].end) if known else part[1])
    corrections = 0
    for month, period in months.items():
        seconds = changed_seconds(within(known, (period,)), within(result.spans, (period,)))
        if seconds:
            told = {state.value: count for state, count in seconds.items()}
            session.add(_correction(key[0], series, month, told, engineer, reason))
            corrections += 1
    replace_spans(
        session,
        series,
        whole,
        result.spans,
        _causes(result.spans, known, folded, causes),
        folded.times,
        2 if corrections else 1,
    )
    before = set(known)
    return _Written(sum(one not in before for one in result.spans), result.conflicts, corrections)


def _kept_beside(known: Spans, part: Interval | None, causes: Mapping[int, str]) -> Spans:
    """What the new spans meet: all that is known but what samples alone gave in the part that is folded anew."""
    if part is None:
        return known
    edges = ((known[0].start if known else part[0], part[0]), (part[1], known[-1].end if known else part[1]))
    outside = [one for one in edges if one[0] < one[1]]
    kept = [
        piece
        for one in known
        for piece in ((one,) if causes.get(one.start, GIVEN) == GIVEN else within((one,), outside))
    ]
    return merged(kept)


def _causes(result: Spans, known: Spans, folded: Folded, causes: Mapping[int, str]) -> dict[int, str]:
    """Start -> cause; a span that holds a given one stays given, since samples do not say all about it."""
    given = [one for one in known if causes.get(one.start, GIVEN) == GIVEN]
    given += folded.found.spans if folded.part is None else ()
    reaches = {state: _Reach([one for one in given if one.state is state]) for state in State}
    before = {one.start: causes[one.start] for one in known if one.start in causes}
    told = before | dict(folded.causes)
    return {one.start: GIVEN if reaches[one.state].meets(one) else told.get(one.start, SAMPLED) for one in result}


class _Reach:
    """Whether a span meets any of many, in steps that grow with the logarithm of their number."""

    def __init__(self, spans: Sequence[Span]) -> None:
        ordered = sorted((one.start, one.end) for one in spans)
        self._starts = [start for start, _ in ordered]
        self._ends = [*accumulate((end for _, end in ordered), max)]

    def meets(self, one: Span) -> bool:
        before = bisect_left(self._starts, one.end)
        return before > 0 and self._ends[before - 1] > one.start


def _correction(
    customer: str, series: int, month: str, seconds: Mapping[str, int], engineer: str, reason: str
) -> CorrectionLedger:
    return CorrectionLedger(
        customer=customer,
        series=series,
        month=month,
        kind="late_data",
        seconds=dict(seconds),
        reason=reason or "late data",
        by=engineer,
        at=datetime.now(UTC),
    )


def _write_outages(session: Session, series: int, folded: Folded) -> None:
    if folded.part is not None:
        start, end = folded.part
        session.execute(delete(OutageRow).where(OutageRow.series == series, OutageRow.start.between(start, end - 1)))
        session.execute(delete(BlipRow).where(BlipRow.series == series, BlipRow.at.between(start, end - 1)))
    for one in folded.found.outages:
        row = OutageRow(series=series, start=one.start, detected=one.detected, end=one.end, recovered=one.recovered)
        session.merge(row)
    for at in folded.found.blips:
        session.merge(BlipRow(series=series, at=at))


def _frozen_months(session: Session, customer: str) -> dict[str, Interval]:
    query = (
        select(MonthFrozen.month, MonthFrozen.period_start, MonthFrozen.period_end)
        .where(MonthFrozen.customer == customer)
        .distinct()
    )
    return {row.month: (row.period_start, row.period_end) for row in session.execute(query)}
