"""One service's closed month as the report's part: its days, outages, windows and trend."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from fractions import Fraction
from typing import Literal
from zoneinfo import ZoneInfo

from dure.model.report_notes import IncidentNote, ReportNotes
from dure.model.words import WordPair
from dure.report.engineers import named
from dure.report.lost import carried_seconds
from dure.report.noticed import noticed_at
from dure.report.parts import (
    ClassSeconds,
    CreditRow,
    DayCell,
    ExclusionRow,
    Figure,
    OutageRow,
    Service,
    TrendPoint,
    Week,
    WindowRow,
)
from dure.sla.classes import Seconds
from dure.sla.intervals import Intervals, intersection, length, union
from dure.sla.spans import where
from dure.sla.states import State
from dure.store.promise.detail import ExclusionFact, IncidentFact, WindowFact
from dure.store.promise.months import CustomerMonth, ServiceMonth
from dure.store.promise.views import DayFact

MINUTE = 60
Reason = Literal["maintenance", "excluded", "out_of_hours", "other_month"]


def service_of(
    one: ServiceMonth,
    month: CustomerMonth,
    history: Sequence[CustomerMonth],
    notes: ReportNotes,
    engineers: Mapping[str, WordPair],
    *,
    replaced: bool = False,
) -> Service:
    """The part of one service; notes are matched by service and start, to the minute. `engineers`: id -> names.

    `replaced`: a newer revision of the month has taken this one's place.
    """
    revision = f" --revision {one.revision}" if replaced else ""
    figures = one.figures
    target = Figure.of(one.target)
    assert target is not None  # noqa: S101 - Figure.of is None of None alone
    return Service(
        id=one.service,
        name=WordPair(ko=one.detail.service[0], en=one.detail.service[1]),
        explain=f"operator sla explain {month.customer} {one.service} {month.month}{revision}",
        target=target,
        verdict=one.verdict,
        availability=Figure.of(figures.availability),
        lower=Figure.of(figures.lower),
        upper=Figure.of(figures.upper),
        coverage=Figure.of(figures.coverage),
        observed=Figure.of(one.observed),
        seconds=_seconds(one.seconds),
        bad=str(figures.bad),
        degraded_weight=one.detail.degraded_weight,
        budget=str(one.budget),
        mode=one.detail.mode,
        blips=one.detail.blips,
        days=tuple(day_cell(day) for day in one.days),
        outages=tuple(_outages(one, month, notes)),
        windows=tuple(_window(fact) for fact in one.detail.windows),
        exclusions=tuple(_exclusion(fact, engineers) for fact in one.detail.exclusions),
        trend=tuple(_trend(one.service, past) for past in history),
        credit=CreditRow(
            fee=one.credit.fee,
            share=str(one.credit.share),
            amount=one.credit.amount,
            waived=one.credit.waived,
            due=one.credit.due,
        ),
        revision=one.revision,
        restated=one.reason,
        approvals=named(one.approvals, engineers),
        calendar=one.calendar,
        engine=one.engine,
        policy=one.policy,
        digest=one.digest,
        row=one.seal,
    )


def _seconds(one: Seconds) -> ClassSeconds:
    return ClassSeconds(**{name: getattr(one, name) for name in ClassSeconds.model_fields})


def day_cell(day: DayFact) -> DayCell:
    """The day by the worst that happened in it; a day without an agreed second is closed."""
    one = day.seconds
    worst: tuple[tuple[Week, int], ...] = (
        ("down", one.down),
        ("unknown", one.unknown),
        ("degraded", one.degraded),
        ("maintenance", one.maintenance),
        ("excluded", one.excluded),
        ("up", one.up),
    )
    state, seconds = next(((name, count) for name, count in worst if count), ("closed", one.period))
    return DayCell(day=date.fromisoformat(day.day), state=state, seconds=seconds, ast=one.ast)


def _outages(one: ServiceMonth, month: CustomerMonth, notes: ReportNotes) -> Iterator[OutageRow]:
    carried = carried_seconds(one)
    if carried:
        first = next(iter(where(one.spans, State.DOWN)), month.period)
        yield OutageRow(start=month.period[0], end=first[1], down=carried, counted=carried, carried=True)
    zone = ZoneInfo(month.zone)
    written = {_minute(note, zone): note for note in notes.incidents if note.service == one.service}
    noticed, names = noticed_at(month), {each.service: each.detail.service for each in month.services}
    for fact in one.detail.incidents:
        note = written.get(fact.start - fact.start % MINUTE)
        yield OutageRow(
            start=fact.start,
            end=fact.end,
            down=fact.down,
            counted=fact.counted,
            left_out=_reasons(fact, one, month),
            detected=noticed.get((one.service, fact.start), fact.detected),
            root=fact.cause,
            root_name=WordPair(ko=names[fact.cause][0], en=names[fact.cause][1]) if fact.cause in names else None,
            severity=note.severity if note else None,
            cause=note.cause if note else None,
            action=note.action if note else None,
            prevention=note.prevention if note else None,
            acknowledged=_second(note.acknowledged, zone) if note and note.acknowledged else None,
        )


def _second(moment: datetime, zone: ZoneInfo) -> int:
    return int(moment.replace(tzinfo=zone).timestamp())


def _minute(note: IncidentNote, zone: ZoneInfo) -> int:
    second = _second(note.start, zone)
    return second - second % MINUTE


def _reasons(fact: IncidentFact, one: ServiceMonth, month: CustomerMonth) -> tuple[Reason, ...]:
    """Why not all of an incident's downtime counted: each reason that took some of it away."""
    if fact.counted == fact.down:
        return ()
    envelope: Intervals = ((fact.start, fact.end),)
    down = intersection(envelope, tuple(where(one.spans, State.DOWN)))
    found: list[Reason] = []
    named = 0
    windows = union((window.start, window.end) for window in one.detail.windows if window.counted)
    excluded = union((out.start, out.end) for out in one.detail.exclusions if out.counted)
    masks: tuple[tuple[Reason, Intervals], ...] = (("maintenance", windows), ("excluded", excluded))
    for reason, mask in masks:
        overlap = length(intersection(down, mask))
        if overlap:
            found.append(reason)
            named += overlap
    if fact.end > month.period[1]:
        found.append("other_month")
        named += fact.end - month.period[1]
    if not found or (one.seconds.out_of_hours and fact.down - fact.counted > named):
        found.append("out_of_hours")
    return tuple(found)


