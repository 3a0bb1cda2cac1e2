"""The parts of a report: services with their outages, windows, days and trend; proofs; indicators; money.

Times are seconds UTC, money is won, figures are exact fractions with the text that is printed.
"""

from datetime import date, datetime
from fractions import Fraction
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, model_validator

from dure.model.words import WordPair, Words
from dure.sla.ratio import percent
from dure.sla.verdict import Verdict

SecondsUTC = int
Week = Literal["up", "degraded", "down", "unknown", "maintenance", "excluded", "closed"]


class Part(BaseModel):
    """Unknown keys are errors; a value once made does not change."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Figure(Part):
    """An exact share such as 999/1000, and the percent text that is printed, floored."""

    exact: str
    shown: str

    @model_validator(mode="after")
    def _is_floored(self) -> Self:
        if self.shown != percent(Fraction(self.exact)):
            raise ValueError(f"{self.exact} is not printed as {self.shown}")
        return self

    @classmethod
    def of(cls, share: Fraction | None) -> "Figure | None":
        """The figure of an exact share; None of None."""
        return None if share is None else cls(exact=str(share), shown=percent(share))


class ClassSeconds(Part):
    """Seconds per class as in dure.sla.classes."""

    period: int
    not_monitored: int
    out_of_hours: int
    maintenance: int
    excluded: int
    ast: int
    up: int
    degraded: int
    down: int
    unknown: int


class DayCell(Part):
    """A local day: its worst class, and the seconds that make it so."""

    day: date
    state: Week
    seconds: int
    ast: int


class OutageRow(Part):
    """An incident of one service: all its downtime, what of it counted, and why the rest did not.

    `carried` marks downtime of an incident that began in an earlier month: `start` is then the month's first second.
    """

    start: SecondsUTC
    end: SecondsUTC
    down: int
    counted: int
    left_out: tuple[Literal["maintenance", "excluded", "out_of_hours", "other_month"], ...] = ()
    detected: SecondsUTC | None = None
    carried: bool = False
    severity: int | None = None
    cause: WordPair | None = None
    root: str = ""
    """The object that owned it, such as a supplier; empty when it was the service's own."""
    root_name: WordPair | None = None
    """Its name, where it is a service of the customer."""
    action: WordPair | None = None
    prevention: WordPair | None = None
    acknowledged: SecondsUTC | None = None

    @property
    def is_counted(self) -> bool:
        """It began in the month, and some of its downtime counted: the incidents that every view counts."""
        return self.counted > 0 and not self.carried


class WindowRow(Part):
    """Maintenance: as agreed, what counted of it, and why not."""

    start: SecondsUTC
    end: SecondsUTC
    announced: SecondsUTC | None
    notice: int | None
    reason: str
    counted: int
    objection: str
    late: bool


class ExclusionRow(Part):
    """A period taken out of the agreed time."""

    start: SecondsUTC
    end: SecondsUTC
    kind: str
    evidence: str
    approvers: tuple[Words, ...]
    """Names of engineers; the id of one who is no longer in operator.yaml."""
    counted: int
    reason: str = ""


class TrendPoint(Part):
    """One month of a service or customer; None: not closed or nothing known."""

    month: str
    availability: Figure | None
    down: int | None


class CreditRow(Part):
    """A service's fee and credit in won without VAT."""

    fee: int
    share: str
    amount: int
    waived: str
    due: int


