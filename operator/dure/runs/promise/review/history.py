"""What a review judges by: the closed months of each indicator, complaints about it, and the fleet's trials."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from sqlalchemy import select
from sqlalchemy.orm import Session

from dure.model.holiday_calendar import load_calendar, revisions
from dure.model.promise.contract import Contract
from dure.model.promise.contract_rules import newest_year
from dure.model.promise.standing import Position
from dure.model.promise.terms import least_agreed_month
from dure.runs.promise.book import Book
from dure.runs.promise.indicators.rows import NOT_MEASURED
from dure.sla.admissibility import is_admissible
from dure.sla.indicators.catalogue import Better, Indicator
from dure.sla.promotion import Candidate
from dure.sla.quarter import Subject
from dure.sla.review import LEAST_COVERAGE, MONTHS, TRIAL_MONTHS, MonthResult, Stage, Standing
from dure.store.promise.frozen import require_own_digest
from dure.store.promise.record_tables import TicketRow
from dure.store.promise.tables import IndicatorValue

OF_DESK = ("first_response", "request", "first_contact", "reopen", "advice")
OF_PEOPLE = ("information", "servqual", "satisfaction", "intention", "utilisation")
BY_IMPORT = frozenset((*OF_DESK, *OF_PEOPLE, "patch", "renewal", "endpoint", "net_benefit"))
"""Somebody has to bring the data: half as easy as what Dure measures by itself."""
OF_SECONDS = ("availability", "link", "business_hours")
SCORES = "1-5"
BEST_SCORE = 5
Rows = Mapping[tuple[str, str], IndicatorValue]
"""(indicator, month) -> its newest revision."""


@dataclass(frozen=True, slots=True)
class History:
    """`months` are those closed up to the quarter's end, the oldest first; `about`: (indicator, month) of complaints;
    `complaints`: indicator -> how many."""

    months: tuple[str, ...]
    rows: Rows
    about: frozenset[tuple[str, str]]
    complaints: Mapping[str, int]


def read_history(session: Session, book: Book, until: str, month_of: Mapping[str, tuple[int, int]]) -> History:
    """The customer's closed months up to `until`; `month_of`: month -> its seconds, of those that may have tickets."""
    query = (
        select(IndicatorValue)
        .where(IndicatorValue.customer == book.customer.id, IndicatorValue.period <= until)
        .order_by(IndicatorValue.revision)
    )
    rows = {(one.indicator, one.period): one for one in session.scalars(query)}
    require_own_digest(rows.values())
    months = tuple(sorted({month for _, month in rows}))
    about, complaints = _complaints(session, book.customer.id, month_of)
    return History(months, rows, about, complaints)


def _complaints(
    session: Session, customer: str, month_of: Mapping[str, tuple[int, int]]
) -> tuple[frozenset[tuple[str, str]], dict[str, int]]:
    query = select(TicketRow.about, TicketRow.opened).where(TicketRow.customer == customer, TicketRow.about != "")
    found, counts = set(), dict[str, int]()
    for about, opened in session.execute(query):
        for month, (start, end) in month_of.items():
            if start <= opened < end:
                found.add((about, month))
                counts[about] = counts.get(about, 0) + 1
    return frozenset(found), counts


def scaled(one: Indicator, value: Fraction) -> Fraction:
    """Percent as a share, as the rules of reviews have it; other units as they are."""
    return value / 100 if one.unit == "%" else value


def unscaled(one: Indicator, value: Fraction) -> Fraction:
    return value * 100 if one.unit == "%" else value


def best_of(one: Indicator, target: Fraction) -> Fraction:
    """The best possible value, scaled; of a count of tests twice the target, for it has no bound."""
    if one.unit == "%":
        return Fraction(1 if one.better is Better.HIGHER else 0)
    if one.unit == SCORES:
        return Fraction(BEST_SCORE)
    return 2 * target if one.better is Better.HIGHER else Fraction(0)


