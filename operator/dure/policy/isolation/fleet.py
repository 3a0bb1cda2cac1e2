"""Each tenant against all others as they are: no pattern of one meets an ARN of another, whatever their names.

Sorted ARNs and the literal beginning of each pattern make this quick: a pattern that names its tenant meets only what
begins alike. A pattern that names nobody has been proven harmless for its template, by what else is in its statement.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from dure.plan.subject import UNKNOWN_TEXT
from dure.policy.iam import Truth
from dure.policy.iam.matching import matches_arn
from dure.policy.isolation.proof import reached, tenant_names, told
from dure.policy.isolation.tenant import Identity, Tenant
from dure.policy.isolation.things import Thing
from dure.policy.rule import Hit

LAST = "\U0010ffff"


@dataclass(frozen=True, slots=True)
class Entry:
    arn: str
    tenant: Tenant
    thing: Thing


def reached_in_fleet(tenants: Sequence[Tenant]) -> Iterator[tuple[Tenant, Hit]]:
    """Identities that reach something of another customer in this fleet."""
    entries = sorted((Entry(thing.arn, one, thing) for one in tenants for thing in one.things), key=lambda one: one.arn)
    arns = [one.arn for one in entries]
    for tenant in tenants:
        for identity in tenant.identities:
            found = list(dict.fromkeys(_met(tenant, identity, entries, arns)))
            if found:
                yield tenant, Hit(identity.resource, told(found))
    yield from _named_by_others(tenants)


def _met(tenant: Tenant, identity: Identity, entries: Sequence[Entry], arns: Sequence[str]) -> Iterator[str]:
    for pattern in _own_patterns(tenant, identity):
        start = _literal(pattern)
        for entry in entries[bisect_left(arns, start) : bisect_right(arns, start + LAST)]:
            if entry.tenant.customer == tenant.customer or matches_arn(pattern, entry.arn) is Truth.NO:
                continue
            for action in reached(identity, entry.thing, entry.tenant.account):
                yield tenant_names(action, entry.thing)


def _own_patterns(tenant: Tenant, identity: Identity) -> Iterator[str]:
    """Patterns that name the tenant before their first wildcard; the others are the template's."""
    for document in identity.documents:
        for one in document.statements:
            if one.effect == "Allow" and not one.negated_resources:
                yield from (pattern for pattern in one.resources if tenant.names.tells(_literal(pattern)))


def _literal(pattern: str) -> str:
    for mark in ("*", "?", "${", UNKNOWN_TEXT):
        pattern = pattern.partition(mark)[0]
    return pattern


def _named_by_others(tenants: Sequence[Tenant]) -> Iterator[tuple[Tenant, Hit]]:
    """Policies of resources that name an identity of another customer."""
    by_arn = {identity.arn: (one, identity) for one in tenants for identity in one.identities}
    for owner in tenants:
        for thing in owner.things:
            for statement in thing.policy.statements if thing.policy else ():
                if statement.effect != "Allow" or statement.principals is None:
                    continue
                for _, value in statement.principals.pairs:
                    other, identity = by_arn.get(value, (owner, None))
                    if identity is None or other.customer == owner.customer:
                        continue
                    found = [tenant_names(action, thing) for action in reached(identity, thing, owner.account)]
                    if found:
                        yield other, Hit(identity.resource, told(found))
