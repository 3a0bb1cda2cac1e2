"""The contract's words as the values that dure.sla computes with."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import lru_cache
from zoneinfo import ZoneInfo

from dure.model.holiday_calendar import HolidayCalendar, latest_calendar, load_calendar
from dure.model.promise.contract import WEEKDAYS, AtLeastRule, Contract, ContractCheck, Hours, Service, day
from dure.sla.checks import CheckRule, Mode
from dure.sla.composition import ALL, ANY, Rule
from dure.sla.confirmation import Confirmation
from dure.sla.credits import Band, Bands
from dure.sla.hours import WeeklyHours, clock, open_seconds
from dure.sla.indicators.catalogue import Indicator, Tier, indicator
from dure.sla.intervals import Interval, Intervals, difference, length, union
from dure.sla.maintenance import MaintenanceMode, MaintenanceRules
from dure.sla.periods import midnight, month
from dure.sla.ratio import from_percent

TIER_TARGETS = {"basic": "99.0", "standard": "99.5", "premium": "99.9"}
NOTICE_HOURS = {"basic": 72, "standard": 72, "premium": 120}
TIERS = tuple(Tier)
BASIC_SET = ("availability", "restored", "backup", "request", "information", "satisfaction", "utilisation")
TIER_SETS = {
    "basic": BASIC_SET,
    "standard": (*BASIC_SET, "incidents", "patch", "coverage"),
    "premium": (*BASIC_SET, "incidents", "patch", "coverage", "change", "governance"),
}
AVAILABILITY = "availability"
EVER = 32_503_680_000


@dataclass(frozen=True, slots=True)
class ScoredIndicator:
    """A contractual indicator with its target in its unit."""

    indicator: Indicator
    target: Fraction


def zone_of(contract: Contract) -> ZoneInfo:
    return ZoneInfo(contract.zone)


def term_of(contract: Contract) -> Interval:
    """[first second, first second after the end)."""
    zone = zone_of(contract)
    return midnight(day(contract.starts), zone), midnight(day(contract.ends), zone) if contract.ends else EVER


def target_of(contract: Contract, service: Service) -> str:
    """Percent as text: the service's own, else the tier's."""
    return service.target or TIER_TARGETS[contract.tier]


def rule_of(service: Service) -> Rule:
    if isinstance(service.rule, AtLeastRule):
        return Rule(service.rule.at_least)
    return ALL if service.rule == "all" else ANY


def maintenance_of(contract: Contract, service: Service) -> MaintenanceRules:
    terms = service.maintenance or contract.maintenance
    notice = NOTICE_HOURS[contract.tier] if terms.notice_hours is None else terms.notice_hours
    return MaintenanceRules(MaintenanceMode(terms.mode), notice * 3600, terms.cap_hours * 3600)


def hours_of(contract: Contract, service: Service) -> Hours | None:
    """None: round the clock."""
    if service.round_the_clock:
        return None
    return service.hours or contract.hours


def bands_of(contract: Contract) -> Bands:
    terms = contract.credits
    bands = tuple(Band(from_percent(one.at_least), from_percent(one.credit)) for one in terms.bands)
    return Bands(bands, max(from_percent(terms.below), *(one.credit for one in bands), Fraction(0)))


def check_rule(check: ContractCheck, interval: int | None = None) -> CheckRule:
    return CheckRule(interval or check.interval_seconds, Confirmation(check.n, check.m, check.r), Mode(check.mode))


def scored(contract: Contract) -> tuple[ScoredIndicator, ...]:
    """The contractual indicators: those written, else the tier's set. Raises KeyError for an unknown key."""
    written = [(one.key, one.target) for one in contract.indicators]
    found = []
    for key, own in written or [(key, None) for key in TIER_SETS[contract.tier]]:
        known = indicator(key)
        target = Fraction(own) if own else default_target(contract, known)
        if target is not None:
            found.append(ScoredIndicator(known, target))
    return tuple(found)


def default_target(contract: Contract, one: Indicator) -> Fraction | None:
    """Its target where the contract writes none, in its unit: the tier's; None: the tier has none.

    The availability of all services together has the least of their own targets: it is met whenever they all are, and
    where it is missed one of them was.
    """
    if one.key == AVAILABILITY and contract.services:
        return min(Fraction(target_of(contract, service)) for service in contract.services)
    target = one.targets[TIERS.index(Tier(contract.tier))]
    return None if target is None else Fraction(target)


def calendar_of(contract: Contract, year: int) -> HolidayCalendar:
    """The pinned revision of that year, else the newest. Raises UsageError when there is none."""
    prefix = f"{contract.calendar}-{year}.r"
    pinned = next((one for one in contract.calendar_revisions if one.startswith(prefix)), None)
    return load_calendar(pinned) if pinned else latest_calendar(contract.calendar, year)


def holidays_of(contract: Contract, calendar: HolidayCalendar) -> frozenset[date]:
    """The closed days with the customer's own."""
    added = {day(one.date) for one in contract.calendar_overrides if one.change == "add"}
    removed = {day(one.date) for one in contract.calendar_overrides if one.change == "remove"}
    return frozenset((calendar.days | added) - removed)


def _openings(texts: Iterable[str]) -> Intervals:
    parts = [text.split("-") for text in texts]
    return union((clock(start), clock(end)) for start, end in parts)


def weekly_hours(hours: Hours, holidays: frozenset[date]) -> WeeklyHours:
    """Power-off hours are cut out of every day, of dates with hours of their own too."""
    off = _openings(hours.power_off)
    exceptions: Mapping[date, Intervals] = {
        day(one.date): difference(_openings(one.open), off) for one in hours.exceptions
    }
    return WeeklyHours(
        days=frozenset(WEEKDAYS.index(one) for one in hours.days),
        open=difference(_openings(hours.open), off),
        holidays=frozenset() if hours.on_holidays else holidays,
        exceptions=exceptions,
    )


@lru_cache(maxsize=512)
def _laid_out(hours: str, holidays: frozenset[date], period: Interval, zone: str) -> Intervals:
    # Most customers of a fleet keep the same hours: laying out a month day by day is done once for all of them.
    return open_seconds(weekly_hours(Hours.model_validate_json(hours), holidays), period, ZoneInfo(zone))


def open_in(hours: Hours, holidays: frozenset[date], period: Interval, zone: str) -> Intervals:
    """The agreed seconds of a period."""
    return _laid_out(hours.model_dump_json(), holidays, period, zone)


def least_agreed_month(contract: Contract, service: Service, calendar: HolidayCalendar, year: int) -> int:
    """The least agreed seconds of any month of that year."""
    hours, zone = hours_of(contract, service), zone_of(contract)
    months = [month(year, number, zone) for number in range(1, 13)]
    if hours is None:
        return min(end - start for start, end in months)
    holidays = holidays_of(contract, calendar)
    return min(length(open_in(hours, holidays, one, contract.zone)) for one in months)
