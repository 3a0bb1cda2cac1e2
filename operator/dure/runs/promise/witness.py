"""What the audit chain saw of an agreement, and when: an approval's own moment is only what its engineer says.

A link's moment is the latest of all links up to it, so that a clock that was put back for one link gains nothing.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from dure.model.problem import Problem
from dure.model.promise.agreement import Window
from dure.model.promise.agreement_files import directory_of
from dure.runs.audit import Entry, append
from dure.runs.context import Context
from dure.runs.promise.approval import Any_
from dure.store.tables import Audit

MOMENT, MOMENT_LENGTH = '"at":"', len("2026-06-11T01:00:00+00:00")
"""What a link's canonical content has before its moment: no value before it can hold that, only `acts` precedes it."""


def run_of(one: Any_, digest: str) -> str:
    """The name under which a link stands for that content of an agreement."""
    return f"{one.kind} {one.customer} {one.id} {digest}"


def record(context: Context, one: Any_, what: str, result: str, digest: str) -> None:
    """A link of the audit chain that stands for what the digest is of; it comes before the agreement's file.

    A file without link could be one that nobody here wrote, and a signature in it has no witness of its time. A link
    without file, of a command that was killed between the two, says that somebody was about to: repeat the command.
    """
    append(
        context,
        what=what,
        where=one.customer,
        why=one.reason,
        result=f"{one.id}: {result}",
        run=run_of(one, digest),
        plan="",
        commit="",
    )


def record_signature(context: Context, one: Any_, what: str, result: str) -> None:
    """The link of an agreement's last signature."""
    mine = one.approvals[-1]
    record(context, one, what, result, one.content_digest(mine.by, mine.at))


def witnessed(context: Context, customer: str, windows: Sequence[Window]) -> list[Window]:
    """The windows with the moments at which this store's chain saw them; without such links as they are."""
    if not any(one.approvals for one in windows):
        return [*windows]
    with context.store.transaction() as session:
        seen = seen_links(session, customer, ("window",))
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


def seen_links(session: Session, customer: str, kinds: Sequence[str]) -> dict[tuple[str, str], int]:
    """(run, who) -> the earliest moment in UTC seconds, of a customer's agreements of those kinds."""
    found: dict[tuple[str, str], int] = {}
    position = func.strpos if session.get_bind().dialect.name == "postgresql" else func.instr
    said = func.substr(Audit.content, position(Audit.content, MOMENT) + len(MOMENT), MOMENT_LENGTH)
    latest = func.max(said).over(order_by=Audit.number)
    chain = select(Audit.number, Audit.content, latest.label("latest")).subquery()
    named = or_(*(chain.c.content.like(f'%"run":"{kind} {customer} %') for kind in kinds))
    links = select(chain.c.content, chain.c.latest).where(named)
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
