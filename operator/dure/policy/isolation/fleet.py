"""Each tenant against all others as they are: no pattern of one meets an ARN of another, whatever their names.

Sorted ARNs and the literal beginning of each pattern make this quick: a pattern that names its tenant meets only what
begins alike. One that names nobody is the same for all of its template, so it is looked at once for each, against one
of every kind of thing that it meets.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from dure.plan.subject import UNKNOWN_TEXT
from dure.policy.iam import Truth
from dure.policy.iam.matching import matches_arn
from dure.policy.isolation.proof import TemplateProofs, deed, neutral_thing, reached, told
from dure.policy.isolation.tenant import Identity, Tenant
from dure.policy.isolation.things import Thing
from dure.policy.rule import Hit

LAST = "\U0010ffff"


@dataclass(frozen=True, slots=True)
class Entry:
    arn: str
    tenant: Tenant
    thing: Thing


def reached_in_fleet(tenants: Sequence[Tenant], proofs: TemplateProofs) -> Iterator[tuple[Tenant, Hit]]:
    """Identities that reach something of another customer in this fleet."""
    fleet = Fleet(tenants)
    done: set[tuple[str, str, str]] = set()
    for tenant in tenants:
        for identity in tenant.identities:
            found: list[str] = []
            for pattern in _patterns(identity):
                entries = fleet.met(tenant, pattern)
                if not tenant.names.tells(_literal(pattern)):
                    key = (proofs.template(tenant), identity.resource.name, pattern)
                    entries = () if key in done else _one_of_each(entries)
                    done.add(key)
                found += [
                    deed(action, one.thing)
                    for one in entries
                    for action in reached(identity, one.thing, one.tenant.account)
                ]
            if found:
                yield tenant, Hit(identity.resource, told(list(dict.fromkeys(found))))
    yield from _named_by_others(tenants)


class Fleet:
    """All things of all tenants, by ARN."""

    def __init__(self, tenants: Iterable[Tenant]) -> None:
        entries = (Entry(thing.arn, one, thing) for one in tenants for thing in one.things)
        self._entries = sorted(entries, key=lambda one: one.arn)
        self._arns = [one.arn for one in self._entries]

    def met(self, tenant: Tenant, pattern: str) -> Iterable[Entry]:
        """Things of other customers that the pattern matches, or may match."""
        start = _literal(pattern)
        for entry in self._entries[bisect_left(self._arns, start) : bisect_right(self._arns, start + LAST)]:
            if entry.tenant.customer != tenant.customer and matches_arn(_open(pattern), entry.arn) is not Truth.NO:
                yield entry


def _open(pattern: str) -> str:
    """Policy variables may be anything here; the evaluation that follows fills them in."""
    before, variable, after = pattern.partition("${")
    return f"{before}*" + _open(after.partition("}")[2]) if variable else pattern


def _patterns(identity: Identity) -> Iterator[str]:
    for document in identity.documents:
        for one in document.statements:
            if one.effect == "Allow":
                yield from ("*",) if one.negated_resources else one.resources


def _one_of_each(entries: Iterable[Entry]) -> Iterable[Entry]:
    return {neutral_thing(one.tenant, one.thing): one for one in entries}.values()


def _literal(pattern: str) -> str:
    """What stands before anything that may vary."""
    for mark in ("*", "?", "${", UNKNOWN_TEXT):
        pattern = pattern.partition(mark)[0]
    return pattern


def _named_by_others(tenants: Sequence[Tenant]) -> Iterator[tuple[Tenant, Hit]]:
    """Policies of resources that name an identity of another customer."""
    by_arn = {identity.arn: (one, identity) for one in tenants for identity in one.identities}
    for owner in tenants:
        for thing in owner.things:
            for named in _named(thing):
                other, identity = by_arn.get(named, (owner, None))
                if identity is None or other.customer == owner.customer:
                    continue
                found = [deed(action, thing) for action in reached(identity, thing, owner.account)]
                if found:
                    yield other, Hit(identity.resource, told(found))


def _named(thing: Thing) -> Iterator[str]:
    for one in thing.policy.statements if thing.policy else ():
        if one.effect == "Allow" and one.principals is not None and not one.negated_principals:
            yield from (value for _, value in one.principals.pairs)
