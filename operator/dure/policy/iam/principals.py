"""Whom a statement's Principal means, and how: it decides what else limits the grant."""

from enum import Enum

from dure.plan.subject import UNKNOWN_TEXT
from dure.policy.iam.document import Principals, Statement
from dure.policy.iam.matching import like
from dure.policy.iam.request import Request
from dure.policy.iam.truth import Truth, some


class Grant(Enum):
    """As what the principal is named."""

    ITSELF = "itself"
    """The user, the session, the service, or everyone: a boundary that is silent does not limit it."""
    ROLE = "role"
    """The role of a session: boundary and session policy limit it."""
    ACCOUNT = "account"
    """The account: its own identity policies decide."""


def named_as(statement: Statement, request: Request, grant: Grant) -> Truth:
    """Whether the statement names the principal in that way. Without a Principal element nobody is named."""
    if statement.principals is None or statement.negated_principals:
        return Truth.NO
    return some(_pair(kind, value, request, grant) for kind, value in statement.principals.pairs)


def concerns(statement: Statement, request: Request) -> Truth:
    """Whether a statement applies to the principal at all; identity policies name none and apply."""
    if statement.principals is None:
        return Truth.YES
    if statement.negated_principals:
        return _listed_whole(statement.principals, request).negated()
    return some(named_as(statement, request, one) for one in Grant)


def _pair(kind: str, value: str, request: Request, grant: Grant) -> Truth:
    if value == "*" and kind in ("*", "AWS"):
        return Truth.YES if grant is Grant.ITSELF else Truth.NO
    if kind == "Service":
        return like(value, request.principal) if request.service and grant is Grant.ITSELF else Truth.NO
    if kind == "Federated":
        return _same(value, request.principal) if grant is Grant.ITSELF else Truth.NO
    if kind != "AWS" or request.service:
        return Truth.NO
    if grant is Grant.ACCOUNT:
        return Truth.YES if value in (request.account, f"arn:aws:iam::{request.account}:root") else Truth.NO
    return _same(value, request.role if grant is Grant.ROLE else request.principal)


def _same(value: str, arn: str) -> Truth:
    """A principal is named whole: no wildcards in it."""
    if UNKNOWN_TEXT in value or UNKNOWN_TEXT in arn:
        return Truth.MAY if arn and like(value, arn) is not Truth.NO else Truth.NO
    return Truth.YES if value == arn else Truth.NO


def _listed_whole(principals: Principals, request: Request) -> Truth:
    """NotPrincipal spares only whom it names together with the account (IAM User Guide, "NotPrincipal")."""
    account = some(_pair(kind, value, request, Grant.ACCOUNT) for kind, value in principals.pairs)
    itself = some(_pair(kind, value, request, Grant.ITSELF) for kind, value in principals.pairs)
    role = some(_pair(kind, value, request, Grant.ROLE) for kind, value in principals.pairs)
    if request.service:
        return itself
    return min(account, min(itself, role) if request.role else max(itself, Truth.YES if request.root else itself))
