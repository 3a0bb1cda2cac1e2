"""reports/CUSTOMER/MONTH.yaml: what engineers add to a month's report, for no machine measures it."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from dure.errors import UsageError
from dure.model.document import read_document
from dure.model.explain import parse
from dure.model.fields import Id, refuse
from dure.model.msp import Strict
from dure.model.problem import WorkspaceInvalid
from dure.model.report_style import DIRECTORY, ReportContact
from dure.model.text import absent
from dure.model.words import Day, Moment, Words
from dure.sla.faults import SlaError
from dure.sla.indicators.catalogue import KEYS
from dure.sla.periods import parsed_month

Won = Annotated[int, Field(ge=0, le=10**12)]
Count = Annotated[int, Field(ge=0, le=10**9)]
MOST_DECISIONS = 3


class IncidentNote(Strict):
    """What people found out about an incident; it is known by its service and start."""

    service: Id = Field(description="Service of the contract.")
    start: Moment = Field(description="Start as the report prints it, to the minute.")
    severity: Annotated[int, Field(ge=1, le=4)] = Field(default=3, description="1 is the worst.")
    cause: Words = Field(description="Why it happened, in a customer's words.")
    action: Words | None = Field(default=None, description="What was done.")
    prevention: Words | None = Field(default=None, description="What keeps it from coming back.")
    acknowledged: Moment | None = Field(default=None, description="When an engineer took it.")


class DecisionNote(Strict):
    """A question that the customer answers with yes or no."""

    what: Words = Field(description="What is proposed.")
    why: Words = Field(description="What it is good for.")
    price: Won = Field(description="Won without VAT; 0 when it is free.")
    monthly: bool = Field(default=False, description="The price is one a month.")
    due: Day = Field(description="The last day on which the answer helps.")


class ExpiryNote(Strict):
    """Something that ends on a day."""

    kind: Literal["certificate", "domain", "licence", "contract", "warranty"]
    name: Words = Field(description="What it is.")
    day: Day = Field(description="Its last day.")
    plan: Words | None = Field(default=None, description="What we do about it.")
    renewed: Day | None = Field(default=None, description="When it was renewed; the indicator of renewals counts it.")


class VisitNote(Strict):
    """The next visit."""

    at: Moment = Field(description="Day and time.")
    purpose: Words = Field(description="What for.")


class RestoreNote(Strict):
    """A file that was brought back from the backup to prove that it can be."""

    file: Words = Field(description="The file, as the customer knows it.")
    site: Words = Field(description="Where it lies.")
    saved: Moment = Field(description="When the backup that it came from was made.")
    at: Moment = Field(description="When it was restored.")
    seconds: Count = Field(description="How long it took.")
    bytes: Count = Field(description="Its size.")
    same: bool = Field(description="The restored file was the same, byte for byte.")


class OpenPatch(Strict):
    """A machine that still waits for a critical patch."""

    host: Words
    what: Words
    due: Day


class PatchNote(Strict):
    """Patches of the month."""

    hosts: Count = Field(description="Machines that were due for a critical patch.")
    in_time: Count = Field(description="Of these, patched within the time agreed.")
    waiting: list[OpenPatch] = Field(default=[], description="Machines that still wait.")


class BackupFailure(Strict):
    """A planned backup that did not succeed."""

    at: Moment
    why: Words


class BackupNote(Strict):
    """Backups of the month."""

    planned: Count = Field(description="Planned runs.")
    succeeded: Count = Field(description="Successful ones.")
    failures: list[BackupFailure] = Field(default=[], description="Those that failed.")


class UsageNote(Strict):
    """How many of those who may use a service did."""

    service: Words
    entitled: Count
    active: Count
    before: Count | None = Field(default=None, description="Active users of the month before.")
    remark: Words | None = None


class IndicatorChange(Strict):
    """A change of the agreed indicators, with both who agreed."""

    indicator: str
    step: Literal["tighten", "retarget", "watch", "retire", "reactivate", "promote"]
    before: str = ""
    after: str = ""
    effective: Day
    reason: Words
    approved_by: Annotated[list[str], Field(min_length=2, max_length=2)]


class PreventedNote(Strict):
    """Something that did not happen because somebody or something acted in time."""

    what: Words
    day: Day | None = None


def check_decisions(decisions: list[DecisionNote]) -> list[DecisionNote]:
    """Page one asks an owner for no more than it has room for."""
    if len(decisions) > MOST_DECISIONS:
        why = f"page one has room for {MOST_DECISIONS}"
        refuse(f"there are {len(decisions)} decisions", why, "leave the rest for the next month")
    return decisions


class ReportNotes(Strict):
    """reports/CUSTOMER/MONTH.yaml; what is left out is said to be not known, never invented."""

    incidents: list[IncidentNote] = Field(default=[])
    prevented: list[PreventedNote] = Field(default=[])
    decisions: Annotated[list[DecisionNote], AfterValidator(check_decisions)] = Field(default=[])
    expiries: list[ExpiryNote] | None = Field(default=None, description="An empty list says that nothing expires.")
    visit: VisitNote | None = None
    contact: ReportContact | None = None
    restores: list[RestoreNote] = Field(default=[])
    patch: PatchNote | None = None
    backup: BackupNote | None = None
    usage: list[UsageNote] = Field(default=[])
    changes: list[IndicatorChange] | None = Field(default=None, description="An empty list says: none this month.")
    recommendations: list[Words] = Field(default=[])


def checked_month(month: str) -> str:
    """The month as 2026-10. Raises UsageError."""
    try:
        parsed_month(month)
    except SlaError as error:
        raise UsageError(str(error), mend="write it as in --month 2026-10") from error
    return month


def load_report_notes(root: Path, customer: str, month: str) -> ReportNotes:
    """The notes of a month; empty ones without a file. Raises WorkspaceInvalid with every problem."""
    file = root / DIRECTORY / customer / f"{month}.yaml"
    if absent(file):
        return ReportNotes()
    document = read_document(root, file)
    if document.data is None:
        raise WorkspaceInvalid(document.problems)
    notes, problems = parse(ReportNotes, document)
    problems = document.problems + problems
    if notes is not None:
        problems += [document.problem(path, what, why, mend) for path, what, why, mend in _contradictions(notes)]
    if notes is None or problems:
        raise WorkspaceInvalid(problems)
    return notes


def _contradictions(notes: ReportNotes) -> list[tuple[tuple[str | int, ...], str, str, str]]:
    """Numbers that cannot both be right."""
    found: list[tuple[tuple[str | int, ...], str, str, str]] = []
    correct = "correct one of the two"
    if notes.patch and notes.patch.in_time > notes.patch.hosts:
        why = f"only {notes.patch.hosts} were due"
        found.append((("patch", "in_time"), f"{notes.patch.in_time} machines were patched", why, correct))
    if notes.backup and notes.backup.succeeded > notes.backup.planned:
        why = f"only {notes.backup.planned} were planned"
        found.append((("backup", "succeeded"), f"{notes.backup.succeeded} backups succeeded", why, correct))
    for index, one in enumerate(notes.usage):
        if one.active > one.entitled:
            why = f"only {one.entitled} may use it"
            found.append((("usage", index, "active"), f"{one.active} people used it", why, correct))
    for index, restored in enumerate(notes.restores):
        if restored.at < restored.saved:
            why = "no backup was made yet"
            found.append((("restores", index, "at"), "the file was restored before it was saved", why, correct))
    for index, change in enumerate(notes.changes or []):
        if change.indicator not in KEYS:
            why = f"known are {', '.join(sorted(KEYS))}"
            what = f'"{change.indicator[:40]}" is no indicator'
            found.append((("changes", index, "indicator"), what, why, "write one of them"))
    return found
