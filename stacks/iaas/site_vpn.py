"""An AWS site-to-site VPN: two tunnels from the shared network to one site's overlay.

What is routed is the site's overlay /24 and never its LAN: the LANs of two customers may be the same. The box
translates one to the other. Both ends are told what may go through, the overlay on one side and the shared network on
the other, so that AWS itself refuses to carry one site's packets to another's.

The keys are made by AWS, at random and for each tunnel its own. They exist in AWS, sealed in the state, and on the box.
"""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Address
from typing import TypedDict

import pulumi
import pulumi_aws as aws

from iaas.addressing import inside, network
from iaas.component import Component, missing, refuse

ASN = "65000"
"""AWS asks for one; with static routes nothing reads it (RFC 6996, private use)."""
INTERNAL = tuple(
    network(one)
    for one in ("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
                "192.168.0.0/16", "224.0.0.0/3")
)  # fmt: skip
"""What no site has towards the internet (RFC 6890)."""


class Strong(TypedDict):
    """Options of one tunnel, without its number."""

    ike_versions: list[str]
    phase1_encryption_algorithms: list[str]
    phase1_integrity_algorithms: list[str]
    phase1_dh_group_numbers: list[int]
    phase1_lifetime_seconds: int
    phase2_encryption_algorithms: list[str]
    phase2_integrity_algorithms: list[str]
    phase2_dh_group_numbers: list[int]
    phase2_lifetime_seconds: int
    dpd_timeout_action: str
    dpd_timeout_seconds: int
    startup_action: str


STRONG: Strong = {
    "ike_versions": ["ikev2"],
    "phase1_encryption_algorithms": ["AES256-GCM-16"],
    "phase1_integrity_algorithms": ["SHA2-384"],
    "phase1_dh_group_numbers": [20],
    "phase1_lifetime_seconds": 28_800,
    "phase2_encryption_algorithms": ["AES256-GCM-16"],
    "phase2_integrity_algorithms": ["SHA2-384"],
    "phase2_dh_group_numbers": [20],
    "phase2_lifetime_seconds": 3_600,
    "dpd_timeout_action": "restart",
    "dpd_timeout_seconds": 30,
    # The box is behind a router that translates addresses: it begins, AWS could not.
    "startup_action": "add",
}
"""One offer each, the one that the role `strongswan` makes; with GCM the integrity algorithm derives the keys."""


@dataclass(frozen=True)
class SiteVpnArgs:
    gateway: str
    """Id of the landing zone's VPN gateway."""
    network: str
    """CIDR of the shared network."""
    address: str
    """The site's own address towards the internet, which must stay."""
    overlay: str
    """The site's overlay /24."""
    overlay_pool: str

    def __post_init__(self) -> None:
        wrong = missing(gateway=self.gateway, network=self.network)
        try:
            address = IPv4Address(self.address)
        except ValueError:
            wrong.append(f"address {self.address!r} is no IPv4 address")
        else:
            if any(address in one for one in INTERNAL):
                wrong.append(f"address {self.address} is not one that the internet knows")
        try:
            inside(self.overlay, self.overlay_pool)
        except ValueError as error:
            wrong.append(str(error))
        refuse("VPN", wrong)


class SiteVpn(Component):
    """Outputs: `addresses` (AWS's two), `keys` (secret, in the same order)."""

    def __init__(self, name: str, args: SiteVpnArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, opts)
        first, second = inside(args.overlay, args.overlay_pool)
        site = aws.ec2.CustomerGateway(
            f"{name}-site", type="ipsec.1", bgp_asn=ASN, ip_address=args.address, opts=self._part()
        )
        strong = {f"tunnel{number}_{option}": value for number in (1, 2) for option, value in STRONG.items()}
        connection = aws.ec2.VpnConnection(
            name,
            args=aws.ec2.VpnConnectionArgs(
                type="ipsec.1",
                customer_gateway_id=site.id,
                vpn_gateway_id=args.gateway,
                static_routes_only=True,
                local_ipv4_network_cidr=args.overlay,
                remote_ipv4_network_cidr=args.network,
                tunnel1_inside_cidr=first,
                tunnel2_inside_cidr=second,
                **strong,
            ),
            opts=self._part(),
        )
        aws.ec2.VpnConnectionRoute(
            f"{name}-overlay",
            vpn_connection_id=connection.id,
            destination_cidr_block=args.overlay,
            opts=self._part(),
        )
        self.addresses = (connection.tunnel1_address, connection.tunnel2_address)
        self.keys = (
            pulumi.Output.secret(connection.tunnel1_preshared_key),
            pulumi.Output.secret(connection.tunnel2_preshared_key),
        )
        self._done({"addresses": list(self.addresses), "keys": list(self.keys)})
