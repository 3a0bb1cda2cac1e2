"""Gathers what customers' people said in surveys, and how many of them use what was bought."""

from datetime import date, timedelta

from sqlalchemy.orm import Session

from dure.runs.promise.indicators.basis import Found, Missing
from dure.runs.promise.indicators.facts import MonthFacts
from dure.runs.promise.indicators.people_basis import ITEMS, SurveyBasis, UsageBasis, UsedService
from dure.sla.low_use import ServiceMonth, UseCase, use_cases
from dure.sla.periods import days_in_month, parsed_month
from dure.sla.utilisation import cause_due
from dure.store.promise.months import month_before
from dure.store.promise.record_tables import SurveyRow
from dure.store.promise.records import read_surveys, read_usage

YEAR = timedelta(days=365)


def from_people(session: Session, facts: MonthFacts) -> dict[str, Found]:
    """By key."""
    last = _last_day(facts.month)
    rows = read_surveys(session, facts.customer, last - YEAR + timedelta(days=1), last)
    return {**{kind: _survey(kind, rows) for kind in ITEMS}, "utilisation": _usage(session, facts)}


def _last_day(month: str) -> date:
    year, number = parsed_month(month)
    return date(year, number, days_in_month(year, number))


def _survey(kind: str, rows: list[SurveyRow]) -> Found:
    """The newest one of that kind."""
    mine = [one for one in rows if one.kind == kind]
    if not mine:
        return Missing(why="no-survey")
    newest = [one for one in mine if one.survey == mine[0].survey]
    answers = [[int(mark) for mark in one.marks.split(";")] for one in newest if one.marks]
    return SurveyBasis(
        kind=kind, survey=mine[0].survey, held=mine[0].held, asked=max(one.asked for one in newest), answers=answers
    )


def _usage(session: Session, facts: MonthFacts) -> Found:
    """All services with a count in this month."""
    history = read_usage(session, facts.customer, facts.month)
    services = [_used(facts, name, months) for name, months in history.items() if months[-1].month == facts.month]
    return UsageBasis(services=services) if services else Missing(why="no-usage")


def _used(facts: MonthFacts, name: str, months: list[ServiceMonth]) -> UsedService:
    before = months[-2].use if len(months) > 1 and months[-2].month == month_before(facts.month) else None
    case = next((one for one in use_cases(months) if one.is_open), None)
    return UsedService(
        service=name,
        entitled=months[-1].use.entitled,
        acted=months[-1].use.acted,
        before=None if before is None else (before.entitled, before.acted),
        opened=case.opened if case else "",
        opening=case.opening.name.lower() if case else "",
        cause=case.cause.name.lower() if case and case.cause else "",
        cause_due=cause_deadline(facts, case).isoformat() if case and case.cause is None else "",
    )


def cause_deadline(facts: MonthFacts, case: UseCase) -> date:
    """The tenth business day after the full month that opened the case."""
    opened = _last_day(case.opened)
    holidays = facts.holidays(opened.year)
    if opened.month == 12:
        holidays |= facts.holidays(opened.year + 1)
    return cause_due(opened, holidays)
