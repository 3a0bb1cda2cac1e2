"""Something done at once, without steps to resume: a signed link before anything is touched, another with its end.

Beside the links it is a run that people see, so that a dead one is told from one that still works.
"""

import contextlib
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from dure.errors import DureError
from dure.fleet.session import Session
from dure.runs.addresses import as_user, hub_routes
from dure.runs.audit import Entry, append, entries
from dure.runs.audit_memory import send_head
from dure.runs.audit_runs import NOTE, append_result
from dure.runs.context import Context
from dure.runs.holder import from_json, is_dead, this_process
from dure.runs.journal import ACTS, OPEN, Journal, create_run, list_runs, steps_of
from dure.store.database import Store
from dure.store.tables import Run

BEGUN = "begun: "
"""How the result of a first link begins."""
STOPS_AT = "at its end: it is not broken off half way"
LONGEST = timedelta(days=1)
"""An act of another workstation, whose process cannot be looked for from here, lives at most so long."""
RECENT = 200


@dataclass(slots=True)
class Act:
    """What is being done; whoever does it sets `result` and, when not all went well, `state`."""

    context: Context
    kind: str
    site: str
    journal: Journal
    state: str = "done"
    result: str = "done"
    tells_hub: bool = True
    note: str = ""
    """After its end: what the audit log lacks of it, or what the hub remembers otherwise; empty when all is well."""
    _began: float = field(default_factory=time.monotonic)

    def close(self) -> None:
        """Keep the end: a link that cannot be made leaves a note, for what is done is done."""
        try:
            append_result(self.context, self.journal.run, self.result)
        except (DureError, OSError) as error:
            why = error.line() if isinstance(error, DureError) else str(error)
            self.note = f"the {self.kind} has ended ({self.state}), but stands in the audit log as begun only: {why}"
            self.journal.tell("note", NOTE, self.note)
        with contextlib.suppress(DureError):
            self.journal.step_ended(self.kind, self.state, self.result, time.monotonic() - self._began)
            self.journal.ended(self.state, "" if self.state == "done" else self.result)
        if self.tells_hub:
            self.note = self.note or tell_hub(self.context)


@contextlib.contextmanager
def act(context: Context, kind: str, site: str, reason: str, words: str, *, tells_hub: bool = True) -> Iterator[Act]:
    """Run the block between the two links. Raises DureError, with nothing touched, when the first cannot be made.

    `tells_hub` is False for what needs no hub: that one hears of the links with the next one that does.
    """
    one = _begin(context, kind, site, reason, words, tells_hub=tells_hub)
    try:
        yield one
    except DureError as error:
        one.state, one.result = "failed", f"failed: {error.line()}"
        raise
    except BaseException as error:
        one.state, one.result = "failed", f"failed: broken off by {type(error).__name__}, how far it came is not known"
        raise
    finally:
        one.close()


def _begin(context: Context, kind: str, site: str, reason: str, words: str, *, tells_hub: bool) -> Act:
    run = f"{kind.partition(' ')[0]}-{uuid4().hex[:12]}"
    holder = this_process(context.engineer, run)
    plain = dict.fromkeys(("plan_digest", "error", "cancel_by"), "")
    row = Run(
        id=run,
        kind=kind,
        site=site,
        engineer=holder.owner,
        reason=reason,
        request={"what": words, "approved_by": holder.owner},
        state=OPEN,
        started_at=datetime.now(UTC),
        holder=holder.as_json(),
        **plain,
    )
    create_run(context.store, row)
    journal = Journal(context.store, run, context.artifacts(run))
    journal.tell("run-started", "", run)
    try:
        settle(context)
        append_result(context, run, BEGUN + words)
    except DureError as error:
        journal.ended("failed", f"not begun: {error.line()}")
        raise DureError(
            f"the {kind} was not begun and nothing is touched: {error.what}",
            where=error.where or site,
            why=error.why,
            mend=error.mend,
        ) from error
    journal.step_started(kind, 0, site, STOPS_AT)
    if tells_hub:
        tell_hub(context)
    return Act(context, kind, site, journal, tells_hub=tells_hub)


def tell_hub(context: Context) -> str:
    """What the hub remembers otherwise; empty when all fits. One out of reach hears of it with the next link."""
    try:
        with Session(as_user(hub_routes(context)[0], context.engineer)) as session:
            differs = send_head(context, session)
    except DureError:
        return ""
    return f"the hub's memory of the audit log differs: {differs}; see operator audit verify" if differs else ""


# -- acts whose end is not in the log ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Unfinished:
    """A first link without its second, of an act that no process works on any more; `run` is None when it is gone."""

    entry: Entry
    run: Run | None

    def words(self) -> str:
        """How the run stands, as far as this store knows."""
        if self.run is None:
            return "its run is not known here"
        return "its process is dead" if self.run.state == OPEN else f"its run ended as {self.run.state}"


def unfinished(store: Store, links: Iterable[Entry]) -> list[Unfinished]:
    """Those of the chain's links, oldest first."""
    begun: dict[str, Entry] = {}
    for entry in links:
        if entry.result.startswith(BEGUN):
            begun[entry.run] = entry
        else:
            begun.pop(entry.run, None)
    with store.transaction() as session:
        found = [Unfinished(entry, session.get(Run, run)) for run, entry in begun.items()]
    return [one for one in found if one.run is None or not _lives(one.run)]


def _lives(run: Run) -> bool:
    holder = from_json(run.holder)
    if run.state != OPEN or holder is None or is_dead(holder):
        return False
    here = holder.host == this_process("", "").host
    return here or datetime.now(UTC) - run.started_at < LONGEST


def settle(context: Context) -> None:
    """Give acts that died, or whose end could not be signed, the link that they lack. Raises DureError."""
    for one in unfinished(context.store, entries(context.store)):
        told = "closed: its process died, how far it came is not known"
        if one.run is not None and one.run.state != OPEN:
            summaries = [step.summary for step in steps_of(context.store, one.run.id)]
            told = f"told late: {next(iter(summaries), '') or one.run.state}"
        append(
            context,
            what=one.entry.what,
            where=one.entry.where,
            why=one.entry.why,
            result=told,
            run=one.entry.run,
            plan="",
            commit="",
        )
    _close_dead(context)


def _close_dead(context: Context) -> None:
    for run in list_runs(context.store, "", RECENT):
        if run.kind in ACTS and run.state == OPEN and not _lives(run):
            Journal(context.store, run.id, context.artifacts(run.id)).ended("closed", "its process is dead")
