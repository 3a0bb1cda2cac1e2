"""A customer's host name: its DNS record, and the rule by which the load balancer sends it to its target."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from iaas.component import Component, refuse
from iaas.dns_zone import DOMAIN


@dataclass(frozen=True)
class HostRuleArgs:
    host: str
    listener_arn: pulumi.Input[str]
    target_arn: pulumi.Input[str]
    zone_id: pulumi.Input[str]
    balancer_dns: pulumi.Input[str]
    balancer_zone: pulumi.Input[str]

    def __post_init__(self) -> None:
        refuse("host rule", [] if DOMAIN.fullmatch(self.host) else [f"host {self.host!r} is no host name"])


class HostRule(Component):
    """Outputs: `url`. `rule` is what a service must wait for: AWS takes no service whose target nobody listens to.

    `listener` names the load balancer in the rule's logical name: at another one a new rule is made before the old
    one goes.
    """

    def __init__(
        self, name: str, args: HostRuleArgs, listener: str = "shared", opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__(name, opts)
        self.rule = aws.lb.ListenerRule(
            f"{name}-{listener}",
            listener_arn=args.listener_arn,
            conditions=[{"host_header": {"values": [args.host]}}],
            actions=[{"type": "forward", "target_group_arn": args.target_arn}],
            opts=self._part(),
        )
        aws.route53.Record(
            f"{name}-record",
            zone_id=args.zone_id,
            name=args.host,
            type="A",
            aliases=[{"name": args.balancer_dns, "zone_id": args.balancer_zone, "evaluate_target_health": False}],
            opts=self._part(),
        )
        self.url = f"https://{args.host}/"
        self._done({"url": self.url})
