"""Rules of what a small contract does not pay for."""

from collections.abc import Iterator

from dure.plan.subject import Subject
from dure.policy.around import SMALL_TIERS, TENANT_PROGRAMS, on, text
from dure.policy.rule import Hit, rule

DEAR = {
    "aws:ec2/natGateway:NatGateway": "a NAT gateway",
    "aws:ec2/vpnConnection:VpnConnection": "an AWS VPN connection",
    "aws:ec2/transitGateway:TransitGateway": "a transit gateway",
    "aws:lb/loadBalancer:LoadBalancer": "a load balancer of its own",
    "aws:wafv2/webAcl:WebAcl": "a web firewall of its own",
    "aws:eks/cluster:Cluster": "a Kubernetes cluster",
    "aws:opensearch/domain:Domain": "a search cluster",
    "aws:elasticache/replicationGroup:ReplicationGroup": "a cache cluster",
    "aws:msk/cluster:Cluster": "a Kafka cluster",
    "aws:redshift/cluster:Cluster": "a data warehouse",
    "aws:globalaccelerator/accelerator:Accelerator": "a global accelerator",
    "aws:shield/subscription:Subscription": "Shield Advanced",
    "aws:cloudhsm/cluster:Cluster": "a hardware security module",
    "aws:networkfirewall/firewall:Firewall": "a network firewall",
}


def small(subject: Subject) -> bool:
    """A tenant of a small tier, or a sandbox, whatever its tier."""
    return subject.program == "paas_sandbox" or (subject.program in TENANT_PROGRAMS and subject.tier in SMALL_TIERS)


@rule(
    "small-tier-services",
    "mandatory",
    reason="one of these costs more a month than the whole contract of a small tier",
    mend="use what the landing zone shares, or move the site up a tier",
)
def small_tier_services(subject: Subject) -> Iterator[Hit]:
    """No NAT gateway and no expensive service in small tiers and sandboxes."""
    if not small(subject):
        return
    for one in subject.planned(*DEAR):
        yield Hit(one, f"{DEAR[one.type]} in {subject.tier or 'a sandbox'}")
    for one in subject.planned("aws:ec2/vpcEndpoint:VpcEndpoint"):
        if text(one.inputs, "vpcEndpointType") == "Interface":
            yield Hit(one, "an interface endpoint")
    for one in subject.planned("aws:rds/instance:Instance"):
        if on(one.inputs, "multiAz"):
            yield Hit(one, "a database in two zones")


@rule(
    "own-key-from-standard",
    "mandatory",
    reason="a key costs a dollar a month; small tiers share the environment's key",
    mend="take the landing zone's key, or move the site up to standard",
)
def own_key_from_standard(subject: Subject) -> Iterator[Hit]:
    """A key per site only from tier standard up."""
    if small(subject):
        for one in subject.planned("aws:kms/key:Key", "aws:kms/replicaKey:ReplicaKey"):
            yield Hit(one, f"a key of its own in {subject.tier or 'a sandbox'}")
