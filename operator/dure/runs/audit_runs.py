"""Every run's link in the audit log, however the run ended."""

import contextlib

from dure.errors import Cancelled, DureError
from dure.runs.audit import Entry, append
from dure.runs.audit_memory import send_head
from dure.runs.context import Context
from dure.runs.journal import Journal, find_run
from dure.runs.live import Live, Outcome

NOTE = "audit"
"""The step under which a run's notes about its own link stand."""


def close_run(live: Live) -> Outcome:
    """The run's link of success; the last step."""
    entry = append_result(live.context, live.run, "done")
    differs = send_head(live.context, live.hub())
    kept = f"but the hub's memory differs: {differs}; see operator audit verify" if differs else "the hub remembers it"
    return Outcome(f"link {entry.number}, signed by {entry.who}; {kept}")


def close_failed_run(live: Live, error: DureError) -> None:
    """The link of a run that failed or was cancelled; the hub hears of it when it can be reached."""
    verb = "cancelled" if isinstance(error, Cancelled) else "failed"
    keep_result(live.context, live.journal, f"{verb}: {error.line()}")
    if live.hub_route is not None:
        with contextlib.suppress(DureError):
            send_head(live.context, live.hub())


def keep_result(context: Context, journal: Journal, result: str) -> str:
    """The link of a run that ended otherwise than well; where none can be made, a note of the run says why.

    Returns that note; empty when all is well. A hub that was not told hears of it with the next link.
    """
    try:
        append_result(context, journal.run, result)
    except DureError as error:
        note = f"the audit log has no link of this run: {error.line()}"
        journal.tell("note", NOTE, note)
        return note
    return ""


def append_result(context: Context, run_id: str, result: str) -> Entry:
    """Add the link; who is the engineer who sits here, also where a colleague began the run."""
    run = find_run(context.store, run_id)
    return append(
        context,
        what=run.kind,
        where=run.site,
        why=run.reason,
        result=result,
        run=run.id,
        plan=run.plan_digest,
        commit=str(run.request.get("commit", "")),
    )
