"""Gathers what was measured: seconds of services and lines, days with a backup, incidents with their tickets."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta

from dure.model.promise.contract import Contract
from dure.runs.promise.indicators.basis import Found, Missing
from dure.runs.promise.indicators.facts import MonthFacts
from dure.runs.promise.indicators.span_basis import (
    BackupBasis,
    BackupDay,
    CoverageBasis,
    DetectionBasis,
    Figure,
    IncidentBasis,
    IncidentRecord,
    LinkBasis,
    RepeatBasis,
    RestoredBasis,
    SpanBasis,
)
from dure.sla.incidents import MERGE_GAP
from dure.sla.intervals import Interval
from dure.sla.periods import days_of, midnight
from dure.sla.spans import Spans, seconds_by_state, within
from dure.sla.states import State
from dure.store.promise.detail import IncidentFact
from dure.store.promise.record_tables import TicketRow

SEVERITY = 2
"""Of a service that is down: the second worst, until a ticket says otherwise."""
HOUR = 3600
RESTORE_HOURS = {"basic": (8, 24, 72, 168), "standard": (4, 8, 48, 120), "premium": (2, 4, 24, 72)}


def from_spans(facts: MonthFacts, tickets: Sequence[TicketRow]) -> dict[str, Found]:
    """By key; `tickets` are those of the month and of the 90 days before."""
    figures = [
        Figure(name=one.name, bad=str(one.figures.bad), known=one.figures.known, ast=one.figures.ast)
        for one in facts.services
    ]
    in_hours = {one.name for one in facts.services if one.in_hours}
    inside = [one for one in figures if one.name in in_hours]
    return {
        "availability": SpanBasis(figures=figures),
        "coverage": CoverageBasis(figures=figures),
        "business_hours": SpanBasis(figures=inside) if inside else Missing(why="no-hours"),
        "link": _links(facts),
        "backup": _backups(facts),
        **_incidents(facts, tickets, figures),
    }


def _links(facts: MonthFacts) -> Found:
    names = facts.book.looking_at("link")
    if not names:
        return Missing(why="no-link-check")
    return link_basis(names, facts.monitored, facts.timelines)


def link_basis(names: Iterable[str], part: Interval, timelines: Mapping[str, Spans]) -> Found:
    """Seconds of each line in that part."""
    figures = []
    for name in names:
        by_state = seconds_by_state(within(timelines.get(name, ()), (part,)))
        known = sum(seconds for state, seconds in by_state.items() if state is not State.UNKNOWN)
        figures.append(Figure(name=name, bad=str(by_state[State.DOWN]), known=known, ast=part[1] - part[0]))
    if not any(one.known for one in figures):
        return Missing(why="no-link-data")
    return LinkBasis(figures=figures, contract=part)


def _backups(facts: MonthFacts) -> Found:
    names = facts.book.looking_at("backup")
    if not names:
        return Missing(why="no-backup-check")
    return backup_basis(names, facts.monitored, facts)


def backup_basis(names: Iterable[str], part: Interval, facts: MonthFacts) -> Found:
    """Days of that part with what each check said of them."""
    days = [one for name in names for one in _backup_days(facts, name, part)]
    if all(one.state == "unknown" for one in days):
        return Missing(why="no-backup-data")
    return BackupBasis(days=days, contract=part)


def _backup_days(facts: MonthFacts, name: str, part: Interval) -> Iterable[BackupDay]:
    spans = facts.timelines.get(name, ())
    for day in days_of(part, facts.zone):
        start = midnight(day, facts.zone)
        by_state = seconds_by_state(
            within(spans, ((max(start, part[0]), min(midnight(day + timedelta(days=1), facts.zone), part[1])),))
        )
        if by_state[State.DOWN]:
            yield BackupDay(check=name, day=day.isoformat(), state="bad")
        elif by_state[State.UP] or by_state[State.DEGRADED]:
            yield BackupDay(check=name, day=day.isoformat(), state="good")
        else:
            yield BackupDay(check=name, day=day.isoformat(), state="unknown")


def _incidents(facts: MonthFacts, tickets: Sequence[TicketRow], figures: Sequence[Figure]) -> dict[str, Found]:
    known, ast = sum(one.known for one in figures), sum(one.ast for one in figures)
    if not known:
        return dict.fromkeys(("incidents", "repeats", "mttd", "restored"), Missing(why="nothing-measured"))
    told = [one for one in tickets if one.kind == "incident" and one.opened < facts.as_of]
    own = [
        incident_record(service.name, one, told, facts.as_of)
        for service in facts.services
        for one in service.incidents
        if one.counted
    ]
    earlier = [incident_record(name, one, told, facts.as_of) for name, one in facts.earlier]
    period = facts.period
    return {
        "incidents": IncidentBasis(period=period, incidents=own, known=known, ast=ast),
        "repeats": RepeatBasis(period=period, incidents=[*earlier, *own], known=known, ast=ast),
        "mttd": DetectionBasis(period=period, incidents=own, known=known, ast=ast),
        "restored": RestoredBasis(
            period=period,
            incidents=own,
            known=known,
            ast=ast,
            limits=restore_limits(facts.book.contract),
            as_of=facts.as_of,
        ),
    }


def restore_limits(contract: Contract) -> tuple[int, int, int, int]:
    """Seconds by severity 1 to 4."""
    hours = contract.desk.restore_hours or RESTORE_HOURS[contract.tier]
    first, second, third, fourth = (one * HOUR for one in hours)
    return first, second, third, fourth


def incident_record(service: str, one: IncidentFact, tickets: Iterable[TicketRow], as_of: int) -> IncidentRecord:
    """An incident with what its tickets add: the worst severity, a cause where none is known, and that it was noticed.

    A ticket belongs to it when it names the service and was opened while it lasted, or within the merge gap after.
    """
    mine = [each for each in tickets if each.service == service and one.start <= each.opened <= one.end + MERGE_GAP]
    severities = [each.severity for each in mine if each.severity is not None]
    causes = sorted(each.cause for each in mine if each.cause)
    noticed = [each.opened for each in mine] if one.detected is None else [one.detected]
    return IncidentRecord(
        service=service,
        start=one.start,
        detected=min(noticed, default=None),
        end=one.end if one.end <= as_of else None,
        severity=min(severities, default=SEVERITY),
        cause=one.cause or (causes[0] if causes else ""),
    )
