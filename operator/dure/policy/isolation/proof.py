"""A template's proof: a tenant of it against strangers of every template at hand, everything with everything.

Tenants of one template differ in names only. What holds for one against a stranger holds for all of them, so that
1,000 tenants need one proof for each template; that no two names run into each other is looked at in `fleet`.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence

from dure.plan.subject import Subject
from dure.policy.iam import Policies, Request, decide
from dure.policy.isolation.tenant import Identity, Tenant, tenant_of
from dure.policy.isolation.things import Thing
from dure.policy.rule import Hit

SHOWN = 3
"""Reached things that a finding names."""


class TemplateProofs:
    """One proof a template; tenants may come and go, and what was proven stays proven."""

    def __init__(self, tenants: Iterable[Tenant] = ()) -> None:
        self._templates: dict[int, str] = {}
        self._followers: dict[str, int] = {}
        self._things: dict[str, dict[str, tuple[Thing, str]]] = {}
        self._strange: dict[str, tuple[Thing, str]] = {}
        self._reached: dict[str, dict[str, Mapping[str, Sequence[str]]]] = {}
        for one in tenants:
            self.put(one)

    def __len__(self) -> int:
        """How many templates there are."""
        return len(self._followers)

    def put(self, tenant: Tenant) -> None:
        template = self._templates[id(tenant)] = template_of(tenant)
        if template not in self._followers:
            stranger = stranger_to(tenant)
            things = {neutral_thing(stranger, one): (one, stranger.account) for one in stranger.things}
            self._things[template] = things
            self._strange.update(things)
        self._followers[template] = self._followers.get(template, 0) + 1

    def drop(self, tenant: Tenant) -> None:
        """With the last tenant of a template its strangers go too."""
        template = self._templates.pop(id(tenant))
        self._followers[template] -= 1
        if not self._followers[template]:
            del self._followers[template], self._things[template]
            self._strange = {key: thing for things in self._things.values() for key, thing in things.items()}

    def template(self, tenant: Tenant) -> str:
        return self._templates[id(tenant)]

    def hits(self, tenant: Tenant) -> Iterator[Hit]:
        """What the tenant's identities reach of a stranger's."""
        proven = self._reached.setdefault(self.template(tenant), {})
        for key, (thing, account) in self._strange.items():
            if key not in proven:
                proven[key] = _reached(tenant, thing, account)
        for identity in tenant.identities:
            found = [one for key in self._strange for one in proven[key].get(identity.resource.name, ())]
            if found:
                yield Hit(identity.resource, told(found))


def told(found: Iterable[str]) -> str:
    listed = list(dict.fromkeys(found))
    more = f" and {len(listed) - SHOWN} more" if len(listed) > SHOWN else ""
    return f"it may {'; '.join(listed[:SHOWN])}{more} of another customer"


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


def _reached(tenant: Tenant, thing: Thing, account: str) -> dict[str, list[str]]:
    """Identity's logical name -> what it is not certainly denied of that thing."""
    found = {
        one.resource.name: [deed(action, thing) for action in reached(one, thing, account)] for one in tenant.identities
    }
    return {name: deeds for name, deeds in found.items() if deeds}


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
