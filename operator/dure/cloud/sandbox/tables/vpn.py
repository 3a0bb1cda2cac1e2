"""Site-to-site VPNs: gateways on both sides, connections with two tunnels, routes.

The double makes a connection and forgets all that was asked of its tunnels. Their addresses and keys, which AWS makes
at random, are here made of the connection's id, so that a second look finds the same and no key lies on a disk.
"""

import hashlib
from dataclasses import dataclass

from pydantic import JsonValue

from dure.cloud.sandbox import tagging
from dure.cloud.sandbox.handler import Calls
from dure.cloud.sandbox.plain import Call, Plain, Step
from dure.cloud.sandbox.properties import Properties
from dure.cloud.sandbox.recorded import Recorded

OPTIONS = (
    "DpdTimeoutAction",
    "DpdTimeoutSeconds",
    "IkeVersions",
    "InsideCidr",
    "Phase1DhGroupNumbers",
    "Phase1EncryptionAlgorithms",
    "Phase1IntegrityAlgorithms",
    "Phase1LifetimeSeconds",
    "Phase2DhGroupNumbers",
    "Phase2EncryptionAlgorithms",
    "Phase2IntegrityAlgorithms",
    "Phase2LifetimeSeconds",
    "StartupAction",
)
TUNNELS = (1, 2)


def tunnel_outputs(identity: str) -> Properties:
    """AWS's address and the key of each tunnel, from the connection's id. The addresses are nobody's (RFC 5737)."""
    found: Properties = {}
    for number in TUNNELS:
        digest = hashlib.sha256(f"{identity} {number}".encode())
        found[f"tunnel{number}Address"] = f"198.51.100.{(digest.digest()[0] % 120) * 2 + number}"
        found[f"tunnel{number}PresharedKey"] = digest.hexdigest()[:32]
    return found


@dataclass(frozen=True)
class Tunnelled(Plain):
    """A connection, with what AWS tells of its tunnels."""

    def _outputs(self, calls: Calls, identity: str, known: Properties, found: Properties) -> dict[str, JsonValue]:
        return super()._outputs(calls, identity, known, found) | tunnel_outputs(identity)


CUSTOMER_GATEWAY = Plain(
    "aws:ec2/customerGateway:CustomerGateway",
    "ec2",
    make=Call("create_customer_gateway", {"Type": "{type}", "BgpAsn": "{bgpAsn|whole}", "PublicIp": "{ipAddress}"}),
    identity="CustomerGateway.CustomerGatewayId",
    look=Call("describe_customer_gateways", {"CustomerGatewayIds": ["{id}"]}),
    found="CustomerGateways[0]",
    alive="State != 'deleted'",
    drop=(Call("delete_customer_gateway", {"CustomerGatewayId": "{id}"}),),
    sees={"ipAddress": "IpAddress", "bgpAsn": "BgpAsn", "type": "Type"},
    replace_on=frozenset({"ipAddress", "bgpAsn", "type"}),
    tagging=tagging.EC2,
    made_with=tagging.with_ec2("customer-gateway"),
    gone=("InvalidCustomerGatewayID.NotFound",),
)
VPN_GATEWAY = Plain(
    "aws:ec2/vpnGateway:VpnGateway",
    "ec2",
    make=Call("create_vpn_gateway", {"Type": "ipsec.1"}),
    identity="VpnGateway.VpnGatewayId",
    look=Call("describe_vpn_gateways", {"VpnGatewayIds": ["{id}"]}),
    found="VpnGateways[0]",
    alive="State != 'deleted'",
    drop=(
        Call("detach_vpn_gateway", {"VpnGatewayId": "{id}", "VpcId": "{vpcId}"}),
        Call("delete_vpn_gateway", {"VpnGatewayId": "{id}"}),
    ),
    sees={"vpcId": "VpcAttachments[?State=='attached'] | [0].VpcId"},
    steps=(Step(("vpcId",), Call("attach_vpn_gateway", {"VpnGatewayId": "{id}", "VpcId": "{vpcId}"}), at_making=True),),
    tagging=tagging.EC2,
    made_with=tagging.with_ec2("vpn-gateway"),
    gone=("InvalidVpnGatewayID.NotFound", "InvalidVpnGatewayAttachment.NotFound"),
    note="A network takes a second one here; AWS refuses it.",
)
VPN_CONNECTION = Tunnelled(
    "aws:ec2/vpnConnection:VpnConnection",
    "ec2",
    make=Call(
        "create_vpn_connection",
        {"Type": "{type}", "CustomerGatewayId": "{customerGatewayId}", "VpnGatewayId": "{vpnGatewayId}"},
    ),
    identity="VpnConnection.VpnConnectionId",
    look=Call("describe_vpn_connections", {"VpnConnectionIds": ["{id}"]}),
    found="VpnConnections[0]",
    alive="State != 'deleted'",
    drop=(Call("delete_vpn_connection", {"VpnConnectionId": "{id}"}),),
    sees={"type": "Type", "customerGatewayId": "CustomerGatewayId", "vpnGatewayId": "VpnGatewayId"},
    replace_on=frozenset({"type", "staticRoutesOnly", "customerGatewayId", "vpnGatewayId"}),
    unseen=(
        "localIpv4NetworkCidr",
        "remoteIpv4NetworkCidr",
        *(f"tunnel{number}{option}" for number in TUNNELS for option in OPTIONS),
    ),
    tagging=tagging.EC2,
    made_with=tagging.with_ec2("vpn-connection"),
    gone=("InvalidVpnConnectionID.NotFound", "InvalidVpnConnectionID"),
    note="Addresses and keys of the tunnels are made of the id; nothing goes through. AWS changes gateways in place.",
)
VPN_CONNECTION_ROUTE = Recorded(
    "aws:ec2/vpnConnectionRoute:VpnConnectionRoute",
    parts=("destinationCidrBlock", "vpnConnectionId"),
    needs=(("ec2", Call("describe_vpn_connections", {"VpnConnectionIds": ["{vpnConnectionId}"]})),),
    replace_on=frozenset({"destinationCidrBlock", "vpnConnectionId"}),
    note="The double lacks it; nothing is routed.",
)
VPN_GATEWAY_ROUTE_PROPAGATION = Recorded(
    "aws:ec2/vpnGatewayRoutePropagation:VpnGatewayRoutePropagation",
    parts=("vpnGatewayId", "routeTableId"),
    needs=(
        ("ec2", Call("describe_vpn_gateways", {"VpnGatewayIds": ["{vpnGatewayId}"]})),
        ("ec2", Call("describe_route_tables", {"RouteTableIds": ["{routeTableId}"]})),
    ),
    replace_on=frozenset({"vpnGatewayId", "routeTableId"}),
    note="The double lacks it; nothing is routed.",
)
TYPES = (
    CUSTOMER_GATEWAY,
    VPN_GATEWAY,
    VPN_CONNECTION,
    VPN_CONNECTION_ROUTE,
    VPN_GATEWAY_ROUTE_PROPAGATION,
)
