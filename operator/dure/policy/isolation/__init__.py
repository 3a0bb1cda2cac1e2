"""The rule that no tenant reaches another's: proven once a template, then each tenant against all others."""

from collections.abc import Iterator, Sequence

from dure.plan.subject import Subject
from dure.policy.around import TENANT_PROGRAMS
from dure.policy.isolation.fleet import reached_in_fleet
from dure.policy.isolation.proof import TemplateProofs
from dure.policy.isolation.tenant import tenant_of
from dure.policy.rule import Hit, fleet_rule


@fleet_rule(
    "tenant-isolation",
    "mandatory",
    reason="customers are islands: what one's service or box may do must never touch another's data",
    mend="name the tenant's own ARNs in its policies, its id before the first wildcard; pin shared ones by condition",
)
def tenant_isolation(subjects: Sequence[Subject]) -> Iterator[tuple[Subject, Hit]]:
    """The identities of one customer are denied everything of another, by static evaluation of all their policies."""
    tenants = [tenant_of(one) for one in subjects if one.program in TENANT_PROGRAMS]
    proofs = TemplateProofs()
    for tenant in tenants:
        for hit in tenant.doubts:
            yield tenant.subject, hit
        for hit in proofs.hits(tenant):
            yield tenant.subject, hit
    for tenant, hit in reached_in_fleet(tenants):
        yield tenant.subject, hit
