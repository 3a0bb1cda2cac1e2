"""What the lab consists of, as values: segments, nodes and their ports. Nothing here touches the host.

A segment is a switch in a namespace of its own; a node is a namespace with ports on segments. Two customers
may therefore have the same LAN subnet, as real ones do.
"""

import hashlib
import ipaddress
from dataclasses import dataclass
from typing import Literal

NodeKind = Literal["machine", "router", "station"]

SERVICES_ADDRESS = "203.0.113.2"
APT_PORT = 3142
MOTO_PORT = 5000
HUB_NAME = "hub.hanbit-it.example"


@dataclass(frozen=True, slots=True)
class Port:
    """One interface of a node on a segment; `addresses` are set by the lab, none when DHCP serves it."""

    interface: str
    segment: str
    mac: str
    addresses: tuple[str, ...] = ()
    expected: tuple[str, ...] = ()
    """Addresses it will hold without the lab setting them: fixed DHCP leases and SLAAC."""


@dataclass(frozen=True, slots=True)
class Lease:
    """A fixed DHCP lease."""

    mac: str
    address: str
    name: str


@dataclass(frozen=True, slots=True)
class Serving:
    """What a router's dnsmasq offers on one of its interfaces."""

    interface: str
    v4_range: tuple[str, str]
    router: str
    leases: tuple[Lease, ...]
    v6_prefix: str


@dataclass(frozen=True, slots=True)
class Node:
    """A namespace: a machine that boots Debian, a router, or a plain station."""

    name: str
    kind: NodeKind
    site: str
    """Site id such as `hansol-plastics/ansan`; `hub`; empty for what belongs to nobody."""
    ports: tuple[Port, ...]
    v4_gateway: str = ""
    v6_gateway: str = ""
    uplink: str = ""
    """Router: the interface behind which it hides the others."""
    exposed: str = ""
    """Router: the machine to which everything inbound is forwarded (a modem's DMZ host)."""
    serving: Serving | None = None
    nameserver: str = ""
    vantages: tuple[Literal["lan", "outside"], ...] = ()
    """Station: whether the site's verification looks from it as a LAN client, as a stranger, or both."""


@dataclass(frozen=True, slots=True)
class Segment:
    """A switch; `addresses` make its namespace a station on it too."""

    name: str
    addresses: tuple[str, ...] = ()
    routes: tuple[tuple[str, str], ...] = ()
    """Pairs of destination and next hop."""


@dataclass(frozen=True, slots=True)
class Topology:
    """The whole lab; `name` keeps labs apart on one host."""

    name: str
    segments: tuple[Segment, ...]
    nodes: tuple[Node, ...]

    def node(self, name: str) -> Node:
        """The node of that name; KeyError when there is none."""
        for node in self.nodes:
            if node.name == name:
                return node
        raise KeyError(name)

    def machines(self) -> tuple[Node, ...]:
        """The nodes that boot."""
        return tuple(node for node in self.nodes if node.kind == "machine")

    def namespace(self, name: str) -> str:
        """The kernel's name of a node's or segment's network namespace."""
        return f"{self.name}-{name}"

    def namespaces(self) -> tuple[str, ...]:
        """All of them, segments first."""
        return tuple(self.namespace(name) for name in self.names())

    def names(self) -> tuple[str, ...]:
        """Names of all segments and nodes."""
        return (*(segment.name for segment in self.segments), *(node.name for node in self.nodes))


_LAN: Literal["lan"] = "lan"
_OUTSIDE: Literal["outside"] = "outside"


def mac_address(node: str, interface: str) -> str:
    """A locally administered MAC, the same for the same names."""
    digest = hashlib.sha256(f"{node}/{interface}".encode()).digest()
    return ":".join(f"{byte:02x}" for byte in (0x02, *digest[:5]))


def slaac_address(prefix: str, mac: str) -> str:
    """The address that a /64 and a MAC make by EUI-64 (RFC 4291, appendix A)."""
    octets = [int(part, 16) for part in mac.split(":")]
    identifier = bytes([octets[0] ^ 2, *octets[1:3], 0xFF, 0xFE, *octets[3:]])
    network = ipaddress.IPv6Network(prefix)
    return str(network.network_address + int.from_bytes(identifier, "big"))


def _port(node: str, interface: str, segment: str, *addresses: str) -> Port:
    return Port(interface, segment, mac_address(node, interface), addresses)


def _leased(node: str, interface: str, segment: str, v4: str, prefix: str) -> Port:
    mac = mac_address(node, interface)
    return Port(interface, segment, mac, expected=(v4, slaac_address(prefix, mac)))


def _internet() -> tuple[Segment, tuple[Node, ...]]:
    segment = Segment(
        "inet",
        ("203.0.113.1/24", f"{SERVICES_ADDRESS}/24", "2001:db8:0:1::1/64", "2001:db8:0:1::2/64"),
        (("2001:db8:21::/64", "2001:db8:0:1::21"),),
    )
    hub = Node(
        "hub", "machine", "hub", (_port("hub", "eth0", "inet", "203.0.113.10/24", "2001:db8:0:1::10/64"),),
        v4_gateway="203.0.113.1", v6_gateway="2001:db8:0:1::1", nameserver=SERVICES_ADDRESS,
    )  # fmt: skip
    outside = Node(
        "outside", "station", "", (_port("outside", "eth0", "inet", "203.0.113.66/24", "2001:db8:0:1::66/64"),),
        v4_gateway="203.0.113.1", v6_gateway="2001:db8:0:1::1",
    )  # fmt: skip
    return segment, (hub, outside)


