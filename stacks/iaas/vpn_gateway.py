"""AWS's end of the site-to-site VPNs: one gateway at the shared network, for all sites that have `vpn: aws`.

A network takes one VPN gateway and no more, so it belongs to the landing zone and not to a site. It costs nothing; the
connections do.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from iaas.component import Component, refuse


@dataclass(frozen=True)
class VpnGatewayArgs:
    vpc_id: pulumi.Input[str]
    route_tables: Mapping[str, pulumi.Input[str]]
    """By a short name that stays; the routes to all sites appear in them by themselves."""

    def __post_init__(self) -> None:
        refuse("VPN gateway", [] if self.route_tables else ["route_tables is empty; nothing would find the sites"])


class VpnGateway(Component):
    """Outputs: `id`."""

    def __init__(self, name: str, args: VpnGatewayArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, opts)
        gateway = aws.ec2.VpnGateway(name, vpc_id=args.vpc_id, opts=self._part())
        for key, table in args.route_tables.items():
            aws.ec2.VpnGatewayRoutePropagation(
                f"{name}-{key}", vpn_gateway_id=gateway.id, route_table_id=table, opts=self._part()
            )
        self.id = gateway.id
        self._done({"id": self.id})
