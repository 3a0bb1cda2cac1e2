"""The VPN of a site: its inside addresses, what it asks AWS for, and arguments that it refuses."""

from collections.abc import Callable
from ipaddress import IPv4Network
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of pulumi_aws itself, at import

Module = Callable[[str], Any]
RESERVED = [IPv4Network(f"169.254.{third}.0/30") for third in range(6)] + [IPv4Network("169.254.169.252/30")]
"""Site-to-Site VPN User Guide, "Tunnel options": inside tunnel IPv4 CIDR."""
LAST = 5_215
overlays = st.integers(0, LAST)


def overlay(index: int) -> str:
    return str(IPv4Network((int(IPv4Network("10.64.0.0/10")[0]) + 256 * index, 24)))


@given(overlays, overlays)
def test_no_two_sites_share_an_inside_network_and_none_is_aws_s_own(
    stacks_module: Module, one: int, other: int
) -> None:
    assume(one != other)
    inside = stacks_module("iaas.addressing").inside
    networks = [IPv4Network(cidr) for cidr in (*inside(overlay(one)), *inside(overlay(other)))]
    assert len(set(networks)) == 4
    for network in networks:
        assert network.prefixlen == 30
        assert network.subnet_of(IPv4Network("169.254.0.0/16"))
        assert network not in RESERVED


def test_past_the_last_inside_network_a_lower_overlay_is_asked_for(stacks_module: Module) -> None:
    inside = stacks_module("iaas.addressing").inside
    assert inside(overlay(LAST)) == ("169.254.168.248/30", "169.254.168.252/30")
    with pytest.raises(ValueError, match=r"network 5216 of its pool, and there are inside addresses for 0 to 5215"):
        inside(overlay(LAST + 1))


def arguments(**changed: str) -> dict[str, str]:
    return {
        "gateway": "vgw-1",
        "network": "10.128.0.0/20",
        "address": "203.0.113.21",
        "overlay": "10.64.1.0/24",
        "overlay_pool": "10.64.0.0/10",
    } | changed


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"gateway": ""}, "gateway is empty"),
        ({"address": "203.0.113"}, "address '203.0.113' is no IPv4 address"),
        ({"address": "100.64.3.7"}, "address 100.64.3.7 is not one that the internet knows"),
        ({"address": "172.30.1.10"}, "address 172.30.1.10 is not one that the internet knows"),
        ({"overlay": "192.168.0.0/24"}, "overlay 192.168.0.0/24 is no /24 of the overlay pool 10.64.0.0/10"),
        ({"overlay": "10.64.1.0/26"}, "overlay 10.64.1.0/26 is no /24 of the overlay pool"),
    ],
)
def test_arguments_that_make_no_vpn_are_refused(stacks_module: Module, changed: dict[str, str], said: str) -> None:
    args = stacks_module("iaas.site_vpn").SiteVpnArgs
    args(**arguments())
    with pytest.raises(ValueError, match="VPN: ") as refused:
        args(**arguments(**changed))
    assert said in str(refused.value)


def test_everything_that_is_wrong_is_said_at_once(stacks_module: Module) -> None:
    args = stacks_module("iaas.site_vpn").SiteVpnArgs
    with pytest.raises(ValueError, match=r"gateway is empty; address .*; overlay "):
        args(**arguments(gateway="", address="x", overlay="10.0.0.0/24"))


def test_a_gateway_that_no_route_table_hears_of_is_refused(stacks_module: Module) -> None:
    with pytest.raises(ValueError, match="nothing would find the sites"):
        stacks_module("iaas.vpn_gateway").VpnGatewayArgs("vpc-1", {})
