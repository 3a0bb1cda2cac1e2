"""The accounting case as JSON has it; `to_case` turns it into the value that dure.sla takes."""

from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Discriminator, Field, StrictInt, Tag, model_validator

from dure.model.accounting.case_fields import (
    DEFAULT_ZONE,
    CaseModel,
    Clock,
    Day,
    IntervalField,
    Month,
    Share,
    Target,
    Time,
    Weight,
    Words,
    Zone,
)
from dure.model.fields import refuse
from dure.sla.checks import Mode
from dure.sla.exclusions import ExclusionKind
from dure.sla.faults import SlaError
from dure.sla.hours import clock
from dure.sla.maintenance import CAP, NOTICE, MaintenanceMode
from dure.sla.spans import Span, timeline
from dure.sla.states import State

Count = Annotated[StrictInt, Field(ge=1, le=1000)]
LONGEST_INTERVAL = 31 * 86400


class MonthPeriod(CaseModel):
    month: Month
    zone: Zone = DEFAULT_ZONE


class SampledCheckModel(CaseModel):
    interval: Annotated[StrictInt, Field(ge=1, le=LONGEST_INTERVAL)] = 60
    n: Count = 2
    m: Count = 3
    r: Count = 2
    mode: Mode = Mode.PULL
    samples: list[tuple[Time, State]]

    @model_validator(mode="after")
    def window_holds_n(self) -> Self:
        if self.n > self.m:
            why = f"{self.n} of the last {self.m} samples can never be DOWN"
            refuse(f"n is {self.n} and m is {self.m}", why, "make m at least n")
        return self


def check_timeline(entries: list[tuple[int, int, State]]) -> list[tuple[int, int, State]]:
    try:
        timeline(Span(*entry) for entry in entries)
    except SlaError as error:
        refuse("the timeline contradicts itself", str(error), "give each second one state: [from, to, state]")
    return entries


class TimelineCheckModel(CaseModel):
    timeline: Annotated[list[tuple[Time, Time, State]], AfterValidator(check_timeline)]


class AtLeast(CaseModel):
    at_least: Count


def check_open(entries: list[tuple[str, str]]) -> list[tuple[str, str]]:
    for start, end in entries:
        if clock(start) >= clock(end):
            mend = 'split what crosses midnight: ["22:00", "24:00"] and ["00:00", "06:00"]'
            refuse(f"open from {start} to {end} holds no second", "it ends where it starts or before", mend)
    return entries


class WeeklyHoursModel(CaseModel):
    days: list[Annotated[StrictInt, Field(ge=0, le=6)]]
    open: Annotated[list[tuple[Clock, Clock]], AfterValidator(check_open)]
    holidays: tuple[Day, ...] = ()


class WindowModel(CaseModel):
    start: Time
    end: Time

    @model_validator(mode="after")
    def holds_a_second(self) -> Self:
        if self.start >= self.end:
            why = f"its end {self.end} is not after its start {self.start}"
            refuse("the window holds no second", why, "swap start and end, or correct them")
        return self


class MaintenanceModel(WindowModel):
    announced: Time | None = None
    approved: Time | None = None


class MaintenanceRulesModel(CaseModel):
    mode: MaintenanceMode = MaintenanceMode.EXCLUDE
    notice: Annotated[StrictInt, Field(ge=0, le=LONGEST_INTERVAL * 12)] = NOTICE
    cap: Annotated[StrictInt, Field(ge=0)] = CAP


class ExclusionModel(WindowModel):
    kind: ExclusionKind
    evidence: Words
    approver: Words


def _period_kind(value: object) -> str:
    return "interval" if isinstance(value, list | tuple) else "month"


def _check_kind(value: object) -> str:
    return "known" if isinstance(value, dict) and "timeline" in value else "sampled"


def _rule_kind(value: object) -> str:
    return "k of n" if isinstance(value, dict) else "word"


def _hours_kind(value: object) -> str:
    if value is None:
        return "none"
    return "intervals" if isinstance(value, list | tuple) else "weekly"


PeriodField = Annotated[
    Annotated[MonthPeriod, Tag("month")] | Annotated[IntervalField, Tag("interval")], Discriminator(_period_kind)
]
CheckField = Annotated[
    Annotated[SampledCheckModel, Tag("sampled")] | Annotated[TimelineCheckModel, Tag("known")],
    Discriminator(_check_kind),
]
RuleField = Annotated[
    Annotated[Literal["all", "any"], Tag("word")] | Annotated[AtLeast, Tag("k of n")], Discriminator(_rule_kind)
]
HoursField = Annotated[
    Annotated[None, Tag("none")]
    | Annotated[list[IntervalField], Tag("intervals")]
    | Annotated[WeeklyHoursModel, Tag("weekly")],
    Discriminator(_hours_kind),
]
TAGS = frozenset(("month", "interval", "sampled", "known", "word", "k of n", "none", "intervals", "weekly"))


class AccountingCase(CaseModel):
    """Everything that decides one service's figure in one period."""

    period: PeriodField
    checks: dict[Words, CheckField] = Field(min_length=1)
    zone: Zone = DEFAULT_ZONE
    until: Time | None = None
    collector_dead: tuple[IntervalField, ...] = ()
    rule: RuleField = "all"
    hours: HoursField = None
    contract: IntervalField | None = None
    maintenance: tuple[MaintenanceModel, ...] = ()
    maintenance_rules: MaintenanceRulesModel = MaintenanceRulesModel()
    exclusions: tuple[ExclusionModel, ...] = ()
    degraded_weight: Weight = "0"
    target: Target = "99.9"
    min_coverage: Share = "95"

    @model_validator(mode="after")
    def rule_can_hold(self) -> Self:
        count = len(self.checks)
        if isinstance(self.rule, AtLeast) and self.rule.at_least > count:
            why = f"the case has {count} check{'s' if count > 1 else ''}"
            refuse(f"at least {self.rule.at_least} checks must be good", why, f"write at_least of 1 to {count}")
        return self

    @model_validator(mode="after")
    def no_sample_of_the_future(self) -> Self:
        if self.until is not None:
            late = _latest_samples(self.checks)
            for name, latest in late.items():
                if latest > self.until:
                    why = f'check "{name}" has a sample at {latest}, and silence is judged up to {self.until}'
                    refuse("a sample comes from the future", why, "correct `until`, or remove the samples after it")
        return self


def _latest_samples(checks: Mapping[str, SampledCheckModel | TimelineCheckModel]) -> dict[str, int]:
    return {
        name: max(ts for ts, _ in check.samples)
        for name, check in checks.items()
        if isinstance(check, SampledCheckModel) and check.samples
    }
