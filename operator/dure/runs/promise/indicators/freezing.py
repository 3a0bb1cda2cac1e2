"""Writes a month's thirty indicators, in the transaction that freezes the month itself."""

from collections.abc import Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from dure.model.promise.agreement import IndicatorReview
from dure.model.promise.contract import Contract
from dure.model.promise.standing import in_force, scored_in
from dure.runs.context import Context
from dure.runs.promise.book import Book
from dure.runs.promise.indicators.facts import MonthFacts, ServiceFacts, closing_moment
from dure.runs.promise.indicators.gather import gather
from dure.runs.promise.indicators.rows import Change, frozen_rows
from dure.runs.promise.policy import period_of
from dure.sla.indicators.incident import REPEAT_WITHIN
from dure.sla.intervals import Interval
from dure.sla.spans import Spans
from dure.store.promise.detail import IncidentFact
from dure.store.promise.tables import IncidentRow, IndicatorValue


def month_facts(
    session: Session,
    book: Book,
    month: str,
    services: Sequence[ServiceFacts],
    names: Mapping[int, str],
    timelines: Mapping[str, Spans],
) -> MonthFacts:
    """What the indicators are gathered from; `names`: series -> service, `timelines` the checks' around the month."""
    period = period_of(book.contract.zone, month)
    return MonthFacts(
        book=book,
        month=month,
        period=period,
        as_of=closing_moment(book, month),
        services=services,
        earlier=_earlier_incidents(session, names, period),
        timelines=timelines,
    )


def indicator_rows(session: Session, context: Context, facts: MonthFacts) -> list[IndicatorValue]:
    """The thirty rows as they would be frozen now, none of them in the session."""
    contract, reviews = facts.book.contract, facts.book.reviews
    targets = scored_in(contract, reviews, facts.month)
    changes = agreed_changes(contract, reviews, facts.month)
    return frozen_rows(facts.customer, facts.month, gather(session, context, facts), targets, changes)


def in_revision(
    session: Session, rows: Sequence[IndicatorValue], customer: str, month: str, revision: int
) -> list[IndicatorValue]:
    """The rows as those of that revision, without those that are frozen in it already: they stay."""
    query = select(IndicatorValue.indicator).where(
        IndicatorValue.customer == customer, IndicatorValue.period == month, IndicatorValue.revision == revision
    )
    known = set(session.scalars(query))
    new = [row for row in rows if row.indicator not in known]
    for row in new:
        row.revision = revision
    return new


def agreed_changes(contract: Contract, reviews: Sequence[IndicatorReview], month: str) -> dict[str, Change]:
    """What takes effect in the month, as the report tells it."""
    return {
        change.indicator: {
            "indicator": change.indicator,
            "step": change.step,
            "before": change.before,
            "after": change.after,
            "effective": f"{month}-01",
            "reason": change.reason.model_dump(mode="json"),
            "approved_by": [*one.signers()[:2]],
        }
        for one in in_force(contract, reviews, month)
        if one.effective == month
        for change in one.changes
    }


def _earlier_incidents(session: Session, names: Mapping[int, str], period: Interval) -> list[tuple[str, IncidentFact]]:
    """Incidents of the 90 days before, as the closes of their months left them."""
    query = (
        select(IncidentRow)
        .where(
            IncidentRow.series.in_([*names]),
            IncidentRow.start >= period[0] - REPEAT_WITHIN,
            IncidentRow.start < period[0],
        )
        .order_by(IncidentRow.series, IncidentRow.start)
    )
    return [
        (names[row.series], IncidentFact(row.start, row.end, row.down, row.down, row.detected, row.cause, ()))
        for row in session.scalars(query)
    ]
