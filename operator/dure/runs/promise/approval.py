"""Approvals of agreements: signed with the engineer's SSH key, and looked at whenever they are loaded."""

import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from dure.errors import Refused
from dure.model import Operator
from dure.model.problem import Problem, WorkspaceInvalid
from dure.model.promise.agreement import (
    Approval,
    CreditWaiver,
    ExclusionAgreement,
    IndicatorReview,
    Restatement,
    Window,
    seconds,
)
from dure.model.promise.agreement_files import directory_of
from dure.runs.context import Context
from dure.runs.signature import AGREEMENT, sign, verify, write_allowed_signers

AgreementT = TypeVar("AgreementT", Window, ExclusionAgreement, Restatement, CreditWaiver, IndicatorReview)
Any_ = Window | ExclusionAgreement | Restatement | CreditWaiver | IndicatorReview


def approved(context: Context, one: AgreementT, now: int) -> AgreementT:
    """The agreement with the signature of the engineer who sits here. Raises Refused when it has it already."""
    if context.engineer in one.signers():
        raise Refused(
            f"{context.engineer} has approved it already",
            where=one.id,
            why="two approvals are two different engineers'",
            mend="have another engineer of operator.yaml run the same command on their own workstation",
        )
    at = moment(now)
    signature = sign(context, one.signed_content(context.engineer, at), AGREEMENT)
    require_own_key(context, one.signed_content(context.engineer, at), signature, now)
    approvals = [*one.approvals, Approval(by=context.engineer, at=at, signature=signature)]
    return one.model_copy(update={"approvals": approvals})


def require_own_key(context: Context, content: bytes, signature: str, at: int) -> None:
    """Raises Refused when who sits here signed with a key that operator.yaml does not give them."""
    with tempfile.TemporaryDirectory(prefix="dure-own-key-") as scratch:
        signers = Path(scratch) / "allowed_signers"
        write_allowed_signers(context.operator, signers)
        if not verify(signers, context.engineer, content, signature, at, AGREEMENT):
            raise Refused(
                f"your key is not {context.engineer}'s",
                where=".dure/local.yaml",
                why=f"operator.yaml gives {context.engineer} another one",
                mend="set `engineer` to yourself or `ssh_key` to your own key",
            )


def moment(now: int) -> str:
    """That second as an agreement's file writes it."""
    return datetime.fromtimestamp(now, UTC).isoformat()


def check_signatures(operator: Operator, agreements: list[Any_]) -> list[Problem]:
    """Every signature that is not of its engineer over what the file says."""
    if not any(one.approvals for one in agreements):
        return []
    problems = []
    with tempfile.TemporaryDirectory(prefix="dure-agreements-") as scratch:
        signers = Path(scratch) / "allowed_signers"
        write_allowed_signers(operator, signers)
        for one in agreements:
            problems += _examine(operator, one, signers)
    return problems


def signatures(one: Any_) -> list[tuple[Approval, bytes]]:
    """Each signature of an agreement with the bytes that it is over."""
    found = [(each, one.signed_content(each.by, each.at)) for each in one.approvals]
    if isinstance(one, Window) and one.cancelled:
        found.append((one.cancelled, cancelled_content(one, one.cancelled.by, one.cancelled.at)))
    return found


def cancelled_content(window: Window, by: str, at: str) -> bytes:
    """What is signed to call a window off."""
    return window.signed_content(by, at) + b"cancelled"


def file_of(one: Any_) -> str:
    """Its file in the workspace."""
    return f"{directory_of(type(one), one.customer)}/{one.id}.yaml"


def _examine(operator: Operator, one: Any_, signers: Path) -> list[Problem]:
    problems = []
    for approval, content in signatures(one):
        at, engineer = seconds(approval.at), operator.engineer(approval.by)
        if engineer is not None and not engineer.is_here(at):
            what = f"{approval.by} did not work here when they signed it at {approval.at}"
            told = [f"{word} {day}" for word, day in (("from", engineer.from_), ("until", engineer.until)) if day]
            why = f"operator.yaml has them {' '.join(told)}"
            mend = "remove the approval and have another engineer approve it, or correct the days in operator.yaml"
            problems.append(Problem(file_of(one), 1, 1, what, why, mend))
        elif not verify(signers, approval.by, content, approval.signature, at, AGREEMENT):
            what = f"the signature of {approval.by} does not hold"
            why = "the file was changed after it was signed, or the key is none of theirs in operator.yaml"
            mend = f"restore the file from git, or remove the approval and have {approval.by} approve it again"
            if engineer is None:
                why = "operator.yaml has no such engineer"
                mend = "put them back there, with `until:` and the last day on which they worked for you"
            problems.append(Problem(file_of(one), 1, 1, what, why, mend))
    return problems


def require_signed(operator: Operator, agreements: list[Any_]) -> None:
    """Raises WorkspaceInvalid for signatures that do not hold."""
    problems = check_signatures(operator, agreements)
    if problems:
        raise WorkspaceInvalid(problems)
