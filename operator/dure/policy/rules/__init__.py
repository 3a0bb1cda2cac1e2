"""All rules, in the order in which they are shown."""

from dure.policy.isolation import tenant_isolation
from dure.policy.rule import Rule
from dure.policy.rules.boundary import bounded_identities
from dure.policy.rules.budget import BUDGET
from dure.policy.rules.identity import no_long_lived_keys, no_open_trust, no_wildcard_policy
from dure.policy.rules.network import closed_ingress, explicit_tunnels, imds_v2, private_database
from dure.policy.rules.spending import own_key_from_standard, small_tier_services
from dure.policy.rules.storage import deletion_protection, encryption_at_rest, no_public_bucket, personal_data_region
from dure.policy.rules.tagging import complete_tags

RULES: tuple[Rule, ...] = (
    no_public_bucket,
    encryption_at_rest,
    closed_ingress,
    private_database,
    imds_v2,
    no_wildcard_policy,
    no_open_trust,
    bounded_identities,
    tenant_isolation,
    complete_tags,
    explicit_tunnels,
    deletion_protection,
    no_long_lived_keys,
    small_tier_services,
    own_key_from_standard,
    personal_data_region,
    BUDGET,
)
