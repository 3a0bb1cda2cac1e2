"""What is open to the outside: every TCP port, UDP with real payloads, v4 and v6, with a control that must be seen."""

import functools
import ipaddress
import json
import re
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from dure.errors import DureError
from dure.model.workspace import HUB
from dure.plan.value import VerificationPlan
from dure.runs.verify.control import control_port
from dure.runs.verify.nmap import PortScan, arguments, parse
from dure.runs.verify.row import Seen
from dure.runs.verify.scene import Scene, Vantage

UDP_PORTS = (53, 67, 69, 111, 123, 137, 161, 443, 500, 1194, 1701, 1900, 4500, 5353, 51820)
"""DNS, DHCP, NTP, NetBIOS, SNMP, IKE, OpenVPN, L2TP, SSDP, mDNS, WireGuard: nmap sends each protocol's own request."""
SCAN_SECONDS = 270.0
AT_ONCE_SECONDS = 10.0
SETTLE_SECONDS = 20.0
UNIQUE_LOCAL = ipaddress.IPv6Network("fc00::/7")
"""RFC 4193: the internet has no way to such an address."""


@dataclass(frozen=True, slots=True)
class Target:
    """One address of the box, and the vantage's own address as the box sees it."""

    address: str
    seen_from: str


def tcp(scene: Scene, one: VerificationPlan) -> Seen:
    """All 65,535 TCP ports of every address."""
    return _scan(scene, "tcp", "1-65535")


def udp(scene: Scene, one: VerificationPlan) -> Seen:
    """The UDP ports that attackers and misconfigurations love."""
    return _scan(scene, "udp", ",".join(map(str, UDP_PORTS)))


def drop_counter(scene: Scene, one: VerificationPlan) -> Seen:
    """By itself it has no scan to span: whatever was dropped since the firewall was loaded."""
    return drops_rose(scene, 0)


def drops_rose(scene: Scene, before: int) -> Seen:
    """The firewall counted what the scans sent."""
    risen = dropped(scene) - before
    return Seen("firewall counts what it drops", "more than 0 packets", f"{risen} packets", ok=risen > 0)


def dropped(scene: Scene) -> int:
    """The drop counter of the box's firewall now."""
    said = scene.box.check(["nft", "-j", "list", "counter", "inet", "dure", "dropped"], sudo=True)
    for item in json.loads(said.stdout)["nftables"]:
        if "counter" in item:
            return int(item["counter"]["packets"])
    raise DureError("the firewall has no counter", where=scene.plan.site, mend=f"operator provision {scene.plan.site}")


def expected_open(scene: Scene, protocol: str, vantage: Vantage) -> set[int]:
    """Ports that the plan opens to this vantage."""
    seen_as = {"any"}
    if scene.plan.host.topology == "beside":
        # The hub has no other way to a box behind someone else's router than the overlay.
        seen_as.add("overlay" if vantage.name == HUB else "lan")
    return {rule.port for rule in scene.plan.host.ports if rule.protocol == protocol and rule.source in seen_as}


def _scan(scene: Scene, protocol: str, ports: str) -> Seen:
    vantage = scene.outside()
    if scene.plan.site == HUB and vantage.name == HUB:
        what, mend = (
            f"{protocol.upper()} of the hub from outside",
            "name a place by outside_command in .dure/local.yaml",
        )
        return Seen(what, "a scan", f"not scanned: the hub cannot look at itself from outside; {mend}", ok=True)
    targets, unreached = find_targets(scene, vantage)
    expected = expected_open(scene, protocol, vantage)
    with control_port(scene.box, [target.seen_from for target in targets]) as control:
        wanted = ports if protocol == "tcp" else f"{ports},{control}"
        look = functools.partial(scan_address, vantage, protocol, wanted, control)
        with ThreadPoolExecutor(max_workers=2) as pool:
            scans = list(pool.map(look, [target.address for target in targets]))
    where = ", ".join(target.address for target in targets)
    count = "65,535 ports" if protocol == "tcp" else f"{len(UDP_PORTS)} services"
    what = f"{protocol.upper()} from {'the hub' if vantage.name == HUB else 'outside'}, {count}, {where}"
    silent = protocol == "udp"
    good = all(as_expected(scan, expected, control, silent) for scan in scans)
    missed = [f"{address} not scanned: {vantage.name} has no way to it" for address in unreached]
    seen = " / ".join([*dict.fromkeys(_words(scan, control) for scan in scans), *missed])
    good = good and bool(scans) and may_be_missed(vantage, unreached)
    return Seen(what, f"open: {_list(expected)} and the control port", seen, ok=good)


def may_be_missed(vantage: Vantage, unreached: list[str]) -> bool:
    """A vantage that was made for looking must reach every address. A hub without IPv6 is no fault of this site, and
    nothing done to the site would mend it: there the row tells it, and passes."""
    return not unreached or (vantage.name == HUB and all(":" in address for address in unreached))


def as_expected(scan: PortScan, expected: set[int], control: int, silent: bool) -> bool:
    """UDP services may keep silent on a stranger's probe, so there an expected port need not be seen."""
    if not scan.up or control not in scan.open:
        return False
    rest = scan.open - {control}
    return rest <= expected if silent else rest == expected


