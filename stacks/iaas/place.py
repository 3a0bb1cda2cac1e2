"""Where a tenant lives: in the shared network behind the shared load balancer, or in a network of its own."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi

from iaas import names
from iaas.component import Component
from iaas.load_balancer import LoadBalancer, LoadBalancerArgs
from iaas.network import Network, NetworkArgs
from iaas.upstream import Upstream


@dataclass(frozen=True)
class Place:
    """`name` is part of the names of what belongs to the place only."""

    name: str
    cluster_arn: str
    vpc_id: pulumi.Input[str]
    private_subnets: Sequence[pulumi.Input[str]]
    task_subnets: Sequence[pulumi.Input[str]]
    public_addresses: bool
    balancer_group: pulumi.Input[str]
    balancer_dns: pulumi.Input[str]
    balancer_zone: pulumi.Input[str]
    listener_arn: pulumi.Input[str]


def shared(upstream: Upstream) -> Place:
    return Place(
        name="shared",
        cluster_arn=upstream.cluster_arn,
        vpc_id=upstream.vpc_id,
        private_subnets=(upstream.private_subnet_a, upstream.private_subnet_c),
        task_subnets=(upstream.task_subnet_a, upstream.task_subnet_c),
        public_addresses=upstream.tasks_public == "true",
        balancer_group=upstream.balancer_group,
        balancer_dns=upstream.balancer_dns,
        balancer_zone=upstream.balancer_zone,
        listener_arn=upstream.listener_arn,
    )


@dataclass(frozen=True)
class SiloArgs:
    """`ids` are those of the MSP, the customer and the site."""

    ids: tuple[str, str, str]
    cidr: str
    region: str
    upstream: Upstream
    deletion_protection: bool = True


class Silo(Component):
    """A network and a load balancer of its own. Outputs: `vpc_id`, `listener_arn`; `place` is what tenants take."""

    def __init__(self, name: str, args: SiloArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, opts)
        network = Network(f"{name}-network", NetworkArgs(args.cidr, args.region), self._part())
        balancer = LoadBalancer(
            f"{name}-balancer",
            LoadBalancerArgs(
                balancer=names.target_group(*args.ids),
                vpc_id=network.vpc_id,
                subnets=network.public,
                certificate_arn=args.upstream.certificate_arn,
                deletion_protection=args.deletion_protection,
            ),
            self._part(),
        )
        self.place = Place(
            name="silo",
            cluster_arn=args.upstream.cluster_arn,
            vpc_id=network.vpc_id,
            private_subnets=network.private,
            task_subnets=network.task_subnets,
            public_addresses=True,
            balancer_group=balancer.group,
            balancer_dns=balancer.dns_name,
            balancer_zone=balancer.dns_zone,
            listener_arn=balancer.listener_arn,
        )
        self._done({"vpc_id": network.vpc_id, "listener_arn": balancer.listener_arn})
