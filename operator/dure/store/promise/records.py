"""Reading what was imported or left by Dure's own work, of one customer; all in the caller's transaction."""

from collections.abc import Sequence
from datetime import UTC, date, datetime

from sqlalchemy import delete, exists, func, or_, select
from sqlalchemy.orm import Session

from dure.sla.intervals import Interval
from dure.sla.low_use import ServiceMonth
from dure.sla.utilisation import Cause, UsageMonth
from dure.store.promise.months import month_before
from dure.store.promise.record_tables import (
    BenefitRow,
    DriftHistory,
    EndpointRow,
    RestoreRow,
    SurveyRow,
    TicketRow,
    UsageRow,
)
from dure.store.promise.samples import COLD_MONTHS
from dure.store.promise.tables import MonthFrozen
from dure.store.tables import Audit, Proof, Run, Step

CAUSES = {one.name.lower(): one for one in Cause}
"""Words of an import -> causes."""


def read_tickets(session: Session, customer: str, part: Interval) -> list[TicketRow]:
    """Tickets that were opened, closed or reopened in the interval, by number."""
    columns = (TicketRow.opened, TicketRow.closed, TicketRow.reopened)
    meets = or_(*(one.between(part[0], part[1] - 1) for one in columns))
    query = select(TicketRow).where(TicketRow.customer == customer, meets).order_by(TicketRow.id)
    return list(session.scalars(query))


def has_tickets(session: Session, customer: str, until: int) -> bool:
    """Any ticket of the customer was known to be opened before that second."""
    query = select(TicketRow.id).where(TicketRow.customer == customer, TicketRow.opened < until).limit(1)
    return session.scalar(query) is not None


def read_surveys(session: Session, customer: str, first: date, last: date) -> list[SurveyRow]:
    """Answers of surveys held on these days, the newest survey first."""
    query = (
        select(SurveyRow)
        .where(SurveyRow.customer == customer, SurveyRow.held.between(first.isoformat(), last.isoformat()))
        .order_by(SurveyRow.held.desc(), SurveyRow.survey, SurveyRow.kind, SurveyRow.answer)
    )
    return list(session.scalars(query))


def read_usage(session: Session, customer: str, until: str) -> dict[str, list[ServiceMonth]]:
    """Service -> its months up to that one, in order."""
    query = (
        select(UsageRow)
        .where(UsageRow.customer == customer, UsageRow.month <= until)
        .order_by(UsageRow.service, UsageRow.month)
    )
    found: dict[str, list[ServiceMonth]] = {}
    for row in session.scalars(query):
        action = date.fromisoformat(row.action) if row.action else None
        use = UsageMonth(row.entitled, row.acted)
        found.setdefault(row.service, []).append(ServiceMonth(row.month, use, CAUSES.get(row.cause), action))
    return found


def read_endpoints(session: Session, customer: str, month: str) -> list[EndpointRow]:
    """Hosts of the lists of that month, by day."""
    query = (
        select(EndpointRow)
        .where(EndpointRow.customer == customer, EndpointRow.day.between(f"{month}-01", f"{month}-31"))
        .order_by(EndpointRow.day, EndpointRow.host)
    )
    return list(session.scalars(query))


def forget_endpoints(session: Session, today: date) -> int:
    """Let lists of hosts go that are older than 13 months and whose month is closed: its row has their counts and
    digests. How many rows."""
    month = f"{today:%Y-%m}"
    for _ in range(COLD_MONTHS):
        month = month_before(month)
    closed = exists().where(
        MonthFrozen.customer == EndpointRow.customer, MonthFrozen.month == func.substr(EndpointRow.day, 1, 7)
    )
    gone = delete(EndpointRow).where(EndpointRow.day < f"{month}-01", closed).returning(EndpointRow.host)
    return len(session.scalars(gone, execution_options={"synchronize_session": False}).all())


def read_benefits(session: Session, customer: str, month: str) -> dict[str, BenefitRow]:
    """Axis -> what is told of it, of that month."""
    query = select(BenefitRow).where(BenefitRow.customer == customer, BenefitRow.month == month)
    return {one.axis: one for one in session.scalars(query)}


def read_runs(session: Session, customer: str, part: Interval) -> list[Run]:
    """Runs begun in the interval that concern a site of the customer, oldest first."""
    first, last = (datetime.fromtimestamp(at, UTC) for at in part)
    several = Run.site.endswith(" stacks")
    query = (
        select(Run)
        .where(Run.started_at >= first, Run.started_at < last)
        .where(or_(Run.site.startswith(f"{customer}/", autoescape=True), several))
        .order_by(Run.started_at, Run.id)
    )
    return [one for one in session.scalars(query) if sites_of(one, customer)]


def sites_of(run: Run, customer: str) -> list[str]:
    """The customer's sites that a run is about."""
    sites = run.request.get("sites")
    named = [str(one) for one in sites] if isinstance(sites, list) else [run.site]
    return [one for one in named if one.startswith(f"{customer}/")]


def read_steps(session: Session, runs: Sequence[str]) -> dict[tuple[str, str], Step]:
    """(run, step) -> the step."""
    if not runs:
        return {}
    return {(one.run, one.name): one for one in session.scalars(select(Step).where(Step.run.in_(runs)))}


def read_audited(session: Session, months: Sequence[str]) -> list[str]:
    """Contents of the audit links of these months (UTC, 2026-06)."""
    begins = [Audit.content.startswith(f'{{"at":"{month}-', autoescape=True) for month in months]
    return list(session.scalars(select(Audit.content).where(or_(*begins)).order_by(Audit.number)))


def read_proofs(session: Session, customer: str, part: Interval) -> list[Proof]:
    """Acceptance rows in which a backup was restored, in order of time."""
    first, last = (datetime.fromtimestamp(at, UTC) for at in part)
    query = (
        select(Proof)
        .where(Proof.site.startswith(f"{customer}/", autoescape=True), Proof.name == "backup-restore")
        .where(Proof.at >= first, Proof.at < last)
        .order_by(Proof.at, Proof.run)
    )
    return list(session.scalars(query))


def read_restores(session: Session, customer: str, part: Interval) -> list[RestoreRow]:
    """Restores in order of time."""
    first, last = (datetime.fromtimestamp(at, UTC) for at in part)
    query = (
        select(RestoreRow)
        .where(RestoreRow.site.startswith(f"{customer}/", autoescape=True))
        .where(RestoreRow.at >= first, RestoreRow.at < last)
        .order_by(RestoreRow.at, RestoreRow.run)
    )
    return list(session.scalars(query))


def read_drift(session: Session, customer: str, part: Interval) -> list[DriftHistory]:
    """Looks for drift in order of time."""
    query = (
        select(DriftHistory)
        .where(DriftHistory.site.startswith(f"{customer}/", autoescape=True))
        .where(DriftHistory.at >= part[0], DriftHistory.at < part[1])
        .order_by(DriftHistory.at, DriftHistory.site)
    )
    return list(session.scalars(query))


def closed_moments(session: Session, customer: str) -> dict[str, datetime]:
    """Closed month -> when the last of its services was frozen for the first time."""
    query = select(MonthFrozen.month, MonthFrozen.closed_at).where(
        MonthFrozen.customer == customer, MonthFrozen.revision == 1
    )
    found: dict[str, datetime] = {}
    for month, at in session.execute(query):
        found[month] = max(at, found.get(month, at))
    return found
