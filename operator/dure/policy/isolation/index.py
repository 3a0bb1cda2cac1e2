"""All that tenants have and all that they are allowed, found by ARN.

Sorted ARNs and the literal beginning of each pattern make this quick: a pattern that names its tenant meets only what
begins alike. One that names nobody is looked up once for all who have it, and what came since is looked at alone.
"""

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice

from dure.plan.subject import UNKNOWN_TEXT
from dure.policy.iam import Truth
from dure.policy.iam.matching import matches_arn
from dure.policy.isolation.tenant import Identity, Tenant
from dure.policy.isolation.things import Thing

LAST = "\U0010ffff"
FEW = 64
"""Things that are gone through one by one sooner than remembered by pattern."""
WILD = ("*", "?", "${", UNKNOWN_TEXT)
"""What may stand for anything in a pattern."""


@dataclass(frozen=True, slots=True, eq=False)
class Entry:
    """A thing and whose it is."""

    tenant: Tenant
    thing: Thing

    @property
    def arn(self) -> str:
        return self.thing.arn


@dataclass(frozen=True, slots=True, eq=False)
class Grant:
    """ARNs of which one of a tenant's identities may do something."""

    tenant: Tenant
    identity: Identity
    pattern: str

    @property
    def literal(self) -> str:
        """What stands before anything that may vary."""
        text = self.pattern
        for mark in WILD:
            text = text.partition(mark)[0]
        return text

    @property
    def own(self) -> bool:
        """It names its tenant, so that no other tenant has it."""
        return self.tenant.names.tells(self.literal)

    def meets(self, arn: str) -> bool:
        """Certainly, or perhaps."""
        return matches_arn(_open(self.pattern), arn) is not Truth.NO


@dataclass(slots=True)
class _Met:
    """What a pattern that names nobody meets: how much was looked at, and kind -> customer -> one that it met."""

    looked: int = 0
    kinds: dict[str, dict[str, Entry]] = field(default_factory=dict)


class Things:
    """Everything that tenants have."""

    def __init__(self) -> None:
        self._arns: list[str] = []
        self._at: dict[str, list[Entry]] = {}
        self._ever: list[Entry] = []
        self._met: dict[str, _Met] = {}

    def put(self, tenant: Tenant) -> None:
        for entry in (Entry(tenant, one) for one in tenant.things):
            if entry.arn not in self._at:
                insort(self._arns, entry.arn)
            self._at.setdefault(entry.arn, []).append(entry)
            self._ever.append(entry)

    def drop(self, tenant: Tenant) -> None:
        for arn in {one.arn for one in tenant.things}:
            self._at[arn] = [one for one in self._at[arn] if one.tenant is not tenant]
            if not self._at[arn]:
                del self._at[arn], self._arns[bisect_left(self._arns, arn)]

    def met_by(self, grant: Grant) -> list[Entry]:
        """Things of other customers: all that it may meet, or one of each kind where the pattern names nobody."""
        near = self._near(grant)
        found = list(near if grant.own else islice(near, FEW + 1))
        if not grant.own and len(found) > FEW:
            return self._one_of_each(grant)
        return [one for one in found if one.tenant.customer != grant.tenant.customer and grant.meets(one.arn)]

    def _near(self, grant: Grant) -> Iterator[Entry]:
        """What begins as the pattern does; of one without a wildcard, what it names."""
        literal = grant.literal
        first = bisect_left(self._arns, literal)
        last = bisect_right(self._arns, literal if literal == grant.pattern else literal + LAST)
        return (one for place in range(first, last) for one in self._at[self._arns[place]])

    def _one_of_each(self, grant: Grant) -> list[Entry]:
        met = self._met.setdefault(grant.pattern, _Met())
        for entry in self._ever[met.looked :]:
            if entry.arn.startswith(grant.literal) and grant.meets(entry.arn):
                met.kinds.setdefault(kind_of(entry), {})[entry.tenant.customer] = entry
        met.looked = len(self._ever)
        found = (self._of_another(customers, grant) for customers in met.kinds.values())
        return [one for one in found if one is not None]

    def _of_another(self, customers: dict[str, Entry], grant: Grant) -> Entry | None:
        others = (one for customer, one in customers.items() if customer != grant.tenant.customer)
        return next((one for one in others if one in self._at.get(one.arn, ())), None)


class Grants:
    """Everything that tenants' identities are allowed."""

    def __init__(self) -> None:
        self._own: dict[str, list[Grant]] = {}
        self._common: dict[str, dict[tuple[str, str, str], dict[str, Grant]]] = {}

    def put(self, tenant: Tenant, template: str) -> None:
        for grant in grants_of(tenant):
            if grant.own:
                self._own.setdefault(grant.literal, []).append(grant)
            else:
                same = self._common.setdefault(grant.literal, {}).setdefault(common_key(grant, template), {})
                same[tenant.subject.site] = grant

    def drop(self, tenant: Tenant, template: str) -> None:
        for grant in grants_of(tenant):
            if grant.own:
                kept = [one for one in self._own.pop(grant.literal, []) if one.tenant is not tenant]
                self._own |= {grant.literal: kept} if kept else {}
            else:
                self._common[grant.literal][common_key(grant, template)].pop(tenant.subject.site, None)

    def over(self, entry: Entry) -> Iterator[Grant]:
        """Of other customers; of those that differ in their tenant alone one."""
        customer = entry.tenant.customer
        for end in range(len(entry.arn) + 1):
            literal = entry.arn[:end]
            own = [one for one in self._own.get(literal, ()) if one.tenant.customer != customer]
            common = self._common.get(literal, {}).values()
            others = ((one for one in same.values() if one.tenant.customer != customer) for same in common)
            first = (next(each, None) for each in others)
            yield from (one for one in (*own, *first) if one is not None and one.meets(entry.arn))


def common_key(grant: Grant, template: str) -> tuple[str, str, str]:
    """The same for all tenants of a template."""
    return template, grant.identity.resource.name, grant.pattern


def grants_of(tenant: Tenant) -> Iterator[Grant]:
    for identity in tenant.identities:
        for pattern in dict.fromkeys(_patterns(identity)):
            yield Grant(tenant, identity, pattern)


def kind_of(entry: Entry) -> str:
    """The same for things that differ in their tenant's names only."""
    return entry.tenant.names.neutral(repr(entry.thing))


def _patterns(identity: Identity) -> Iterator[str]:
    for document in identity.documents:
        for one in document.statements:
            if one.effect == "Allow":
                yield from ("*",) if one.negated_resources else one.resources


def _open(pattern: str) -> str:
    """Policy variables may be anything here; the evaluation that follows fills them in."""
    before, variable, after = pattern.partition("${")
    return f"{before}*" + _open(after.partition("}")[2]) if variable else pattern
