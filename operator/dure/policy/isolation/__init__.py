"""The rule that no tenant reaches another's: proven once a template, then each tenant against all others."""

from collections.abc import Iterator, Sequence

from dure.plan.subject import Subject
from dure.policy.around import TENANT_PROGRAMS
from dure.policy.isolation.fleet import reached_in_fleet
from dure.policy.isolation.proof import TemplateProofs
from dure.policy.isolation.tenant import account_of, tenant_of
from dure.policy.rule import Hit, fleet_rule

NO_ACCOUNT = "000000000000"


@fleet_rule(
    "tenant-isolation",
    "mandatory",
    reason="customers are islands: what one's service or box may do must never touch another's data",
    mend="name the tenant's own ARNs in its policies, its id before the first wildcard; pin shared ones by condition",
)
def tenant_isolation(subjects: Sequence[Subject]) -> Iterator[tuple[Subject, Hit]]:
    """The identities of one customer are denied everything of another, by static evaluation of all their policies."""
    # A stack in which no ARN stands yet is taken to lie in the others' account: there is least between them.
    account = next(filter(None, map(account_of, subjects)), NO_ACCOUNT)
    tenants = [tenant_of(one, account) for one in subjects if one.program in TENANT_PROGRAMS]
    proofs = TemplateProofs(tenants)
    for tenant in tenants:
        for hit in (*tenant.doubts, *proofs.hits(tenant)):
            yield tenant.subject, hit
    for tenant, hit in reached_in_fleet(tenants, proofs):
        yield tenant.subject, hit
