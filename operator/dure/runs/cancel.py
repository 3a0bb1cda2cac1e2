"""Ask a run of this or another process to stop."""

from dataclasses import dataclass

from dure.errors import UsageError
from dure.runs.audit_runs import keep_result
from dure.runs.context import Context
from dure.runs.holder import from_json, is_dead
from dure.runs.journal import OPEN, Journal, ask_to_cancel, find_run, steps_of


@dataclass(frozen=True, slots=True)
class StopPoint:
    """Where the run will stop; `step` is empty between steps."""

    run: str
    step: str
    where: str
    note: str = ""
    """Why the audit log has no link of it; empty when it has, or will have one from the run itself."""


def cancel(context: Context, run_id: str) -> StopPoint:
    """Mark the run; its process looks once a second. A run whose process is dead is closed here and now."""
    run = find_run(context.store, run_id)
    if run.state != OPEN:
        raise UsageError(f"run {run.id} is {run.state} already", mend="operator runs list")
    ask_to_cancel(context.store, run.id, context.engineer)
    holder = from_json(run.holder)
    if holder is not None and is_dead(holder):
        journal = Journal(context.store, run.id, context.artifacts(run.id))
        note = keep_result(context, journal, f"cancelled: by {context.engineer}, its process was dead")
        journal.ended("cancelled", f"by {context.engineer}")
        return StopPoint(run.id, "", "here and now: its process was dead", note)
    working = next((step for step in steps_of(context.store, run.id) if step.state == "started"), None)
    if working is None:
        return StopPoint(run.id, "", "before its next step")
    return StopPoint(run.id, working.name, f"in step {working.name}, {working.stops_at}")