def _window(fact: WindowFact) -> WindowRow:
    return WindowRow(
        start=fact.start,
        end=fact.end,
        announced=fact.announced,
        notice=None if fact.announced is None else fact.start - fact.announced,
        reason=fact.reason,
        counted=fact.counted,
        objection=fact.objection,
        late=fact.late,
    )


def _exclusion(fact: ExclusionFact, engineers: Mapping[str, WordPair]) -> ExclusionRow:
    return ExclusionRow(
        start=fact.start,
        end=fact.end,
        kind=fact.kind,
        evidence=fact.evidence,
        approvers=named(fact.approvers, engineers),
        counted=fact.counted,
        reason=fact.reason,
    )


def _trend(service: str, past: CustomerMonth) -> TrendPoint:
    found = next((one for one in past.services if one.service == service), None)
    if found is None:
        return TrendPoint(month=past.month, availability=None, down=None)
    coverage = found.figures.coverage
    is_known = coverage is not None and coverage >= least_coverage(found)
    availability = found.figures.availability if is_known else None
    return TrendPoint(month=past.month, availability=Figure.of(availability), down=found.seconds.down)


def least_coverage(one: ServiceMonth) -> Fraction:
    """The share that had to be measured for a verdict, as the contract said when the month was closed."""
    return Fraction(one.detail.min_coverage) / 100
