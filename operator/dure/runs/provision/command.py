"""From the command to a run: start a new one, go on with a dead one, or only look ahead."""

import contextlib
import secrets
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from dure.errors import Cancelled, DureError, UsageError
from dure.fleet.session import Session
from dure.runs.addresses import hub_routes
from dure.runs.audit_runs import close_failed_run, keep_result
from dure.runs.checkout import head_commit
from dure.runs.context import Context
from dure.runs.holder import Holder, from_json, is_dead, this_process
from dure.runs.journal import OPEN, Journal, create_run, find_run, open_runs
from dure.runs.lease import TTL_SECONDS, LeaseTaken, LocalLease
from dure.runs.live import Live, Request, Watcher
from dure.runs.provision.prepare import find_ways, hold, plan_identity, resolve_plan
from dure.runs.remote_lease import ask
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
            _refuse_living(context, other)
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
    """Go on with a run whose process is dead, or that failed or was cancelled, at the step where it stopped.

    Raises UsageError for one that is done, that began elsewhere, or whose plan is no longer the workspace's.
    """
    run = find_run(context.store, run_id)
    if run.kind != "provision":
        mend = f"give it anew: operator {run.kind} …"
        raise UsageError(f"run {run.id} is no provision", why="such a run looks first and needs no memory", mend=mend)
    anew = f"operator provision {run.site}"
    if run.state not in (OPEN, "failed", "cancelled"):
        raise UsageError(f"run {run.id} is {run.state}; there is nothing to go on with", mend=anew)
    if plan_identity(resolve_plan(context, run.site)) != run.plan_digest:
        raise UsageError(f"run {run.id} cannot go on", why="the workspace's plan has changed since", mend=anew)
    holder = this_process(context.engineer, run.id)
    lease = LocalLease(context.state / "leases", run.site, holder)
    lease.take()
    try:
        if run.state == OPEN:
            _refuse_living(context, run)
        if _is_foreign(run):
            raise UsageError(
                f"run {run.id} began on {run.holder.get('host')}",
                why="what it has kept lies there",
                mend=f"go on with it there, or start anew here: {anew}",
            )
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
            with _told(journal, request.site):
                find_ways(live)
                found = look_ahead(live, plan, directory)
        finally:
            live.close_sessions()
    return [] if found.empty else found.lines()


@contextlib.contextmanager
def _told(journal: Journal, site: str) -> Iterator[None]:
    """The preview as the one step of a look ahead, which leaves no run behind."""
    started, state = time.monotonic(), "failed"
    journal.tell("step-started", "preview", f"looking at {site}")
    try:
        yield
        state = "done"
    finally:
        journal.tell("step-ended", "preview", "", state, time.monotonic() - started)


def _same(run: Run, digest: str, request: Request) -> bool:
    same = run.plan_digest == digest and run.request.get("commit") == request.commit
    return same and not _is_foreign(run)


def _is_foreign(run: Run) -> bool:
    """True for a run that another workstation works, or worked, on: its artifacts lie there."""
    holder = from_json(run.holder)
    return holder is not None and holder.host != this_process("", "").host


def _refuse_living(context: Context, run: Run) -> None:
    """Raises LeaseTaken while the run's process lives: here by its number, elsewhere by the hub's lease."""
    holder = from_json(run.holder)
    if holder is None:
        return
    if not _is_foreign(run):
        if not is_dead(holder) and holder.pid != this_process("", "").pid:
            raise LeaseTaken(run.site, "this workstation", holder.words(), 0)
        return
    with Session(hub_routes(context)[0]) as hub:
        held = ask(hub, run.site, "look")
    left = held.get("left")
    if from_json(held.get("holder")) == holder and isinstance(left, int | float) and left > 0:
        raise LeaseTaken(run.site, "the hub", holder.words(), left)
    # A run that has only just begun is on its way to the hub's lease.
    left = TTL_SECONDS - (datetime.now(UTC) - run.started_at).total_seconds()
    if left > 0:
        raise LeaseTaken(run.site, "the store", holder.words(), left)


def _close(context: Context, run: Run, watcher: Watcher) -> None:
    """Give up a dead run that cannot be gone on with here: the workspace or the workstation is another."""
    journal = Journal(context.store, run.id, context.artifacts(run.id))
    journal.listeners.append(watcher.event)
    why = "its process is dead, and plan or workstation are others now; a new run takes its place"
    keep_result(context, journal, f"closed: {why}")
    journal.ended("closed", why)


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
    from dure.runs.engine import Engine
    from dure.runs.provision.step import LIVES
    from dure.runs.provision.workflow import provision as workflow

    journal = Journal(context.store, run_id, context.artifacts(run_id))
    journal.listeners.append(watcher.event)
    with context.store.transaction() as session:
        row = session.get_one(Run, run_id)
        row.holder, row.state, row.ended_at, row.error, row.cancel_by = holder.as_json(), OPEN, None, "", ""
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
        close_failed_run(live, error)
        journal.ended("cancelled" if isinstance(error, Cancelled) else "failed", error.line())
        raise
    finally:
        live.close()
        del LIVES[run_id]
        engine.stop()