class Service(Part):
    """One service's month."""

    id: str
    name: WordPair
    explain: str
    """The command that derives every number of this service."""
    target: Figure
    verdict: Verdict
    availability: Figure | None
    lower: Figure | None
    upper: Figure | None
    coverage: Figure | None
    observed: Figure | None
    seconds: ClassSeconds
    bad: str
    """Exact seconds: all that were down and, by the contract's weight, those that were degraded."""
    degraded_weight: str = "0"
    budget: str
    mode: str
    blips: int
    days: tuple[DayCell, ...]
    outages: tuple[OutageRow, ...]
    windows: tuple[WindowRow, ...]
    exclusions: tuple[ExclusionRow, ...]
    trend: tuple[TrendPoint, ...]
    credit: CreditRow
    revision: int
    restated: str
    approvals: tuple[Words, ...]
    calendar: str
    engine: str
    policy: str
    digest: str
    row: str = ""
    """Digest over all that was frozen of the service; empty: closed before such digests were kept."""

    @property
    def down_at_all_hours(self) -> bool:
        """Downtime counted, and no hour of the month was outside those agreed."""
        return self.seconds.down > 0 and self.seconds.out_of_hours == 0

    @model_validator(mode="after")
    def _adds_up(self) -> Self:
        one = self.seconds
        if one.up + one.degraded + one.down + one.unknown != one.ast:
            raise ValueError(f"the states of {self.id} do not sum to its agreed time")
        if sum(row.counted for row in self.outages) != one.down:
            raise ValueError(f"the outages of {self.id} do not sum to its downtime")
        return self


class Changed(Part):
    """One thing that a later revision changed: `what` is availability or target (percent), a class of seconds, verdict,
    fee or credit (won), or of an indicator its value in `unit` or how it is judged. Empty: there was none."""

    name: WordPair
    what: str
    unit: str = ""
    before: str
    after: str


class Corrected(Part):
    """One later revision; `changes` None: the one before is not as it was frozen, and cannot be compared."""

    revision: int
    at: SecondsUTC | None
    reason: str
    approvals: tuple[Words, ...]
    changes: tuple[Changed, ...] | None
    agreed: bool = True
    """False: no agreement of two engineers speaks for it. What it said is not told, and nothing is compared with it."""


class IndicatorRow(Part):
    """An indicator's value in its unit, exact and as printed; `target` empty: observed only."""

    key: str
    number: int
    name: WordPair
    unit: str
    value: str
    shown: str
    target: str
    verdict: str
    part: int
    whole: int
    low: str = ""
    """The low and the high estimate as printed, of an indicator that is one; empty: it is measured."""
    high: str = ""
    trend: tuple[str, ...]
    """Exact values of the months before and this one, oldest first; empty text where there is none."""


class ChangeRow(Part):
    """A change of an indicator; `before` and `after` are targets in `unit`, empty where the step has none."""

    indicator: str
    step: Literal["tighten", "retarget", "watch", "retire", "reactivate", "promote"]
    before: str
    after: str
    unit: str = ""
    effective: date
    reason: WordPair
    approved_by: tuple[Words, ...]
    """Names of engineers, or of whoever else the note names."""


class LackingIndicator(Part):
    """An indicator without a value, and why."""

    number: int
    name: WordPair
    why: WordPair


class Decision(Part):
    """A question for yes or no, with its price in won."""

    what: WordPair
    why: WordPair
    supply: int
    vat: int
    total: int
    monthly: bool
    due: date


class Expiry(Part):
    """What ends, and in how many days from the report's day."""

    kind: Literal["certificate", "domain", "licence", "contract", "warranty"]
    name: WordPair
    day: date
    days_left: int
    plan: WordPair | None


class Restore(Part):
    """A file that was restored as proof; times of the customer's clock."""

    file: WordPair
    site: WordPair
    saved: datetime
    at: datetime
    seconds: int
    bytes: int
    same: bool


class Usage(Part):
    """Use of a service; `active` None: a count so small that it would name people."""

    service: WordPair
    entitled: int | None
    active: int | None
    share: Figure | None
    before: Figure | None
    low: bool
    remark: WordPair | None


class Bill(Part):
    """Won of the month."""

    fees: int
    credits: int
    supply: int
    vat: int
    total: int

    @model_validator(mode="after")
    def _adds_up(self) -> Self:
        if self.fees - self.credits != self.supply or self.supply + self.vat != self.total:
            raise ValueError("the bill does not add up")
        return self


class Person(Part):
    """Whom to ask."""

    name: WordPair
    role: WordPair | None
    phone: str
    email: str