def subject_of(position: Position, history: History) -> Subject | None:
    """The indicator as the rules see it; None where it has no target, so that nothing can be judged."""
    one = position.indicator
    if position.target is None:
        return None
    months = [month for month in history.months if month >= position.since]
    results = [_result(one, position.target, history.rows.get((one.key, month)), month, history) for month in months]
    target = scaled(one, position.target)
    standing = Standing(
        stage=_stage(position, results),
        better=one.better,
        target=target,
        best=best_of(one, target),
        protected=one.protected,
        months=tuple(results),
    )
    return Subject(one.key, one.category, standing)


def _stage(position: Position, results: Sequence[MonthResult]) -> Stage:
    """What is on trial and never had a value is a candidate still."""
    if position.stage is Stage.TRIAL and all(one.value is None for one in results):
        return Stage.CANDIDATE
    return position.stage


def _result(one: Indicator, target: Fraction, row: IndicatorValue | None, month: str, history: History) -> MonthResult:
    tagged = (one.key, month) in history.about
    if row is None or row.value is None or row.verdict == NOT_MEASURED:
        return MonthResult(None, None, Fraction(0), tagged)
    value = Fraction(row.value)
    # As it was judged then: a target that came later judges no month before it.
    goal = target if row.target is None else Fraction(row.target)
    met = value >= goal if one.better is Better.HIGHER else value <= goal
    coverage = Fraction(1) if row.coverage is None else Fraction(row.coverage)
    return MonthResult(scaled(one, value), met, coverage, tagged)


def candidates_of(
    book: Book, subjects: Iterable[Subject], history: History, fleet: Mapping[str, Sequence[Fraction]]
) -> list[Candidate]:
    """Trials as promotion weighs them. `fleet`: indicator -> values of all customers' trials of the last months."""
    total = sum(history.complaints.values())
    found = []
    for one in subjects:
        if one.standing.stage is not Stage.TRIAL:
            continue
        months = [month for month in one.standing.months if month.value is not None]
        recent = months[-TRIAL_MONTHS:]
        found.append(
            Candidate(
                key=one.key,
                category=one.category,
                miss_share=_missed(one, fleet.get(one.key, ())),
                link=Fraction(history.complaints.get(one.key, 0), total) if total else Fraction(0),
                votes=Fraction(one.key in book.contract.wanted_indicators),
                ease=Fraction(1, 2) if one.key in BY_IMPORT else Fraction(1),
                coverage=min((month.coverage for month in recent), default=Fraction(0)),
            )
        )
    return [one for one in found if one.coverage >= LEAST_COVERAGE]


def _missed(one: Subject, values: Sequence[Fraction]) -> Fraction:
    target, better = one.standing.target, one.standing.better
    misses = sum(value < target if better is Better.HIGHER else value > target for value in values)
    return Fraction(misses, len(values)) if values else Fraction(0)


def fleet_trials(session: Session, until: str, indicators: Mapping[str, Indicator]) -> dict[str, list[Fraction]]:
    """Values of what is not scored anywhere in the last closed months, scaled."""
    months = select(IndicatorValue.period).where(IndicatorValue.period <= until).distinct()
    recent = sorted(session.scalars(months))[-MONTHS:]
    query = select(IndicatorValue.indicator, IndicatorValue.value).where(
        IndicatorValue.period.in_(recent), IndicatorValue.target.is_(None), IndicatorValue.value.is_not(None)
    )
    found: dict[str, list[Fraction]] = {}
    for key, value in session.execute(query):
        if value is not None and key in indicators:
            found.setdefault(key, []).append(scaled(indicators[key], Fraction(value)))
    return found


def can_be_proved(contract: Contract, book: Book, key: str, target: Fraction) -> bool:
    """Ten intervals must fit into the budget of each service's shortest month; other indicators have no such bound."""
    if key not in OF_SECONDS:
        return True
    year = newest_year(contract.calendar)
    calendar = load_calendar(revisions(contract.calendar, year)[-1])
    for service in contract.services:
        interval = max(book.checks[one.check].interval_seconds for one in service.checks if one.critical)
        agreed = least_agreed_month(contract, service, calendar, year)
        if target >= 1 or not agreed or not is_admissible(target, agreed, interval):
            return False
    return True
