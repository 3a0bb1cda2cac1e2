"""Gathers what Dure's own work left in the store: runs, audit links, restores, proofs, looks for drift."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy.orm import Session

from dure.model.promise.terms import term_of
from dure.runs.audit import Entry
from dure.runs.promise.indicators.basis import Found, Missing
from dure.runs.promise.indicators.facts import MonthFacts
from dure.runs.promise.indicators.run_basis import (
    ChangeBasis,
    ChangeRecord,
    DriftBasis,
    GovernanceBasis,
    GovernedRecord,
    LookRecord,
    RestoreBasis,
    RestoreRecord,
)
from dure.sla.indicators.incident import CHANGE_WATCHED
from dure.store.promise.record_tables import DriftHistory
from dure.store.promise.records import (
    read_audited,
    read_drift,
    read_proofs,
    read_restores,
    read_runs,
    read_steps,
    sites_of,
)
from dure.store.tables import Run, Step

CHANGING = ("provision", "stacks up", "stacks destroy")
YEAR = timedelta(days=365)
HOUR = 3600
Steps = dict[tuple[str, str], Step]


def from_work(session: Session, facts: MonthFacts) -> dict[str, Found]:
    """By key."""
    runs = [one for one in read_runs(session, facts.customer, facts.period) if one.kind in CHANGING]
    steps = read_steps(session, [one.id for one in runs])
    return {
        "change": _changes(facts, runs, steps),
        "governance": _governance(session, facts, runs, steps),
        "restore_test": _restores(session, facts),
        "conformity": _drift(session, facts),
    }


def _seconds(at: datetime) -> int:
    return int(at.timestamp())


def _changes(facts: MonthFacts, runs: Sequence[Run], steps: Steps) -> Found:
    if not runs:
        return Missing(why="no-runs")
    changes = []
    for run in runs:
        for site in sites_of(run, facts.customer):
            outcome = _outcome(run, site, steps, facts.as_of)
            if outcome is not None:
                at, failed = outcome
                starts = _incidents_after(facts, site, at)
                changes.append(ChangeRecord(run=f"{run.id} {site}", at=at, failed=failed, incidents=starts))
    return ChangeBasis(period=facts.period, changes=changes) if changes else Missing(why="no-changes")


def _outcome(run: Run, site: str, steps: Steps, as_of: int) -> tuple[int, bool] | None:
    """When a run changed the site, and whether that failed; None when it touched nothing or still ran at `as_of`."""
    if run.kind == "provision":
        approve = steps.get((run.id, "approve"))
        touched, state, ended = approve is not None and approve.state == "done", run.state, run.ended_at
    else:
        step = steps.get((run.id, site))
        touched, state = step is not None and step.state in ("done", "failed"), step.state if step else ""
        ended = run.ended_at
    if not touched or state not in ("done", "failed") or ended is None or _seconds(ended) >= as_of:
        return None
    # A run that began in this month is this month's change, also when it ended in the next one.
    return min(_seconds(ended), _seconds(run.started_at)), state == "failed"


def _incidents_after(facts: MonthFacts, site: str, at: int) -> list[int]:
    """Starts of incidents within a day of services that a check of the site, or of no site, saw down."""
    found = set()
    for service in facts.services:
        for one in service.incidents:
            of_site = any("/" not in check or check.startswith(f"{site.partition('/')[2]}/") for check in one.checks)
            if one.counted and at <= one.start <= at + CHANGE_WATCHED and (of_site or not one.checks):
                found.add(one.start)
    return sorted(found)


def _governance(session: Session, facts: MonthFacts, runs: Sequence[Run], steps: Steps) -> Found:
    ended = [one for one in runs if _has_acted(one, facts, steps)]
    if not ended:
        return Missing(why="no-runs")
    links = _links(read_audited(session, _months(facts)))
    return GovernanceBasis(runs=[_governed(one, links.get(one.id), steps) for one in ended])


def _has_acted(run: Run, facts: MonthFacts, steps: Steps) -> bool:
    """It ended, and at least one stack was changed or failed: a run that found all as it should be leaves no link."""
    if run.ended_at is None or _seconds(run.ended_at) >= facts.as_of:
        return False
    if run.kind == "provision":
        return True
    mine = [steps.get((run.id, site)) for site in sites_of(run, facts.customer)]
    return any(one is not None and one.state in ("done", "failed") for one in mine)


def _months(facts: MonthFacts) -> list[str]:
    """UTC months in which a run of this month may have left its link."""
    first, last = (datetime.fromtimestamp(at, UTC) for at in (facts.period[0], facts.as_of))
    names, at = [], first.replace(day=1)
    while at <= last:
        names.append(at.strftime("%Y-%m"))
        at = (at + timedelta(days=32)).replace(day=1)
    return names


def _links(contents: Iterable[str]) -> dict[str, Entry]:
    found = {}
    for content in contents:
        try:
            entry = Entry.model_validate_json(content)
        except ValueError:
            continue
        if entry.run:
            found[entry.run] = entry
    return found


def _governed(run: Run, link: Entry | None, steps: Steps) -> GovernedRecord:
    approve = steps.get((run.id, "approve"))
    approved = bool(run.request.get("approved_by")) or (approve is not None and approve.state in ("done", "skipped"))
    return GovernedRecord(
        run=run.id,
        who=bool(link and link.who),
        what=bool(link and link.what),
        when=bool(link and link.at),
        where=bool(link and link.where),
        why=bool(link and link.why.strip()),
        approval=approved,
        log=link is not None,
    )


def _restores(session: Session, facts: MonthFacts) -> Found:
    """Of twelve months; that there was none is a value once the contract is a year old."""
    last = facts.period[1]
    year = (_seconds(datetime.fromtimestamp(last, UTC) - YEAR), last)
    desk = facts.book.contract.desk
    tests = [
        RestoreRecord(run=one.run, at=_seconds(one.at), passed=one.ok, took=-int(-one.seconds // 1), data_age=0)
        for one in read_proofs(session, facts.customer, year)
    ]
    for row in read_restores(session, facts.customer, year):
        age = 0 if row.snapshot_at is None else max(0, _seconds(row.at) - _seconds(row.snapshot_at))
        tests.append(RestoreRecord(run=row.run, at=_seconds(row.at), passed=row.ok, took=row.seconds, data_age=age))
    if not tests and term_of(facts.book.contract)[0] > year[0]:
        return Missing(why="no-restore-yet")
    if not tests and not facts.book.customer.sites:
        return Missing(why="no-site")
    return RestoreBasis(year=year, rto=desk.rto_hours * HOUR, rpo=desk.rpo_hours * HOUR, tests=tests)


def _drift(session: Session, facts: MonthFacts) -> Found:
    looks: dict[tuple[str, str], DriftHistory] = {}
    for one in read_drift(session, facts.customer, facts.period):
        day = datetime.fromtimestamp(one.at, facts.zone).date().isoformat()
        looks[one.site, day] = one  # the last one of the day stays
    if not looks:
        return Missing(why="no-drift-look")
    records = [
        LookRecord(site=one.site, at=one.at, managed=one.managed, drifted=one.drifted)
        for _, one in sorted(looks.items())
    ]
    return DriftBasis(looks=records)
