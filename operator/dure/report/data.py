"""A customer's report as a value: everything that it shows, with nothing left to compute. JSON there and back."""

import hashlib
from datetime import date, datetime
from enum import StrEnum
from fractions import Fraction
from typing import Literal, Self

from pydantic import ValidationError, model_validator

from dure.errors import UsageError
from dure.model.report_notes import PatchNote
from dure.model.text import printable
from dure.model.words import WordPair, Words
from dure.report.imported_parts import Hosts, NetBenefit
from dure.report.parts import (
    Bill,
    ChangeRow,
    Corrected,
    Decision,
    Expiry,
    Figure,
    IndicatorRow,
    LackingIndicator,
    OutageRow,
    Part,
    Person,
    Restore,
    SecondsUTC,
    Service,
    TrendPoint,
    Usage,
)
from dure.sla.freeze import canonical
from dure.sla.verdict import MIN_COVERAGE

FORMAT = 1


class Headline(StrEnum):
    """What the sentence of verdict says; the first that applies, from the top."""

    NOTHING = "nothing"
    BREACHED = "breached"
    UNDECIDED = "undecided"
    MET = "met"
    QUIET = "quiet"


class Look(Part):
    """The MSP's own colour, logo (a data URI, or empty) and sentences."""

    accent: str
    logo: str
    greeting: WordPair | None
    closing: WordPair | None


class Provider(Part):
    """The MSP."""

    name: WordPair
    phone: str
    email: str


class MonthSum(Part):
    """All services of a month: sums of seconds, never means of percentages.

    `lost` are the seconds in which staff could not work: of interruptions at the same time the longest counts once.
    `coverage` is the measured share of the agreed seconds; None: there were none, or an older version kept the report.
    `least` is the share that the contract wants measured for a verdict, exact; None: an older version kept the report.
    """

    month: str
    lost: int
    availability: Figure | None
    incidents: int
    met: int
    judged: int
    coverage: Figure | None = None
    least: str | None = None

    @property
    def is_known(self) -> bool:
        """Enough was measured to tell a month; below that neither nothing lost nor a percentage says anything."""
        least = MIN_COVERAGE if self.least is None else Fraction(self.least)
        return self.coverage is None or Fraction(self.coverage.exact) >= least


class Happening(Part):
    """An interruption as page one tells it; services that went down in the same minute are told together."""

    services: tuple[WordPair, ...]
    start: SecondsUTC
    counted: int
    lasted: int = 0
    """Its whole downtime, agreed or not; 0: not told, in reports made before it was."""
    carried: bool
    cause: WordPair | None
    root: str
    excluded: int = 0
    """Seconds that the contract takes out, of an interruption of which nothing counted."""
    root_name: WordPair | None = None
    excluded_for: tuple[str, ...] = ()
    """Kinds of exclusions."""


class Prevented(Part):
    """What did not happen."""

    what: WordPair
    day: date | None


class Front(Part):
    """Page one."""

    headline: Headline
    named: tuple[WordPair, ...]
    """The services that the sentence names."""
    now: MonthSum
    before: MonthSum | None
    proof: Restore | None
    happened: tuple[Happening, ...]
    more_happened: int
    excluded: Happening | None = None
    """The month's longest interruption, when it is one that the contract takes out."""
    more_excluded: int = 0
    """Seconds of the other interruptions that the contract takes out."""
    prevented: tuple[Prevented, ...]
    decisions: tuple[Decision, ...]
    expiries: tuple[Expiry, ...] | None
    visit_at: datetime | None
    visit_for: WordPair | None
    contact: Person


class Share(Part):
    """So many of so many, with the percent; `share` None of nothing."""

    part: int
    whole: int
    share: Figure | None


class Failure(Part):
    """A backup that failed, by the customer's clock."""

    at: datetime
    why: WordPair


class Care(Part):
    """Patches, backups and restores; None: no data."""

    patch: Share | None
    waiting: PatchNote | None
    backup: Share | None
    failures: tuple[Failure, ...]
    restores: tuple[Restore, ...]
    hosts: Hosts | None = None


class Means(Part):
    """Mean times of the month's incidents in seconds, floored; None: no incident to take a mean of."""

    incidents: int
    """Those of which some downtime counted; the means are over them."""
    detect: int | None
    detected: int | None = None
    """Of how many it is on record; None: not told, in reports made before it was."""
    acknowledge: int | None
    acknowledged: int | None = None
    restore: int | None


class Report(Part):
    """The whole report."""

    format: Literal[1] = 1
    made_up: bool
    customer: str
    customer_name: WordPair
    provider: Provider
    look: Look
    month: str
    zone: str
    period: tuple[SecondsUTC, SecondsUTC]
    closed_at: SecondsUTC
    closed_by: Words
    revision: int
    newest: int = 0
    """The newest revision that there was when it was written; 0: an older version kept the report."""
    corrections: tuple[Corrected, ...] = ()
    """What the revisions up to this one changed."""
    front: Front
    services: tuple[Service, ...]
    trend: tuple[TrendPoint, ...]
    care: Care
    means: Means
    indicators: tuple[IndicatorRow, ...]
    lacking: tuple[LackingIndicator, ...] = ()
    changes: tuple[ChangeRow, ...] | None
    usage: tuple[Usage, ...]
    benefit: NetBenefit | None = None
    bill: Bill
    recommendations: tuple[WordPair, ...]

    @model_validator(mode="after")
    def _front_follows_from_the_services(self) -> Self:
        if self.bill.credits != sum(one.credit.due for one in self.services):
            raise ValueError("the bill's credits are not the sum of the services' credits")
        if self.bill.fees != sum(one.credit.fee for one in self.services):
            raise ValueError("the bill's fees are not the sum of the services' fees")
        if len(self.front.decisions) > 3:
            raise ValueError("page one has room for three decisions")
        return self

    def digest(self) -> str:
        """sha256 of all that the report says: equal digests, equal reports."""
        return hashlib.sha256(canonical(self.model_dump(mode="json"))).hexdigest()

    def as_json(self) -> str:
        """The report as JSON text, Korean left readable."""
        return self.model_dump_json(indent=2) + "\n"

    def outages(self) -> tuple[tuple[Service, OutageRow], ...]:
        """Every outage with its service, in order of time."""
        every = [(service, row) for service in self.services for row in service.outages]
        return tuple(sorted(every, key=lambda pair: (pair[1].start, pair[0].id)))


def report_from_json(text: str, name: str) -> Report:
    """A report that was kept as JSON; `name` is for messages. Raises UsageError."""
    try:
        return Report.model_validate_json(text)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(step) for step in first["loc"])
        raise UsageError(
            f"{printable(name)} is no report" + (f" at {printable(place)}" if place else ""),
            why=printable(str(first["msg"])[:1].lower() + str(first["msg"])[1:], 200),
            mend="write it again with `operator report CUSTOMER --month MONTH --format json`",
        ) from error
