"""The accounting case: all that decides one service's figure in one period, and the account of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction

from dure.sla.budget import budget
from dure.sla.checks import CheckRule, CheckTimeline, check_timeline
from dure.sla.classes import Masks, Seconds, classify, masks
from dure.sla.composition import ALL, Rule, compose
from dure.sla.exclusions import Exclusion
from dure.sla.incidents import Incident, incidents
from dure.sla.intervals import Interval, Intervals, interval
from dure.sla.maintenance import MaintenanceRules, MaintenanceWindow, effective_maintenance
from dure.sla.ratio import ZERO, Ratio, ratio
from dure.sla.samples import Sample
from dure.sla.spans import Spans
from dure.sla.verdict import MIN_COVERAGE, Verdict, checked_target, verdict


@dataclass(frozen=True, slots=True)
class SampledCheck:
    """A check by its samples, in any order, repeated or not."""

    rule: CheckRule
    samples: tuple[Sample, ...]


@dataclass(frozen=True, slots=True)
class KnownCheck:
    """A check whose timeline is already known."""

    spans: Spans


@dataclass(frozen=True, slots=True)
class Case:
    """Every input of one figure. `hours` are intervals; None: round the clock. `until` None: see `account`."""

    period: Interval
    checks: Mapping[str, SampledCheck | KnownCheck]
    target: Fraction
    rule: Rule = ALL
    until: int | None = None
    collector_dead: tuple[Interval, ...] = ()
    hours: Intervals | None = None
    contract: Interval | None = None
    maintenance: tuple[MaintenanceWindow, ...] = ()
    maintenance_rules: MaintenanceRules = field(default_factory=MaintenanceRules)
    exclusions: tuple[Exclusion, ...] = ()
    degraded_weight: Fraction = ZERO
    min_coverage: Fraction = MIN_COVERAGE


@dataclass(frozen=True, slots=True)
class Account:
    """The result: `spans`, outages and incidents cover all data, uncut; `seconds` are of the period."""

    seconds: Seconds
    figures: Ratio
    budget: Fraction
    verdict: Verdict
    checks: Mapping[str, CheckTimeline]
    spans: Spans
    incidents: tuple[Incident, ...]
    masks: Masks


def timelines(case: Case) -> dict[str, CheckTimeline]:
    """Each check's timeline. Silence is judged up to `until`, else to the later of the period's end and the end of
    the last sample's own interval."""
    found: dict[str, CheckTimeline] = {}
    for name, check in case.checks.items():
        if isinstance(check, KnownCheck):
            found[name] = CheckTimeline(check.spans)
            continue
        until = case.until
        if until is None:
            latest = max((one.ts for one in check.samples), default=case.period[0])
            until = max(case.period[1], latest + check.rule.interval)
        found[name] = check_timeline(check.samples, check.rule, case.collector_dead, until)
    return found


def account(case: Case) -> Account:
    """The figure and everything that it follows from. Raises SlaError when the case contradicts itself."""
    target = checked_target(case.target)
    interval(*case.period)
    checks = timelines(case)
    service = compose([one.spans for one in checks.values()], case.rule)
    mode = case.maintenance_rules.mode
    parts = masks(
        case.period,
        case.contract,
        case.hours,
        effective_maintenance(case.maintenance, case.maintenance_rules, case.period),
        [(one.start, one.end) for one in case.exclusions],
        mode,
    )
    seconds = classify(service, parts, mode)
    figures = ratio(seconds, case.degraded_weight)
    return Account(
        seconds=seconds,
        figures=figures,
        budget=budget(seconds.ast, target).total,
        verdict=verdict(figures, target, case.min_coverage),
        checks=checks,
        spans=service,
        incidents=incidents(service),
        masks=parts,
    )


def observed(case: Case) -> Account:
    """The same data without contract, hours, maintenance and exclusions: what a bystander with a clock would say.

    Reports print it beside the contractual figure. Raises SlaError as `account` does.
    """
    return account(replace(case, contract=None, hours=None, maintenance=(), exclusions=()))
