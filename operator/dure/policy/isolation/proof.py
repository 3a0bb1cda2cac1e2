"""A template's proof: a tenant of it against strangers of every template at hand, everything with everything.

Tenants of one template differ in names only. What holds for one against a stranger holds for all of them, so that
1,000 tenants need one proof for each template; that no two names run into each other is looked at in `fleet`.
"""

import hashlib
from collections.abc import Iterator, Sequence

from dure.plan.subject import Subject
from dure.policy.iam import Policies, Request, decide
from dure.policy.isolation.tenant import Identity, Tenant, tenant_of
from dure.policy.isolation.things import Thing
from dure.policy.rule import Hit

SHOWN = 3
"""Reached things that a finding names."""


class TemplateProofs:
    """One proof a template, of the first tenant that follows it."""

    def __init__(self, tenants: Sequence[Tenant]) -> None:
        self._templates = {id(one): template_of(one) for one in tenants}
        firsts: dict[str, Tenant] = {}
        for one in tenants:
            firsts.setdefault(self.template(one), one)
        strange = {
            neutral_thing(stranger, thing): (thing, stranger.account)
            for stranger in map(stranger_to, firsts.values())
            for thing in stranger.things
        }
        self._reached = {template: _reached(one, list(strange.values())) for template, one in firsts.items()}

    def __len__(self) -> int:
        """How many templates there are."""
        return len(self._reached)

    def template(self, tenant: Tenant) -> str:
        return self._templates[id(tenant)]

    def hits(self, tenant: Tenant) -> Iterator[Hit]:
        """What the tenant's identities reach of a stranger's."""
        for identity in tenant.identities:
            found = self._reached[self.template(tenant)].get(identity.resource.name)
            if found:
                yield Hit(identity.resource, told(found))


def told(found: Sequence[str]) -> str:
    more = f" and {len(found) - SHOWN} more" if len(found) > SHOWN else ""
    return f"it may {'; '.join(found[:SHOWN])}{more} of another customer"


def template_of(tenant: Tenant) -> str:
    """A digest of all that bears on the proof, under neutral names."""
    rights = [(one.resource.name, one.arn, one.documents, one.boundary, one.context) for one in tenant.identities]
    return hashlib.sha256(tenant.names.neutral(repr((rights, tenant.things))).encode()).hexdigest()


def neutral_thing(tenant: Tenant, thing: Thing) -> str:
    """The same for things that differ in their tenant's names only."""
    return tenant.names.neutral(repr(thing))


def stranger_to(tenant: Tenant) -> Tenant:
    """The same stack for another customer."""
    text = tenant.subject.model_dump_json()
    return tenant_of(Subject.model_validate_json(tenant.names.strange(text)), tenant.account)


def _reached(tenant: Tenant, things: Sequence[tuple[Thing, str]]) -> dict[str, list[str]]:
    """Identity's logical name -> what it is not certainly denied."""
    found: dict[str, list[str]] = {}
    for identity in tenant.identities:
        listed = [deed(action, thing) for thing, account in things for action in reached(identity, thing, account)]
        if listed:
            found[identity.resource.name] = list(dict.fromkeys(listed))
    return found


def deed(action: str, thing: Thing) -> str:
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
