"""The policy of one service and month: all that decides its figure except what was measured.

It is plain JSON, kept with the closed month: with the spans alone the month can be computed again from it, whatever
has become of the workspace since. Its digest is the policy hash.
"""

import hashlib
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, JsonValue

from dure.model.accounting.case_model import AccountingCase
from dure.model.accounting.conversion import to_case
from dure.model.holiday_calendar import HolidayCalendar
from dure.model.promise.contract import Service
from dure.model.promise.terms import (
    bands_of,
    calendar_of,
    holidays_of,
    hours_of,
    maintenance_of,
    open_in,
    target_of,
    term_of,
    weekly_hours,
)
from dure.runs.promise.book import Book
from dure.sla.case import Case
from dure.sla.composition import ALL, Rule
from dure.sla.freeze import canonical
from dure.sla.intervals import Interval
from dure.sla.periods import midnight, month, parsed_month

WHOLE = "service"
"""Name of the one check of a case whose service has checks that are not critical: a case cannot say so."""


@dataclass(frozen=True, slots=True)
class Policy:
    """`text` is canonical JSON; `hash` its digest."""

    text: str
    hash: str
    calendar: str


class CreditPolicy(BaseModel):
    """Shares as exact fractions in text."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    bands: list[tuple[str, str]]
    below: str
    cap: str
    lower_bound: bool


class PolicyValue(BaseModel):
    """A policy's text as data. `case` is an accounting case without checks, `checks` are (name, critical)."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    case: dict[str, JsonValue]
    checks: list[tuple[str, bool]]
    credits: CreditPolicy
    fee: int
    tier: str


def period_of(zone: str, name: str) -> Interval:
    """The civil month, such as 2026-06, in the zone. Raises SlaError."""
    return month(*parsed_month(name), ZoneInfo(zone))


def policy_of(book: Book, service: Service, name: str) -> Policy:
    """The policy of a month as the workspace says it now. Raises UsageError when the year has no calendar."""
    contract = book.contract
    period = period_of(contract.zone, name)
    calendar = calendar_of(contract, int(name[:4]))
    bands = bands_of(contract)
    value = PolicyValue(
        case=_case(book, service, name, period, calendar),
        checks=[(one.check, one.critical) for one in service.checks],
        credits=CreditPolicy(
            bands=[(str(one.at_least), str(one.credit)) for one in bands.bands],
            below=str(bands.below),
            cap=str(Fraction(contract.credits.cap) / 100),
            lower_bound=contract.credits.undecided == "lower_bound",
        ),
        fee=service.fee,
        tier=contract.tier,
    ).model_dump(mode="json")
    text = canonical(value)
    return Policy(text.decode(), hashlib.sha256(text).hexdigest(), calendar.revision)


def _case(book: Book, service: Service, name: str, period: Interval, calendar: HolidayCalendar) -> dict[str, JsonValue]:
    contract = book.contract
    rules, rule = maintenance_of(contract, service), service.rule
    term = term_of(contract)
    whole: JsonValue = None if term[0] <= period[0] and period[1] <= term[1] else [term[0], term[1]]
    return {
        "period": {"month": name, "zone": contract.zone},
        "zone": contract.zone,
        "rule": rule if isinstance(rule, str) else {"at_least": rule.at_least},
        "hours": _hours(book, service, period, holidays_of(contract, calendar)),
        "contract": whole,
        "maintenance": _maintenance(book, service, period),
        "maintenance_rules": {"mode": rules.mode.value, "notice": rules.notice, "cap": rules.cap},
        "exclusions": _exclusions(book, service, period),
        "degraded_weight": service.degraded_weight or contract.degraded_weight,
        "target": target_of(contract, service),
        "min_coverage": contract.min_coverage,
    }


def _hours(book: Book, service: Service, period: Interval, holidays: frozenset[date]) -> JsonValue:
    hours = hours_of(book.contract, service)
    if hours is None:
        return None
    if hours.exceptions:
        parts: list[JsonValue] = [[*one] for one in open_in(hours, holidays, period, book.contract.zone)]
        return parts
    weekly = weekly_hours(hours, holidays)
    zone = ZoneInfo(book.contract.zone)
    within = [one for one in weekly.holidays if period[0] <= midnight(one, zone) < period[1]]
    days: list[JsonValue] = [*sorted(weekly.days)]
    opened: list[JsonValue] = [[_clock(start), _clock(end)] for start, end in weekly.open]
    return {"days": days, "open": opened, "holidays": [one.isoformat() for one in sorted(within)]}


def _clock(second: int) -> str:
    return f"{second // 3600:02}:{second // 60 % 60:02}"


def _maintenance(book: Book, service: Service, period: Interval) -> JsonValue:
    return [
        {
            "start": one.interval[0],
            "end": one.interval[1],
            "announced": one.told,
            "approved": one.approved,
        }
        for one in book.windows
        if one.cancelled is None and one.concerns(service.id, period)
    ]


def _exclusions(book: Book, service: Service, period: Interval) -> JsonValue:
    return [
        {
            "start": one.interval[0],
            "end": one.interval[1],
            "kind": one.cause,
            "evidence": one.evidence,
            "approver": ", ".join(one.signers()),
        }
        for one in book.exclusions
        if one.agreed and one.concerns(service.id, period)
    ]


def rule_in(value: dict[str, JsonValue]) -> Rule:
    """The composition rule among critical checks, as the case of a policy says it."""
    rule = value.get("rule", "all")
    if isinstance(rule, dict):
        return Rule(int(str(rule["at_least"])))
    return ALL if rule == "all" else Rule(1)


def empty_case(value: dict[str, JsonValue]) -> Case:
    """The policy's case with nothing measured: the caller puts the checks' timelines in."""
    checks: JsonValue = {f"{WHOLE}-{number}": {"timeline": []} for number in range(_least_checks(value))}
    return to_case(AccountingCase.model_validate({**value, "checks": checks}))


def _least_checks(value: dict[str, JsonValue]) -> int:
    return rule_in(value).at_least or 1
