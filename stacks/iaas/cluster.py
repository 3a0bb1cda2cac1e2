"""Where containers run: Fargate, with spot capacity for what may be interrupted."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from iaas.component import Component, missing, refuse


@dataclass(frozen=True)
class ClusterArgs:
    cluster: str

    def __post_init__(self) -> None:
        refuse("cluster", missing(cluster=self.cluster))


class Cluster(Component):
    """Outputs: `arn`, `cluster` (name)."""

    def __init__(self, name: str, args: ClusterArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, opts)
        cluster = aws.ecs.Cluster(name, name=args.cluster, opts=self._part())
        aws.ecs.ClusterCapacityProviders(
            f"{name}-capacity",
            cluster_name=cluster.name,
            capacity_providers=["FARGATE", "FARGATE_SPOT"],
            default_capacity_provider_strategies=[{"capacity_provider": "FARGATE", "weight": 1}],
            opts=self._part(),
        )
        self.arn, self.cluster = cluster.arn, cluster.name
        self._done({"arn": self.arn, "cluster": self.cluster})
