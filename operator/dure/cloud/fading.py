"""What was deleted and AWS still lists by its tags: services that are inactive, keys that wait for their end.

AWS's tagging service goes on listing it for an hour (a terminated machine) or for good (a task definition's revision).
It is told by its state; what AWS does not say is on its way out counts as standing.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeAlias

from dure.cloud.sandbox.expression import search
from dure.cloud.sandbox.properties import items

AT_ONCE = 200
"""Values that a filter of EC2 takes."""
SERVICES, CLUSTERS = 10, 100
"""Services and clusters that one call of ECS describes."""
ENDED = frozenset({"deleted", "deleting", "shutting-down", "terminated"})
ON_EC2 = {
    ":customer-gateway/": (
        "describe_customer_gateways",
        "customer-gateway-id",
        "CustomerGateways[].{id: CustomerGatewayId, state: State}",
    ),
    ":instance/": (
        "describe_instances",
        "instance-id",
        "Reservations[].Instances[].{id: InstanceId, state: State.Name}",
    ),
    ":natgateway/": ("describe_nat_gateways", "nat-gateway-id", "NatGateways[].{id: NatGatewayId, state: State}"),
    ":vpc-endpoint/": ("describe_vpc_endpoints", "vpc-endpoint-id", "VpcEndpoints[].{id: VpcEndpointId, state: State}"),
    ":vpn-connection/": (
        "describe_vpn_connections",
        "vpn-connection-id",
        "VpnConnections[].{id: VpnConnectionId, state: State}",
    ),
    ":vpn-gateway/": ("describe_vpn_gateways", "vpn-gateway-id", "VpnGateways[].{id: VpnGatewayId, state: State}"),
}
"""Part of the ARN -> the call, its filter, JMESPath of ids with states."""

Client: TypeAlias = Any  # boto3 makes clients at run time
Look: TypeAlias = Callable[[Callable[[str], Client], Sequence[str]], Iterator[str]]


def fading(client: Callable[[str], Client], arns: Sequence[str]) -> set[str]:
    """Those that were deleted. Raises botocore's errors."""
    gone: set[str] = set()
    for mark in ON_EC2:
        asked = [arn for arn in arns if arn.startswith("arn:aws:ec2:") and mark in arn]
        gone |= set(_on_ec2(client, mark, asked))
    for beginning, mark, look in LOOKS:
        asked = [arn for arn in arns if arn.startswith(beginning) and mark in arn]
        gone |= set(look(client, asked)) if asked else set()
    return gone


def _some(arns: Sequence[str], count: int) -> Iterator[Sequence[str]]:
    return (arns[first : first + count] for first in range(0, len(arns), count))


def _on_ec2(client: Callable[[str], Client], mark: str, arns: Sequence[str]) -> Iterator[str]:
    operation, name, path = ON_EC2[mark]
    for some in _some(arns, AT_ONCE):
        by_id = {arn.rpartition("/")[2]: arn for arn in some}
        answer = getattr(client("ec2"), operation)(Filters=[{"Name": name, "Values": sorted(by_id)}])
        found = search(path, answer)
        ended = {str(one["id"]) for one in items(found) if one.get("state") in ENDED}
        yield from (arn for identity, arn in by_id.items() if identity in ended)


def _services(client: Callable[[str], Client], arns: Sequence[str]) -> Iterator[str]:
    ecs = client("ecs")
    clusters: dict[str, list[str]] = {}
    for arn in arns:
        cluster, _, _ = arn.partition(":service/")[2].rpartition("/")
        clusters.setdefault(cluster, []).append(arn)
    for cluster, inside in clusters.items():
        for some in _some(inside, SERVICES):
            try:
                found = ecs.describe_services(cluster=cluster, services=list(some))["services"]
            except ecs.exceptions.ClusterNotFoundException:
                yield from some
            else:
                yield from (one["serviceArn"] for one in found if one["status"] != "ACTIVE")


def _clusters(client: Callable[[str], Client], arns: Sequence[str]) -> Iterator[str]:
    for some in _some(arns, CLUSTERS):
        found = client("ecs").describe_clusters(clusters=list(some))["clusters"]
        yield from (one["clusterArn"] for one in found if one["status"] == "INACTIVE")


def _task_definitions(client: Callable[[str], Client], arns: Sequence[str]) -> Iterator[str]:
    """Revisions; AWS keeps one that was deregistered as long as anything names it."""
    pages = client("ecs").get_paginator("list_task_definitions").paginate(status="ACTIVE")
    active = {arn for page in pages for arn in page["taskDefinitionArns"]}
    yield from (arn for arn in arns if arn not in active)


def _keys(client: Callable[[str], Client], arns: Sequence[str]) -> Iterator[str]:
    kms = client("kms")
    for arn in arns:
        if kms.describe_key(KeyId=arn)["KeyMetadata"]["KeyState"] in ("PendingDeletion", "PendingReplicaDeletion"):
            yield arn


def _secrets(client: Callable[[str], Client], arns: Sequence[str]) -> Iterator[str]:
    pages = client("secretsmanager").get_paginator("list_secrets").paginate(IncludePlannedDeletion=False)
    standing = {one["ARN"] for page in pages for one in page["SecretList"]}
    yield from (arn for arn in arns if arn not in standing)


LOOKS: tuple[tuple[str, str, Look], ...] = (
    ("arn:aws:ecs:", ":service/", _services),
    ("arn:aws:ecs:", ":cluster/", _clusters),
    ("arn:aws:ecs:", ":task-definition/", _task_definitions),
    ("arn:aws:kms:", ":key/", _keys),
    ("arn:aws:secretsmanager:", ":secret:", _secrets),
)
"""How an ARN begins, what stands in it, and who tells those that are gone."""
