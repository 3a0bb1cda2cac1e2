"""`contract` of a customer's file: services, hours, maintenance, targets, credits, indicators."""

from datetime import date
from itertools import pairwise
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StringConstraints

from dure.model.accounting.case_fields import (
    DEFAULT_ZONE,
    Day,
    DecimalText,
    Share,
    Target,
    Weight,
    Words,
    Zone,
)
from dure.model.fields import Id, Name, refuse
from dure.model.msp import Strict
from dure.sla.faults import SlaError
from dure.sla.hours import clock

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEKDAYS: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
WORKDAYS: list[Weekday] = ["mon", "tue", "wed", "thu", "fri"]


def check_opening(text: str) -> str:
    start, dash, end = text.partition("-")
    try:
        begins, ends = clock(start), clock(end)
    except SlaError:
        dash = ""
        begins = ends = 0
    if not dash:
        refuse(f'"{text[:40]}" are no hours', "hours are two times of a day", 'write them as in "09:00-18:00"')
    if begins >= ends:
        mend = 'split what crosses midnight: "22:00-24:00" and "00:00-06:00"'
        refuse(f"{text} holds no second", "it ends where it starts or before", mend)
    return text


def check_fee(amount: int) -> int:
    if amount < 0:
        refuse(f"the fee is {amount:,} won", "nobody pays less than nothing", "write 0 for a free service")
    return amount


def check_bands(bands: "list[CreditBand]") -> "list[CreditBand]":
    for upper, lower in pairwise(bands):
        if float(upper.at_least) <= float(lower.at_least) or float(upper.credit) > float(lower.credit):
            why = f"{lower.at_least} follows {upper.at_least}; availability falls from band to band, credit never does"
            refuse("the credit bands are out of order", why, "sort them from the highest availability down")
    return bands


Opening = Annotated[str, AfterValidator(check_opening)]
Fee = Annotated[int, AfterValidator(check_fee)]
Interval = Annotated[int, Field(ge=10, le=86400)]
Minutes = Annotated[int, Field(ge=1, le=100_000)]
HourCount = Annotated[int, Field(ge=1, le=8760)]
Supplier = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9가-힣][A-Za-z0-9가-힣 ._+-]{0,59}$")]


class HourException(Strict):
    """One date with hours of its own."""

    date: Day = Field(description="The date.", examples=["2026-12-24"])
    open: list[Opening] = Field(default=[], description="Hours of that date; empty: closed.", examples=["09:00-13:00"])
    why: Words = Field(description="Why, as it was agreed.")


class Hours(Strict):
    """When the service is agreed to work."""

    days: Annotated[list[Weekday], Field(min_length=1)] = Field(default=WORKDAYS, description="Weekdays.")
    open: Annotated[list[Opening], Field(min_length=1)] = Field(
        default=["09:00-18:00"], description="Local hours of these days.", examples=["09:00-12:00"]
    )
    on_holidays: bool = Field(default=False, description="Holidays of the calendar are days like others.")
    power_off: list[Opening] = Field(
        default=[], description="Local hours in which the customer turns the power off, as agreed; no agreed time."
    )
    exceptions: list[HourException] = Field(default=[], description="Dates with hours of their own.")


class CalendarOverride(Strict):
    """A day that the calendar lacks, or has too much."""

    date: Day = Field(description="The date.", examples=["2026-10-02"])
    change: Literal["add", "remove"] = Field(description="Closed besides, or open although a holiday.")
    why: Words = Field(description="Such as the founding day, or a decree.")


class EarlierInterval(Strict):
    """The check's interval in an earlier time."""

    until: Day = Field(description="First local date on which it no longer held.")
    interval_seconds: Interval = Field(description="Seconds between two samples then.")


class ContractCheck(Strict):
    """A check that no blueprint brings, such as one of an outside monitor whose data are imported."""

    id: Id = Field(description="Short ASCII name.", examples=["web"])
    interval_seconds: Interval = Field(default=60, description="Seconds between two samples.")
    mode: Literal["pull", "push"] = Field(default="pull", description="We ask, or an agent reports.")
    n: Annotated[int, Field(ge=1, le=10)] = Field(default=2, description="DOWN samples that open an outage.")
    m: Annotated[int, Field(ge=1, le=10)] = Field(default=3, description="Of that many last samples.")
    r: Annotated[int, Field(ge=1, le=10)] = Field(default=2, description="Good samples in a row that close it.")
    looks_at: Literal["service", "link", "backup"] = Field(
        default="service", description="link or backup: it also measures a site's line, or the age of its backup."
    )
    earlier_intervals: list[EarlierInterval] = Field(default=[], description="Intervals before the present one.")


class ServiceCheck(Strict):
    """A check that a service is composed of."""

    check: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,39}(/[a-z][a-z0-9-]{0,39})?$")] = Field(
        description="site/check of a blueprint, or the id of one of `checks`.", examples=["ansan/file-share"]
    )
    critical: bool = Field(default=True, description="false: it can only turn UP into DEGRADED.")
    response_ms: Annotated[int, Field(ge=1, le=600_000)] | None = Field(
        default=None,
        description="Milliseconds within which it is to answer; the indicator `response` counts it.",
        examples=[2000],
    )


class AtLeastRule(Strict):
    """k of n."""

    at_least: Annotated[int, Field(ge=1)] = Field(description="How many critical checks must be good.")


