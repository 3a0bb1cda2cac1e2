"""The lab as a value: what must hold before anything is made of it."""

import ipaddress
import os
import shutil
from pathlib import Path

import pytest
from dure.errors import DureError, UsageError
from dure.lab import host
from dure.lab.instance import Lab
from dure.lab.machine import network_file
from dure.lab.network import router_rules, switch_port
from dure.lab.topology import Topology, example_topology, fleet_topology, row_topology, slaac_address
from dure.lab.workspace import fleet_customer
from dure.model import load_site, validate

from tests.lab.conftest import ROOT, skip_or_fail

TOPOLOGY = example_topology("abcdef")


@pytest.mark.parametrize("topology", [TOPOLOGY, fleet_topology("abcdef", 10)], ids=["example", "fleet"])
def test_the_kernel_accepts_every_interface_name(topology: Topology) -> None:
    for node in topology.nodes:
        for port in node.ports:
            assert len(port.interface) <= 15
            assert len(switch_port(node, port)) <= 15


def test_cables_of_one_switch_have_names_of_their_own() -> None:
    ends = [(port.segment, switch_port(node, port)) for node in TOPOLOGY.nodes for port in node.ports]
    assert len(set(ends)) == len(ends)


@pytest.mark.parametrize("topology", [TOPOLOGY, fleet_topology("x", 100), row_topology("x", 150)])
def test_no_two_ports_share_a_mac_address_or_an_internet_address(topology: Topology) -> None:
    macs = [port.mac for node in topology.nodes for port in node.ports]
    inet = [
        address
        for node in topology.nodes
        for port in node.ports
        if port.segment == "inet"
        for address in port.addresses
    ]
    assert len(set(inet)) == len(inet)
    assert len(set(macs)) == len(macs)


def test_every_cable_ends_at_a_segment_that_exists() -> None:
    segments = {segment.name for segment in TOPOLOGY.segments}
    assert {port.segment for node in TOPOLOGY.nodes for port in node.ports} == segments


def test_both_customers_have_the_same_subnet_on_different_switches() -> None:
    clients = [TOPOLOGY.node(name).ports[0] for name in ("ansan-client", "seocho-client")]
    networks = {ipaddress.ip_interface(port.addresses[0]).network for port in clients}
    assert networks == {ipaddress.ip_network("192.168.0.0/24")}
    assert len({port.segment for port in clients}) == 2


def test_slaac_follows_the_example_of_rfc_4291() -> None:
    assert slaac_address("2001:db8::/64", "34:56:78:9a:bc:de") == "2001:db8::3656:78ff:fe9a:bcde"


def test_a_leased_port_asks_dhcp_and_a_server_has_its_address_from_the_lab() -> None:
    box, hub = TOPOLOGY.node("ansan"), TOPOLOGY.node("hub")
    assert "DHCP=ipv4" in network_file(box, box.ports[0])
    assert "Address=203.0.113.10/24" in network_file(hub, hub.ports[0])


def test_only_the_modem_forwards_inbound_traffic_to_a_machine() -> None:
    assert "dnat to 172.30.1.10" in router_rules(TOPOLOGY.node("ansan-router"))
    assert "dnat" not in router_rules(TOPOLOGY.node("seocho-router"))


@pytest.mark.parametrize("name", ["", "Abc", "a-b", "sevenxx", "1ab", "한빛"])
def test_a_name_that_the_kernel_could_not_carry_is_refused(name: str) -> None:
    with pytest.raises(UsageError, match="cannot name a lab"):
        Lab(name)


def test_a_host_without_the_programs_is_told_the_command_that_installs_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(host, "PROGRAMS", {"no-such-program": "its-package", "sh": "dash"})
    reason = host.unfit()
    if os.geteuid() != 0:
        assert reason is not None
        assert "as root" in reason
        return
    assert reason == "packages are missing: apt-get install --no-install-recommends its-package"
    with pytest.raises(DureError, match="cannot run on this host"):
        host.require_fit()


def test_every_program_that_is_looked_for_is_in_a_package_that_set_up_installs() -> None:
    assert set(host.PROGRAMS.values()) <= set(host.packages())


def test_sources_of_other_distributions_are_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sources = tmp_path / "sources.list.d"
    sources.mkdir()
    (sources / "debian.sources").write_text("# comment\nTypes: deb\nURIs: http://x/debian\nSuites: bookworm\n")
    (sources / "other.list").write_text("deb http://x/nodesource nodistro main\n")
    (sources / "debian.sources.disabled").write_text("URIs: http://x/debian\nSuites: bookworm\n")
    monkeypatch.setattr(host, "APT", tmp_path)
    assert [name for name, _ in host.host_sources()] == ["sources.list.d/debian.sources"]
    assert "comment" not in host.host_sources()[0][1]


def test_an_unfit_host_skips_with_the_reason_but_fails_in_ci() -> None:
    with pytest.raises(pytest.skip.Exception, match="no tun"):
        skip_or_fail("no tun", in_ci=False)
    with pytest.raises(pytest.fail.Exception, match="no tun"):
        skip_or_fail("no tun", in_ci=True)
    skip_or_fail(None, in_ci=True)


def test_every_site_with_a_box_has_a_vantage_on_its_lan() -> None:
    for topology in (TOPOLOGY, fleet_topology("x", 3)):
        sites = {machine.site for machine in topology.machines()} - {"hub"}
        assert {node.site for node in topology.nodes if "lan" in node.vantages} == sites


def test_the_fleets_customer_is_a_valid_file(tmp_path: Path) -> None:
    for name, text in fleet_customer(3).items():
        shutil.copytree(ROOT / "examples" / "hanbit-it", tmp_path / "workspace")
        (tmp_path / "workspace" / name).write_text(text)
    assert validate(tmp_path / "workspace") == []
    customer = load_site(tmp_path / "workspace", "fleet/box2").customer
    assert customer is not None
    assert [site.id for site in customer.sites] == ["box1", "box2", "box3"]
