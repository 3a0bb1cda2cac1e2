"""Where a load balancer sends a host's requests: a group of containers that answer their health check."""

from __future__ import annotations

import re
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from iaas.component import Component, refuse

NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,30}[A-Za-z0-9])?")
"""AWS: 1 to 32 letters, digits and hyphens."""


@dataclass(frozen=True)
class TargetArgs:
    target: str
    """From `names.target_group`."""
    vpc_id: pulumi.Input[str]
    port: int
    health_path: str = "/"

    def __post_init__(self) -> None:
        wrong = []
        if not NAME.fullmatch(self.target):
            wrong.append(f"target {self.target!r} is not 1 to 32 letters, digits and hyphens")
        if not 1 <= self.port <= 65535:
            wrong.append(f"port {self.port} is not from 1 to 65535")
        if not self.health_path.startswith("/"):
            wrong.append(f"health_path {self.health_path!r} does not begin with /")
        refuse("target", wrong)


class Target(Component):
    """Outputs: `arn`, `arn_suffix`."""

    def __init__(self, name: str, args: TargetArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, opts)
        group = aws.lb.TargetGroup(
            name,
            name=args.target,
            vpc_id=args.vpc_id,
            port=args.port,
            protocol="HTTP",
            target_type="ip",
            deregistration_delay=30,
            health_check={
                "path": args.health_path,
                "matcher": "200-399",
                "interval": 30,
                "healthy_threshold": 2,
                "unhealthy_threshold": 3,
            },
            opts=self._part(),
        )
        self.arn, self.arn_suffix = group.arn, group.arn_suffix
        self._done({"arn": self.arn, "arn_suffix": self.arn_suffix})