def scan_address(vantage: Vantage, protocol: str, ports: str, control: int, address: str) -> PortScan:
    """One scan; where it missed the control port it proved nothing and is made again, slower."""
    scan, seconds = _nmap(vantage, protocol, ports, address)
    if not scan.up and seconds < AT_ONCE_SECONDS:
        # The neighbour did not answer at all: it may still have been coming up.
        time.sleep(3.0)
        scan, _ = _nmap(vantage, protocol, ports, address)
    if scan.up and control not in scan.open:
        # A busy line drops probes that come at full rate, the control's among them.
        scan, _ = _nmap(vantage, protocol, ports, address, slowly=True)
    return scan


def _nmap(vantage: Vantage, protocol: str, ports: str, address: str, *, slowly: bool = False) -> tuple[PortScan, float]:
    result = vantage.run(arguments(protocol, ports, address, slowly=slowly), deadline=SCAN_SECONDS, sudo=True)
    if result.code != 0:
        raise DureError(
            "the scan could not be made",
            where=vantage.name,
            why=result.complaint,
            mend="install nmap there (apt-get install nmap)",
        )
    return parse(result.stdout), result.seconds


def _words(scan: PortScan, control: int) -> str:
    if not scan.up:
        return "no scan: the box did not answer, or it took too long"
    if control not in scan.open:
        return "the control port was not seen: the scan proves nothing"
    return f"open: {_list(set(scan.open) - {control})} and the control port"


def _list(ports: set[int]) -> str:
    return ", ".join(map(str, sorted(ports))) or "none"


# -- where to scan ----------------------------------------------------------------------------------------------------


def find_targets(scene: Scene, vantage: Vantage) -> tuple[list[Target], list[str]]:
    """Every address at which the vantage can meet the box, and those that it has no way to."""
    beside = scene.plan.host.topology == "beside"
    v6 = settled_v6(scene)
    if not beside or vantage.name == HUB:
        v6 = [address for address in v6 if ipaddress.ip_address(address) not in UNIQUE_LOCAL]
    if beside and vantage.name == HUB:
        # Its ways to the box end in the tunnel; what the router lets in from the internet it cannot tell apart.
        return _divided(vantage, [scene.overlay_address], v6)
    v4 = scene.plan.host.lan_address if beside else _public_v4(scene)
    return _divided(vantage, [v4, *v6], [])


def _divided(vantage: Vantage, addresses: list[str], untried: list[str]) -> tuple[list[Target], list[str]]:
    """Raises DureError when no address is reached."""
    sources = {address: _source_towards(vantage, address) for address in addresses}
    targets = [Target(address, source) for address, source in sources.items() if source]
    if not targets:
        raise DureError("the vantage has no way to the box", where=vantage.name, why=f"no route to {addresses}")
    return targets, [*(address for address, source in sources.items() if not source), *untried]


def _public_v4(scene: Scene) -> str:
    """What the internet sees of the site: the address that boxes dial, or from which the tunnel reaches the hub."""
    if scene.plan.site == HUB:
        return _resolved(scene.live.context.operator.hub.address)
    key = scene.box.check(["cat", "/etc/wireguard/public.key"], sudo=True).text
    said = scene.hub.check(["wg", "show", "wg0", "endpoints"], sudo=True).text
    for line in said.splitlines():
        peer, _, endpoint = line.partition("\t")
        found = re.fullmatch(r"([0-9.]+):\d+", endpoint.strip())
        if peer == key and found:
            return found.group(1)
    raise DureError("the hub does not know from where the box dials in", where=scene.plan.site)


def _resolved(name: str) -> str:
    try:
        return socket.gethostbyname(name)
    except OSError as error:
        raise DureError(
            f"the hub's name {name} has no address",
            where=HUB,
            why=str(error),
            mend="see hub.address in operator.yaml",
        ) from error


def settled_v6(scene: Scene, at_least: frozenset[str] = frozenset()) -> list[str]:
    """The IPv6 addresses of the box's uplink that reach further than the wire.

    Waits until it has made sure that they are its own, and those of `at_least` are back.
    """
    end = time.monotonic() + SETTLE_SECONDS
    while True:
        found = _v6_now(scene)
        settled = all(ready for _, ready in found) and at_least <= {address for address, _ in found}
        if settled or time.monotonic() > end:
            return [address for address, ready in found if ready]
        time.sleep(0.5)


def _v6_now(scene: Scene) -> list[tuple[str, bool]]:
    uplink = scene.plan.host.interfaces["uplink"]
    said = scene.box.check(["ip", "-j", "-6", "addr", "show", "dev", uplink, "scope", "global"])
    return [
        (str(info["local"]), not info.get("tentative"))
        for link in json.loads(said.stdout or b"[]")
        for info in link.get("addr_info", [])
        if info.get("local") and not info.get("temporary") and not info.get("deprecated")
    ]


def _source_towards(vantage: Vantage, address: str) -> str:
    """The vantage's own address on the way to the box; empty when it has no way."""
    said = vantage.run(["ip", "-j", "route", "get", address], deadline=10)
    if said.code != 0:
        return ""
    routes = json.loads(said.stdout or b"[]")
    return str(routes[0].get("prefsrc", "")) if routes else ""
