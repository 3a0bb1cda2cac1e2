"""The parsed accounting case to the value that dure.sla takes: zones loaded, hours laid out, decimals exact."""

from datetime import date
from fractions import Fraction
from zoneinfo import ZoneInfo

from dure.model.accounting.case_model import (
    AccountingCase,
    AtLeast,
    MonthPeriod,
    SampledCheckModel,
    TimelineCheckModel,
    WeeklyHoursModel,
)
from dure.sla.case import Case, KnownCheck, SampledCheck
from dure.sla.checks import CheckRule
from dure.sla.composition import ALL, ANY, Rule
from dure.sla.confirmation import Confirmation
from dure.sla.exclusions import Exclusion
from dure.sla.faults import SlaError
from dure.sla.hours import WeeklyHours, clock, open_seconds
from dure.sla.intervals import Interval, Intervals, intersection, union
from dure.sla.maintenance import MaintenanceRules, MaintenanceWindow
from dure.sla.periods import month, parsed_month
from dure.sla.ratio import from_percent
from dure.sla.samples import Sample
from dure.sla.spans import Span, timeline

LONGEST_WEEKLY = 20 * 366 * 86400


def to_case(model: AccountingCase) -> Case:
    """The case as a value. Raises SlaError for weekly hours over more than twenty years."""
    period = period_of(model)
    return Case(
        period=period,
        checks={name: _check(check) for name, check in model.checks.items()},
        target=from_percent(model.target),
        rule=_rule(model),
        until=model.until,
        collector_dead=model.collector_dead,
        hours=_hours(model, period),
        contract=model.contract,
        maintenance=tuple(
            MaintenanceWindow(one.start, one.end, one.announced, one.approved) for one in model.maintenance
        ),
        maintenance_rules=MaintenanceRules(
            model.maintenance_rules.mode, model.maintenance_rules.notice, model.maintenance_rules.cap
        ),
        exclusions=tuple(
            Exclusion(one.start, one.end, one.kind, one.evidence, one.approver) for one in model.exclusions
        ),
        degraded_weight=Fraction(model.degraded_weight),
        min_coverage=from_percent(model.min_coverage),
    )


def period_of(model: AccountingCase) -> Interval:
    """The period in seconds, a month in its own zone."""
    if isinstance(model.period, MonthPeriod):
        return month(*parsed_month(model.period.month), ZoneInfo(model.period.zone))
    return model.period


def _rule(model: AccountingCase) -> Rule:
    if isinstance(model.rule, AtLeast):
        return Rule(model.rule.at_least)
    return ALL if model.rule == "all" else ANY


def _check(model: SampledCheckModel | TimelineCheckModel) -> SampledCheck | KnownCheck:
    if isinstance(model, TimelineCheckModel):
        return KnownCheck(timeline(Span(*entry) for entry in model.timeline))
    rule = CheckRule(model.interval, Confirmation(model.n, model.m, model.r), model.mode)
    return SampledCheck(rule, tuple(Sample(*entry) for entry in model.samples))


def _hours(model: AccountingCase, period: Interval) -> Intervals | None:
    if model.hours is None:
        return None
    if not isinstance(model.hours, WeeklyHoursModel):
        return union(model.hours)
    weekly = WeeklyHours(
        days=frozenset(model.hours.days),
        open=tuple((clock(start), clock(end)) for start, end in model.hours.open),
        holidays=frozenset(date.fromisoformat(day) for day in model.hours.holidays),
    )
    parts = (period,) if model.contract is None else intersection((period,), (model.contract,))
    if not parts:
        return ()
    if parts[0][1] - parts[0][0] > LONGEST_WEEKLY:
        raise SlaError("weekly hours are laid out for at most twenty years")
    return open_seconds(weekly, parts[0], ZoneInfo(model.zone))
