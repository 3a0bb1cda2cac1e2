"""From the command to a run: start a new one, go on with a dead one, or only look ahead."""

import contextlib
import secrets
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from dure.errors import Cancelled, DureError, UsageError
from dure.runs.context import Context
from dure.runs.holder import Holder, from_json, is_dead, this_process
from dure.runs.journal import OPEN, Journal, create_run, find_run, open_runs
from dure.runs.lease import LeaseTaken, LocalLease
from dure.runs.live import Live, Request, Watcher
from dure.runs.provision.prepare import find_ways, head_commit, hold, plan_identity, resolve_plan
from dure.store.tables import Run


def new_run_id() -> str:
    """Sorts by time and is short enough to be said: 20261122-0455-k3f9."""
    alphabet = "abcdefghjkmnpqrstuvwxyz23456789"
    return datetime.now(UTC).strftime("%Y%m%d-%H%M%S-") + "".join(secrets.choice(alphabet) for _ in range(4))


def provision(context: Context, request: Request, watcher: Watcher) -> str:
    """Provision the site, going on with a dead run of the same plan; the run's id. Raises how the run ended."""
    if request.force and not request.reason:
        raise UsageError("--force needs a reason", mend='give --reason "…"')
    digest = plan_identity(resolve_plan(context, request.site))
    request = request.model_copy(update={"commit": head_commit(context.workspace)})
    found = open_runs(context.store, request.site)
    resumable = next((run for run in found if _same(run, digest, request)), None)
    run_id = resumable.id if resumable else new_run_id()
    holder = this_process(context.engineer, run_id)
    lease = LocalLease(context.state / "leases", request.site, holder)
    lease.take()
    try:
        for other in found:
            _refuse_living(other)
        if resumable is None:
            for other in found:
                _close(context, other, watcher)
            create_run(context.store, _row(run_id, request, digest, holder))
        else:
            # What was asked for then holds; who asks now may also say yes and hurry.
            again = {"yes": request.yes or bool(resumable.request.get("yes")), "fast": request.fast}
            request = Request.model_validate(resumable.request).model_copy(update=again)
        given_up = [] if resumable else [other.id for other in found]
        return _carry_out(context, run_id, request, holder, watcher, given_up, resumed=resumable is not None)
    finally:
        lease.release()


def resume(context: Context, run_id: str, watcher: Watcher) -> str:
    """Go on with an open run whose process is dead. Raises UsageError for one that has ended."""
    run = find_run(context.store, run_id)
    if run.state != OPEN:
        raise UsageError(
            f"run {run.id} is {run.state}; there is nothing to go on with", mend=f"operator provision {run.site}"
        )
    holder = this_process(context.engineer, run.id)
    lease = LocalLease(context.state / "leases", run.site, holder)
    lease.take()
    try:
        _refuse_living(run)
        return _carry_out(context, run.id, Request.model_validate(run.request), holder, watcher, [], resumed=True)
    finally:
        lease.release()


def look_ahead_only(context: Context, request: Request, watcher: Watcher) -> "list[str]":
    """What a run would change, as lines; empty when nothing. Touches nothing, not even leases."""
    from dure.runs.provision.preview import look_ahead

    plan = resolve_plan(context, request.site)
    with tempfile.TemporaryDirectory(prefix="dure-check-") as scratch:
        directory = Path(scratch)
        holder = this_process(context.engineer, "check")
        journal = Journal(context.store, "check", directory)
        journal.listeners.append(watcher.event)
        live = Live(context, "check", request, holder, journal, watcher, find_ways)
        try:
            find_ways(live)
            found = look_ahead(live, plan, directory)
        finally:
            live.close_sessions()
    return [] if found.empty else found.lines()


def _same(run: Run, digest: str, request: Request) -> bool:
    return run.plan_digest == digest and run.request.get("commit") == request.commit


def _refuse_living(run: Run) -> None:
    """An open run of a process that still lives here, or that nobody can see from here and holds its lease there."""
    holder = from_json(run.holder)
    here = this_process("", "")
    if holder is not None and holder.host == here.host and not is_dead(holder) and holder.pid != here.pid:
        raise LeaseTaken(run.site, "this workstation", holder.words(), 0)


def _close(context: Context, run: Run, watcher: Watcher) -> None:
    """Give up a dead run whose plan is no longer the workspace's."""
    journal = Journal(context.store, run.id, context.artifacts(run.id))
    journal.listeners.append(watcher.event)
    journal.ended("closed", "its process is dead and the plan has changed since; a new run takes its place")


def _row(run_id: str, request: Request, digest: str, holder: Holder) -> Run:
    return Run(
        id=run_id,
        kind="provision",
        site=request.site,
        engineer=holder.owner,
        reason=request.reason,
        request=request.model_dump(),
        plan_digest=digest,
        state=OPEN,
        started_at=datetime.now(UTC),
        error="",
        cancel_by="",
        holder=holder.as_json(),
    )


def _carry_out(
    context: Context,
    run_id: str,
    request: Request,
    holder: Holder,
    watcher: Watcher,
    given_up: list[str],
    *,
    resumed: bool,
) -> str:
    """Work the run off in this process; leases and sessions are given back whatever happens."""
    from dure.runs.audit import close_failed_run
    from dure.runs.engine import Engine
    from dure.runs.provision.step import LIVES
    from dure.runs.provision.workflow import provision as workflow

    journal = Journal(context.store, run_id, context.artifacts(run_id))
    journal.listeners.append(watcher.event)
    with context.store.transaction() as session:
        session.get_one(Run, run_id).holder = holder.as_json()
    journal.tell("run-resumed" if resumed else "run-started", "", run_id)
    live = LIVES[run_id] = Live(context, run_id, request, holder, journal, watcher, hold)
    watcher.attach(live)
    engine = Engine(context, request.site, holder)
    live.start_beating()
    try:
        for other in given_up:
            engine.close_workflow(other)
        engine.work_off(run_id, workflow, watcher.tick)
        journal.ended("done")
        return run_id
    except DureError as error:
        with contextlib.suppress(DureError):
            close_failed_run(live, error)
        journal.ended("cancelled" if isinstance(error, Cancelled) else "failed", error.line())
        raise
    finally:
        live.close()
        del LIVES[run_id]
        engine.stop()
