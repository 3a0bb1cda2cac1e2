"""What the audit chain saw of a window, and when: an approval's own moment is only what its engineer says.

A link's moment is the latest of all links up to it, so that a clock that was put back for one link gains nothing.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from dure.model.problem import Problem
from dure.model.promise.agreement import Window
from dure.model.promise.agreement_files import directory_of
from dure.runs.audit import Entry
from dure.runs.context import Context
from dure.store.tables import Audit

MOMENT = (len('{"at":"') + 1, len("2026-06-11T01:00:00+00:00"))
"""Where a link's canonical content has its moment: keys are sorted, and `at` is the first."""


def run_of(window: Window, digest: str) -> str:
    """The name under which a link stands for that content of a window."""
    return f"window {window.customer} {window.id} {digest}"


def witnessed(context: Context, customer: str, windows: Sequence[Window]) -> list[Window]:
    """The windows with the moments at which this store's chain saw them; without such links as they are."""
    if not any(one.approvals for one in windows):
        return [*windows]
    with context.store.transaction() as session:
        seen = _seen(session, customer)
    return [
        one.seen_by(
            {
                (digest, who): at
                for (run, who), at in seen.items()
                for digest in (run.rpartition(" ")[2],)
                if run == run_of(one, digest)
            }
        )
        for one in windows
    ]


def _seen(session: Session, customer: str) -> dict[tuple[str, str], int]:
    """(run, who) -> the earliest moment in UTC seconds, of a customer's windows."""
    found: dict[tuple[str, str], int] = {}
    latest = func.max(func.substr(Audit.content, *MOMENT)).over(order_by=Audit.number)
    chain = select(Audit.number, Audit.content, latest.label("latest")).subquery()
    links = select(chain.c.content, chain.c.latest).where(chain.c.content.like(f'%"run":"window {customer} %'))
    for content, moment in session.execute(links.order_by(chain.c.number)):
        try:
            entry = Entry.model_validate_json(content)
            at = int(datetime.fromisoformat(moment).timestamp())
        except ValueError:
            continue  # `operator audit verify` tells it
        found.setdefault((entry.run, entry.who), at)
    return found


def unwitnessed(windows: Sequence[Window]) -> list[Problem]:
    """Windows that one engineer says were approved in time, and of which the chain has no link from then."""
    problems = []
    for one in windows:
        if one.cancelled is None and one.unwitnessed:
            file = f"{directory_of(Window, one.customer)}/{one.id}.yaml"
            why = "this store's audit chain has no link of it from before the start, so that it counts as late"
            what = f"the approval of {one.approvals[0].by} is not shown to be in time"
            mend = f"have a second engineer run `operator window approve {one.customer} {one.id}`, or use the store "
            problems.append(Problem(file, 1, 1, what, why, f"{mend}that it was approved in"))
    return problems