class MaintenanceTerms(Strict):
    """When maintenance counts, and what it does then."""

    mode: Literal["exclude", "as_up", "ignore"] = Field(
        default="exclude", description="exclude: out of the agreed time; as_up: counts as up; ignore: as any second."
    )
    notice_hours: Annotated[int, Field(ge=0, le=744)] | None = Field(
        default=None, description="Least notice; 72, or 120 in the tier premium, when absent."
    )
    cap_hours: Annotated[int, Field(ge=0, le=744)] = Field(default=4, description="Most hours a month that may count.")


class CreditBand(Strict):
    """From this availability up, and below the band before."""

    at_least: Share = Field(description="Percent.", examples=["99.5"])
    credit: Share = Field(description="Percent of the service's monthly fee.", examples=["10"])


class CreditTerms(Strict):
    """What is credited for a month below its target."""

    bands: Annotated[list[CreditBand], AfterValidator(check_bands)] = Field(
        default=[], description="From the highest availability down."
    )
    below: Share = Field(default="0", description="Percent of the fee below all bands.")
    cap: Share = Field(default="50", description="Most percent of the fee.")
    undecided: Literal["availability", "lower_bound"] = Field(
        default="availability", description="What an undecided month is credited on."
    )


class Service(Strict):
    """One promise: checks, hours, a target and a fee."""

    id: Id = Field(description="Short ASCII name.", examples=["files"])
    name: Name = Field(description="Name as the customer knows it.")
    name_en: str = Field(default="", description="Name in English.")
    checks: Annotated[list[ServiceCheck], Field(min_length=1)] = Field(description="Checks that compose it.")
    rule: Literal["all", "any"] | AtLeastRule = Field(
        default="all", description="How many critical checks must be good: all, any, or {at_least: k}."
    )
    target: Target | None = Field(
        default=None, description="Percent; 99.0, 99.5 or 99.9 by tier when absent.", examples=["99.5"]
    )
    hours: Hours | None = Field(default=None, description="Its own hours; the contract's when absent.")
    round_the_clock: bool = Field(default=False, description="All day, whatever the contract's hours are.")
    maintenance: MaintenanceTerms | None = Field(default=None, description="Its own rules; the contract's when absent.")
    degraded_weight: Weight | None = Field(default=None, description="0 to 1; the contract's when absent.")
    fee: Fee = Field(default=0, description="Won a month without VAT, of which credits are a share.")
    suppliers: list[Supplier] = Field(default=[], description="Whom it hangs on, such as KT.", examples=["KT"])
    depends_on: Id | None = Field(default=None, description="Service whose outage explains this one's.")


class ContractIndicator(Strict):
    """One scored indicator."""

    key: str = Field(description="Its key; docs/sla.md has all thirty.", examples=["availability"])
    target: DecimalText | None = Field(default=None, description="In its unit; the tier's when absent.")


class DeskTerms(Strict):
    """How fast the service desk answers, does what was asked, and restores."""

    hours: Hours | None = Field(
        default=None, description="When its clock runs; the contract's hours, else Mon-Fri 09:00-18:00, when absent."
    )
    first_response_minutes: Minutes | None = Field(
        default=None, description="To the first answer, on that clock; 240, 120 or 60 by tier when absent."
    )
    request_hours: HourCount | None = Field(
        default=None, description="To the end of a request, on that clock; 24, 16 or 8 by tier when absent."
    )
    restore_hours: Annotated[list[HourCount], Field(min_length=4, max_length=4)] | None = Field(
        default=None,
        description="Hours round the clock to restore an incident of severity 1, 2, 3 and 4; by tier when absent.",
    )
    rto_hours: HourCount = Field(default=24, description="Most hours that a restore may take.")
    rpo_hours: HourCount = Field(default=24, description="Most hours that what comes back may be old.")


class Contract(Strict):
    """What the customer was promised."""

    starts: Day = Field(description="First local date.", examples=["2026-01-01"])
    ends: Day | None = Field(default=None, description="First local date after its end.")
    zone: Zone = Field(default=DEFAULT_ZONE, description="IANA zone of months and hours.")
    tier: Literal["basic", "standard", "premium"] = Field(default="standard", description="What gives the defaults.")
    calendar: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")] = Field(
        default="KR", description="Country of the holidays."
    )
    calendar_revisions: list[str] = Field(
        default=[], description="Revisions to close with instead of the newest.", examples=["KR-2026.r1"]
    )
    calendar_overrides: list[CalendarOverride] = Field(default=[], description="Days of this customer alone.")
    hours: Hours | None = Field(default=None, description="Agreed hours of all services; round the clock when absent.")
    maintenance: MaintenanceTerms = Field(default=MaintenanceTerms(), description="When maintenance counts.")
    degraded_weight: Weight = Field(default="0", description="Weight of a degraded second.", examples=["0.3"])
    min_coverage: Share = Field(default="95", description="Percent that must be known for a verdict.")
    credits: CreditTerms = Field(default=CreditTerms(), description="Credits for missed targets.")
    checks: list[ContractCheck] = Field(default=[], description="Checks that no blueprint brings.")
    services: Annotated[list[Service], Field(min_length=1)] = Field(description="What was promised.")
    indicators: list[ContractIndicator] = Field(default=[], description="Scored indicators; the tier's set when empty.")
    wanted_indicators: list[str] = Field(
        default=[], description="Indicators that the customer asked to have scored; a review counts it as a vote."
    )
    desk: DeskTerms = Field(default=DeskTerms(), description="How fast the service desk acts.")

    def service(self, name: str) -> Service | None:
        """The service of that id."""
        return next((one for one in self.services if one.id == name), None)


def day(text: str) -> date:
    """The date of a checked text."""
    return date.fromisoformat(text)
