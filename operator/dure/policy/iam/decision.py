"""Whether a request is allowed (IAM User Guide, "Policy evaluation logic").

An explicit deny anywhere wins. Then the organization must allow on every level. Within one account a resource's policy
that names the user or session itself is enough; else identity policies must allow, within boundary and session policy.
Across accounts both sides must allow. A KMS key and a role's trust policy must allow in any case.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from dure.policy.iam.conditions import holds
from dure.policy.iam.document import Document, Statement
from dure.policy.iam.matching import matches_action, matches_arn, with_variables
from dure.policy.iam.principals import Grant, concerns, named_as
from dure.policy.iam.request import Request
from dure.policy.iam.truth import Truth, every, some

Effect = Literal["allow", "explicit-deny", "implicit-deny", "may"]


@dataclass(frozen=True, slots=True)
class Policies:
    """All that bears on a request. `None` means that there is no such policy, and nothing is limited by it."""

    identity: tuple[Document, ...] = ()
    resource: Document | None = None
    boundary: tuple[Document, ...] | None = None
    session: tuple[Document, ...] | None = None
    organization: tuple[tuple[Document, ...], ...] = ()
    """Service control policies of root, each unit and the account: one of each level must allow."""


@dataclass(frozen=True, slots=True)
class Decision:
    """`may`: it depends on what a plan does not tell. `layer` says what decided."""

    effect: Effect
    layer: str

    @property
    def denied(self) -> bool:
        """For certain."""
        return self.effect in ("explicit-deny", "implicit-deny")


def decide(request: Request, policies: Policies) -> Decision:
    denials = {name: _matched(documents, request, "Deny") for name, documents in _layers(policies)}
    for name, found in denials.items():
        if found is Truth.YES:
            return Decision("explicit-deny", name)
    allowed, layer = _allowed(request, policies)
    if allowed is Truth.NO:
        return Decision("implicit-deny", layer)
    doubt = next((name for name, found in denials.items() if found is Truth.MAY), "")
    if doubt or allowed is Truth.MAY:
        return Decision("may", doubt or layer)
    return Decision("allow", layer)


def _layers(policies: Policies) -> list[tuple[str, tuple[Document, ...]]]:
    return [
        ("organization", tuple(one for level in policies.organization for one in level)),
        ("resource", (policies.resource,) if policies.resource else ()),
        ("boundary", policies.boundary or ()),
        ("session", policies.session or ()),
        ("identity", policies.identity),
    ]


def _allowed(request: Request, policies: Policies) -> tuple[Truth, str]:
    """How far it is allowed when nothing denies it, and by which layer, or for want of which."""
    if request.service:
        return _granted(policies.resource, request, Grant.ITSELF), "resource"
    organization = every(_matched(level, request, "Allow") for level in policies.organization)
    if organization is Truth.NO:
        return Truth.NO, "organization"
    identity = Truth.YES if request.root else _matched(policies.identity, request, "Allow")
    boundary = Truth.YES if policies.boundary is None else _matched(policies.boundary, request, "Allow")
    session = Truth.YES if policies.session is None else _matched(policies.session, request, "Allow")
    itself, role, account = (_granted(policies.resource, request, one) for one in Grant)
    limited = every((boundary, session))
    own = every((identity, limited))
    if not request.same_account:
        ways = {"identity": every((own, some((itself, role, account))))}
    elif _rules_alone(request):
        ways = {"resource": max(itself, every((role, limited))), "identity": every((own, account))}
    else:
        ways = {"resource": max(itself, every((role, limited))), "identity": own}
    layer = max(ways, key=lambda name: ways[name])
    found = every((organization, ways[layer]))
    if found is Truth.NO:
        return found, _wanting(identity, boundary, session, layer)
    return found, layer


def _wanting(identity: Truth, boundary: Truth, session: Truth, layer: str) -> str:
    for name, found in (("identity", identity), ("boundary", boundary), ("session", session)):
        if found is Truth.NO:
            return name
    return "resource" if layer == "identity" else layer


def _rules_alone(request: Request) -> bool:
    """Without the resource's own policy nobody may: KMS keys, and roles that are to be taken."""
    service, _, verb = request.action.lower().partition(":")
    return (service == "kms" and ":key/" in request.resource) or (service == "sts" and verb.startswith("assumerole"))


def _granted(document: Document | None, request: Request, grant: Grant) -> Truth:
    if document is None:
        return Truth.NO
    return some(
        every((named_as(one, request, grant), applies(one, document, request)))
        for one in document.statements
        if one.effect == "Allow"
    )


def _matched(documents: Iterable[Document], request: Request, effect: str) -> Truth:
    return some(
        every((concerns(one, request), applies(one, document, request)))
        for document in documents
        for one in document.statements
        if one.effect == effect
    )


def applies(statement: Statement, document: Document, request: Request) -> Truth:
    """Action, resource and condition of a statement; its principal is looked at elsewhere."""
    action = some(matches_action(one, request.action) for one in statement.actions)
    if statement.negated_actions:
        action = action.negated()
    if action is Truth.NO:
        return action
    resource = some(_resource(one, document, request) for one in statement.resources)
    if statement.negated_resources:
        resource = resource.negated()
    return every((action, resource, holds(statement.conditions, request))) if resource is not Truth.NO else resource


def _resource(pattern: str, document: Document, request: Request) -> Truth:
    filled = with_variables(pattern, request) if document.variables else pattern
    return Truth.NO if filled is None else matches_arn(filled, request.resource)
