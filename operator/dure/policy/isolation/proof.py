"""A template's proof: a tenant of it against a stranger of the same template, everything with everything.

Tenants of one template differ in names only. What holds for one against a stranger holds for all of them, so that
1,000 tenants need one proof for each template; that no two names run into each other is looked at in `fleet`.
"""

import hashlib
from collections.abc import Iterator

from dure.plan.subject import Subject
from dure.policy.iam import Policies, Request, decide
from dure.policy.isolation.tenant import Identity, Tenant, tenant_of
from dure.policy.isolation.things import Thing
from dure.policy.rule import Hit

SHOWN = 3
"""Reached things that a finding names."""


class TemplateProofs:
    """Proofs by template, made when the first tenant of one comes."""

    def __init__(self) -> None:
        self._reached: dict[str, dict[str, list[str]]] = {}

    @property
    def templates(self) -> int:
        return len(self._reached)

    def hits(self, tenant: Tenant) -> Iterator[Hit]:
        """What the tenant's identities reach of a stranger's."""
        template = template_of(tenant)
        if template not in self._reached:
            self._reached[template] = _reached(tenant, stranger_to(tenant))
        for identity in tenant.identities:
            reached = self._reached[template].get(identity.resource.name)
            if reached:
                yield Hit(identity.resource, told(reached))


def told(reached: list[str]) -> str:
    more = f" and {len(reached) - SHOWN} more" if len(reached) > SHOWN else ""
    return f"it may {'; '.join(reached[:SHOWN])}{more} of another customer"


def template_of(tenant: Tenant) -> str:
    """A digest of all that bears on the proof, under neutral names."""
    rights = [(one.resource.name, one.arn, one.documents, one.boundary, one.context) for one in tenant.identities]
    neutral = tenant.names.neutral(repr((rights, tenant.things)))
    return hashlib.sha256(neutral.encode()).hexdigest()


def stranger_to(tenant: Tenant) -> Tenant:
    """The same stack for another customer."""
    text = tenant.subject.model_dump_json()
    return tenant_of(Subject.model_validate_json(tenant.names.strange(text)))


def _reached(tenant: Tenant, other: Tenant) -> dict[str, list[str]]:
    """Identity's logical name -> what it is not certainly denied."""
    found: dict[str, list[str]] = {}
    for identity in tenant.identities:
        for thing in other.things:
            for action in reached(identity, thing, other.account):
                found.setdefault(identity.resource.name, []).append(tenant_names(action, thing))
    return {name: list(dict.fromkeys(listed)) for name, listed in found.items()}


def tenant_names(action: str, thing: Thing) -> str:
    return f"{action} on {thing.arn}"


def reached(identity: Identity, thing: Thing, account: str) -> Iterator[str]:
    """Actions of the thing that the identity is not certainly denied."""
    policies = Policies(identity=identity.documents, resource=thing.policy, boundary=identity.boundary)
    for action in thing.actions:
        if not decide(_request(identity, thing, action, account), policies).denied:
            yield action


def _request(identity: Identity, thing: Thing, action: str, account: str) -> Request:
    context = {**identity.context, **thing.context}
    if not identity.is_role:
        return Request(identity.arn, action, thing.arn, resource_account=account, context=context)
    name = identity.arn.rpartition("/")[2]
    session = f"arn:aws:sts::{identity.arn.split(':')[4]}:assumed-role/{name}/session"
    return Request(session, action, thing.arn, role=identity.arn, resource_account=account, context=context)
