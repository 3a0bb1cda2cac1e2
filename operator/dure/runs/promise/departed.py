"""Signatures of engineers who have left: each must be shown to be there by their last day.

A signature says itself when it was made, and who has left may still have the key. So what they signed counts where the
audit chain saw it, or the workspace's Git history has it, while they worked here.
"""

import hashlib
from collections.abc import Sequence

from dure.model.document import parse_document
from dure.model.msp import Engineer
from dure.model.problem import Problem, WorkspaceInvalid
from dure.model.promise.agreement import Approval
from dure.model.promise.agreement_files import DIRECTORIES
from dure.runs.checkout import commit_until, file_in
from dure.runs.context import Context
from dure.runs.promise import clock
from dure.runs.promise.approval import Any_, file_of, signatures
from dure.runs.promise.witness import run_of, seen_links


def require_shown(context: Context, customer: str, agreements: Sequence[Any_]) -> None:
    """Raises WorkspaceInvalid for signatures of who has left that nothing shows to be from before.

    The customer's agreements alone are looked at, and chain and Git only where one of them is of such an engineer.
    """
    now = clock.now()
    gone = {one.id: one for one in context.operator.engineers if one.has_left(now)}
    theirs = [
        (one, approval, content) for one in agreements for approval, content in signatures(one) if approval.by in gone
    ]
    if not theirs:
        return
    with context.store.transaction() as session:
        seen = seen_links(session, customer, tuple(DIRECTORIES))
    problems = []
    for one, approval, content in theirs:
        run, engineer = run_of(one, hashlib.sha256(content).hexdigest()), gone[approval.by]
        at = seen.get((run, approval.by))
        if not ((at is not None and engineer.is_here(at)) or _in_git(context, one, approval, engineer)):
            problems.append(_unshown(one, approval, engineer))
    if problems:
        raise WorkspaceInvalid(problems)


def _in_git(context: Context, one: Any_, approval: Approval, engineer: Engineer) -> bool:
    """The file had that signature in the workspace's history on their last day."""
    last = engineer.time[1]
    commit = "" if last is None else commit_until(context.workspace, last)
    if not commit:
        return False
    file = file_of(one)
    data = parse_document(file, file_in(context.workspace, commit, file)).data
    if not isinstance(data, dict):
        return False
    approvals = data.get("approvals")
    known = [*(approvals if isinstance(approvals, list) else []), data.get("cancelled")]
    return approval.model_dump(mode="json") in known


def _unshown(one: Any_, approval: Approval, engineer: Engineer) -> Problem:
    return Problem(
        file_of(one),
        1,
        1,
        f"nothing shows that {approval.by} signed it by {engineer.until}, their last day",
        f"it says {approval.at} itself, and neither this store's audit chain nor the git history has it from by then",
        "fetch the whole history (git fetch --unshallow), or use the store that it was approved in; else remove the "
        "approval and have another engineer approve it",
    )
