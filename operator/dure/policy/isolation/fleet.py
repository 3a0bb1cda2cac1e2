"""Each tenant against all others as they are: no pattern of one meets an ARN of another, whatever their names.

The fleet outlasts a look: of a stack that is looked at again nothing is made anew but what became of it, so that a
command on 1,000 stacks pays for each of them once, and not for each beside all others.
"""

import threading
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from dure.plan.subject import Subject
from dure.policy.around import TENANT_PROGRAMS
from dure.policy.isolation.index import Entry, Grants, Things, common_key, grants_of
from dure.policy.isolation.proof import TemplateProofs, deed, reached, told
from dure.policy.isolation.tenant import Identity, Tenant, account_of, tenant_of
from dure.policy.isolation.things import Thing
from dure.policy.rule import Hit

NO_ACCOUNT = "000000000000"


@dataclass(frozen=True, slots=True, eq=False)
class Reach:
    """An identity of one customer and a thing of another, which it may touch if it is not denied."""

    tenant: Tenant
    identity: Identity
    entry: Entry

    def deeds(self) -> list[str]:
        """What it is not certainly denied."""
        thing = self.entry.thing
        return [deed(action, thing) for action in reached(self.identity, thing, self.entry.tenant.account)]


class Fleet:
    """Tenants as they stand or are to be; one that is put again takes the place of what it was. Threads share it."""

    def __init__(self, subjects: Iterable[Subject] = ()) -> None:
        self._lock = threading.Lock()
        self._account = ""
        self._tenants: dict[str, Tenant] = {}
        self._proofs = TemplateProofs()
        self._things, self._grants = Things(), Grants()
        self._identities: dict[str, tuple[Tenant, Identity]] = {}
        self._naming: dict[str, list[Entry]] = {}
        self._put(list(subjects))

    def check(self, subjects: Sequence[Subject]) -> list[tuple[Subject, Hit]]:
        """Where one of these reaches another customer or is reached by one; from now on the fleet has them.

        A hit is told of the stack whose identity reaches, also where that is none of these.
        """
        with self._lock:
            self._put(subjects)
            looked = {one.site: self._tenants[one.site] for one in subjects if one.site in self._tenants}
            found = [(one, hit) for one in looked.values() for hit in (*one.doubts, *self._proofs.hits(one))]
            for reaches in (self._reaching(looked), self._reached(looked), self._let_in(looked)):
                found += _hits(reaches)
            return [(tenant.subject, hit) for tenant, hit in found]

    def _put(self, subjects: Sequence[Subject]) -> None:
        """A stack in which no ARN stands yet is taken to lie in the others' account: there is least between them."""
        fresh = {one.site: one for one in subjects if one.program in TENANT_PROGRAMS}
        if not self._account and (account := next(filter(None, map(account_of, subjects)), "")):
            self._account = account
            fresh = {site: one.subject for site, one in self._tenants.items()} | fresh
        for site, subject in fresh.items():
            tenant = tenant_of(subject, self._account or NO_ACCOUNT)
            before = self._tenants.get(site)
            if before is None or (before.subject, before.account) != (subject, tenant.account):
                self._replace(before, tenant)

    def _replace(self, before: Tenant | None, tenant: Tenant) -> None:
        if before is not None:
            self._drop(before)
        self._tenants[tenant.subject.site] = tenant
        self._proofs.put(tenant)
        self._things.put(tenant)
        self._grants.put(tenant, self._proofs.template(tenant))
        self._identities |= {one.arn: (tenant, one) for one in tenant.identities}
        for thing in tenant.things:
            for named in _named(thing):
                self._naming.setdefault(named, []).append(Entry(tenant, thing))

    def _drop(self, tenant: Tenant) -> None:
        self._grants.drop(tenant, self._proofs.template(tenant))
        self._proofs.drop(tenant)
        self._things.drop(tenant)
        for one in tenant.identities:
            self._identities.pop(one.arn, None)
        for named in {one for thing in tenant.things for one in _named(thing)}:
            self._naming[named] = [one for one in self._naming[named] if one.tenant is not tenant]

    def _reaching(self, looked: dict[str, Tenant]) -> Iterator[Reach]:
        """What they reach. A pattern that names nobody is the same for all of a template: the first tells it."""
        done: set[tuple[str, str, str]] = set()
        for tenant in looked.values():
            for grant in grants_of(tenant):
                key = common_key(grant, self._proofs.template(tenant))
                if grant.own or key not in done:
                    done.add(key)
                    yield from (Reach(tenant, grant.identity, one) for one in self._things.met_by(grant))

    def _reached(self, looked: dict[str, Tenant]) -> Iterator[Reach]:
        """What the rest of the fleet reaches of theirs."""
        rest = [one for site, one in self._tenants.items() if site not in looked]
        if not rest:
            return
        grants = self._grants
        if len(looked) > 1:  # or each thing would be held against all those that are looked at themselves
            grants = Grants()
            for one in rest:
                grants.put(one, self._proofs.template(one))
        for tenant in looked.values():
            for thing in tenant.things:
                entry = Entry(tenant, thing)
                yield from (Reach(one.tenant, one.identity, entry) for one in grants.over(entry))

    def _let_in(self, looked: dict[str, Tenant]) -> Iterator[Reach]:
        """Policies of resources that name an identity of another customer."""
        for tenant in looked.values():
            for thing in tenant.things:
                for named in _named(thing):
                    if named in self._identities:
                        yield from _between(Entry(tenant, thing), *self._identities[named])
            for identity in tenant.identities:
                for entry in self._naming.get(identity.arn, ()):
                    if entry.tenant.subject.site not in looked:
                        yield from _between(entry, tenant, identity)


def _between(entry: Entry, tenant: Tenant, identity: Identity) -> Iterator[Reach]:
    if entry.tenant.customer != tenant.customer:
        yield Reach(tenant, identity, entry)


def _hits(reaches: Iterable[Reach]) -> Iterator[tuple[Tenant, Hit]]:
    """One for each identity."""
    found: dict[tuple[str, str], tuple[Reach, list[str]]] = {}
    for one in reaches:
        if deeds := one.deeds():
            _, listed = found.setdefault((one.tenant.subject.site, one.identity.resource.urn), (one, []))
            listed += deeds
    for reach, listed in found.values():
        yield reach.tenant, Hit(reach.identity.resource, told(listed))


def _named(thing: Thing) -> Iterator[str]:
    for one in thing.policy.statements if thing.policy else ():
        if one.effect == "Allow" and one.principals is not None and not one.negated_principals:
            yield from (value for _, value in one.principals.pairs)
