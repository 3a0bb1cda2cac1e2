"""The rule that no tenant reaches another's: proven once a template, then each tenant against all others."""

from collections.abc import Sequence

from dure.plan.subject import Subject
from dure.policy.isolation.fleet import Fleet
from dure.policy.rule import Hit, fleet_rule

__all__ = ["Fleet", "tenant_isolation"]


@fleet_rule(
    "tenant-isolation",
    "mandatory",
    reason="customers are islands: what one's service or box may do must never touch another's data",
    mend="name the tenant's own ARNs in its policies, its id before the first wildcard; pin shared ones by condition",
)
def tenant_isolation(subjects: Sequence[Subject]) -> list[tuple[Subject, Hit]]:
    """The identities of one customer are denied everything of another, by static evaluation of all their policies."""
    return Fleet().check(subjects)