def _ansan() -> tuple[tuple[Segment, ...], tuple[Node, ...]]:
    """The box is the gateway: a carrier's modem in front, the customer's LAN behind, empty until provisioned."""
    site, prefix = "hansol-plastics/ansan", "2001:db8:21::/64"
    uplink = _leased("ansan", "eth0", "ansan-up", "172.30.1.10", prefix)
    lan = Port("eth1", "ansan-lan", mac_address("ansan", "eth1"))
    modem = Node(
        "ansan-router", "router", site,
        (
            _port("ansan-router", "wan", "inet", "203.0.113.21/24", "2001:db8:0:1::21/64"),
            _port("ansan-router", "lan", "ansan-up", "172.30.1.254/24", "2001:db8:21::1/64"),
        ),
        v4_gateway="203.0.113.1", v6_gateway="2001:db8:0:1::1", uplink="wan", exposed="172.30.1.10",
        serving=Serving("lan", ("172.30.1.100", "172.30.1.199"), "172.30.1.254",
                        (Lease(uplink.mac, "172.30.1.10", "ansan"),), prefix),
    )  # fmt: skip
    box = Node("ansan", "machine", site, (uplink, lan), nameserver="172.30.1.254")
    client = Node(
        "ansan-client", "station", site, (_port("ansan-client", "eth0", "ansan-lan", "192.168.0.50/24"),),
        v4_gateway="192.168.0.1", vantages=("lan",),
    )  # fmt: skip
    return (Segment("ansan-up"), Segment("ansan-lan")), (modem, box, client)


def _seocho() -> tuple[tuple[Segment, ...], tuple[Node, ...]]:
    """The box stands beside the office's own router, on a LAN that it serves."""
    site, prefix = "saehan-accounting/seocho", "fd00:22::/64"
    port = _leased("seocho", "eth0", "seocho-lan", "192.168.0.10", prefix)
    router = Node(
        "seocho-router", "router", site,
        (
            _port("seocho-router", "wan", "inet", "203.0.113.22/24"),
            _port("seocho-router", "lan", "seocho-lan", "192.168.0.1/24", "fd00:22::1/64"),
        ),
        v4_gateway="203.0.113.1", uplink="wan",
        serving=Serving("lan", ("192.168.0.100", "192.168.0.199"), "192.168.0.1",
                        (Lease(port.mac, "192.168.0.10", "seocho"),), prefix),
    )  # fmt: skip
    box = Node("seocho", "machine", site, (port,), nameserver="192.168.0.1")
    stations = tuple(
        Node(f"seocho-{name}", "station", site,
             (_port(f"seocho-{name}", "eth0", "seocho-lan", f"192.168.0.{host}/24", f"fd00:22::{host}/64"),),
             v4_gateway="192.168.0.1", v6_gateway="fd00:22::1", vantages=(vantage,))
        for name, host, vantage in (("client", 50, _LAN), ("stranger", 66, _OUTSIDE))
    )  # fmt: skip
    return (Segment("seocho-lan"),), (router, box, *stations)


def example_topology(name: str) -> Topology:
    """Hub, internet and the two sites of examples/hanbit-it that have a box."""
    inet, internet_nodes = _internet()
    ansan_segments, ansan_nodes = _ansan()
    seocho_segments, seocho_nodes = _seocho()
    return Topology(
        name,
        (inet, *ansan_segments, *seocho_segments),
        (*internet_nodes, *ansan_nodes, *seocho_nodes),
    )


def fleet_topology(name: str, count: int) -> Topology:
    """Hub and `count` small sites `fleet/box1`, `fleet/box2` …, for benchmarks; at most 100.

    Each box stands at 192.168.0.10 behind a router of its own that forwards everything inbound to it, so that
    box N is reached at 203.0.113.(100 + N).
    """
    inet, internet_nodes = _internet()
    sites = [_fleet_site(number) for number in range(1, count + 1)]
    return Topology(
        name,
        (inet, *(segment for segment, _ in sites)),
        (*internet_nodes, *(node for _, nodes in sites for node in nodes)),
    )


def _fleet_site(number: int) -> tuple[Segment, tuple[Node, ...]]:
    box, site, prefix = f"box{number}", f"fleet/box{number}", "fd00:22::/64"
    segment = Segment(f"{box}-lan")
    port = _leased(box, "eth0", segment.name, "192.168.0.10", prefix)
    router = Node(
        f"{box}-router", "router", site,
        (
            _port(f"{box}-router", "wan", "inet", f"203.0.113.{100 + number}/24"),
            _port(f"{box}-router", "lan", segment.name, "192.168.0.1/24", "fd00:22::1/64"),
        ),
        v4_gateway="203.0.113.1", uplink="wan", exposed="192.168.0.10",
        serving=Serving("lan", ("192.168.0.100", "192.168.0.199"), "192.168.0.1",
                        (Lease(port.mac, "192.168.0.10", box),), prefix),
    )  # fmt: skip
    client = Node(
        f"{box}-client", "station", site, (_port(f"{box}-client", "eth0", segment.name, "192.168.0.50/24"),),
        v4_gateway="192.168.0.1", vantages=("lan", "outside"),
    )  # fmt: skip
    return segment, (router, Node(box, "machine", site, (port,), nameserver="192.168.0.1"), client)


def row_topology(name: str, count: int) -> Topology:
    """`count` plain machines on the internet segment, for benchmarks; at most 150."""
    inet, _ = _internet()
    nodes = tuple(
        Node(f"m{index}", "machine", "", (_port(f"m{index}", "eth0", "inet", f"203.0.113.{100 + index}/24"),),
             v4_gateway="203.0.113.1", nameserver=SERVICES_ADDRESS)
        for index in range(count)
    )  # fmt: skip
    return Topology(name, (inet,), nodes)
