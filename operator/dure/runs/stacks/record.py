"""A command on many stacks as a run that people see: its steps, its audit links, and a cancel from elsewhere."""

import contextlib
import threading
import time
from collections.abc import Iterable
from datetime import UTC, datetime

from dure.cloud.preview import StackEvent
from dure.errors import DureError
from dure.fleet.known_hosts import pinned
from dure.fleet.session import Session
from dure.model.workspace import HUB
from dure.runs.addresses import as_user, hub_routes
from dure.runs.audit import append
from dure.runs.audit_memory import send_head
from dure.runs.checkout import head_commit
from dure.runs.context import Context
from dure.runs.holder import from_json, is_dead, this_process
from dure.runs.journal import OPEN, Journal, create_run, list_runs
from dure.runs.provision.command import new_run_id
from dure.runs.signature import sign
from dure.runs.stacks.result import Report, StackResult
from dure.store.tables import Run

LOOK_SECONDS = 1.0
RECENT = 50
STOPS_AT = "after the resources that are being changed"
STEPS = {"changed": "done", "unchanged": "skipped", "refused": "failed"}
"""State of a result -> state of its step, where they differ."""


class Record:
    """One run of the stacks command. Threads share it."""

    def __init__(self, context: Context, verb: str, sites: Iterable[str], reason: str) -> None:
        self.context, self.verb, self.reason = context, verb, reason
        self.sites = list(sites)
        self.run = new_run_id()
        self.commit = head_commit(context.workspace)
        sign(context, self.run.encode())  # what cannot be signed is not begun
        self.holder = this_process(context.engineer, self.run)
        _close_dead(context)
        create_run(context.store, self._row())
        self.journal = Journal(context.store, self.run, context.artifacts(self.run))
        self.journal.tell("run-started", "", self.run)
        self._cancel_asked = False
        self._looked = 0.0
        self._lock = threading.Lock()

    def _row(self) -> Run:
        shown = self.sites[0] if len(self.sites) == 1 else f"{len(self.sites)} stacks"
        return Run(
            id=self.run,
            kind=f"stacks {self.verb}",
            site=shown,
            engineer=self.holder.owner,
            reason=self.reason,
            # Nothing is begun before this engineer has said yes, at the terminal or with --yes.
            request={"verb": self.verb, "sites": list(self.sites), "approved_by": self.holder.owner},
            plan_digest="",
            state=OPEN,
            started_at=datetime.now(UTC),
            error="",
            cancel_by="",
            holder=self.holder.as_json(),
        )

    def cancel_wanted(self) -> bool:
        """Somebody gave `operator runs cancel`; the store is asked once a second."""
        with self._lock:
            if time.monotonic() - self._looked > LOOK_SECONDS:
                self._looked = time.monotonic()
                with contextlib.suppress(DureError):
                    self._cancel_asked = bool(self.journal.cancel_wanted())
            return self._cancel_asked

    def started(self, site: str) -> None:
        self.journal.step_started(site, self.sites.index(site), site, STOPS_AT)

    def task(self, site: str, event: StackEvent) -> None:
        self.journal.tell("task", site, event.line(), event.kind)

    def ended(self, result: StackResult, plan_digest: str) -> None:
        """Tell the step's end; what changed or failed becomes a link of the audit chain."""
        said = result.line().removeprefix(f"{result.site}: ")
        self.journal.step_ended(result.site, STEPS.get(result.state, result.state), said, result.seconds)
        if result.changes or result.fault:
            self.keep(result.site, said, plan_digest)

    def keep(self, site: str, result: str, plan_digest: str) -> None:
        """One link of the audit chain."""
        append(
            self.context,
            what=f"stacks {self.verb}",
            where=site,
            why=self.reason,
            result=result,
            run=self.run,
            plan=plan_digest,
            commit=self.commit,
        )

    def close(self, report: Report) -> None:
        """The run's end; a hub that can be reached hears how far the audit chain goes."""
        code = report.exit_code
        state = "done" if code == 0 else "cancelled" if code == 130 else "failed"
        self.journal.ended(state, "" if code == 0 else report.summary())
        if pinned(self.context.known_hosts, HUB) is None:
            return
        with (
            contextlib.suppress(DureError),
            Session(as_user(hub_routes(self.context)[0], self.context.engineer)) as hub,
        ):
            doubt = send_head(self.context, hub)
            if doubt:
                self.journal.tell("note", "", doubt)

    def broken(self, error: DureError) -> None:
        """The run ended before its stacks did."""
        self.journal.ended("cancelled" if error.exit_code == 130 else "failed", error.line())


def _close_dead(context: Context) -> None:
    """Runs of dead processes: whatever they left is found and finished by the engine's own look at the state."""
    for run in list_runs(context.store, "", RECENT):
        holder = from_json(run.holder)
        if run.kind.startswith("stacks ") and run.state == OPEN and holder is not None and is_dead(holder):
            Journal(context.store, run.id, context.artifacts(run.id)).ended("closed", "its process is dead")
