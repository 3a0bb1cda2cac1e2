"""The tunnel and what goes through it: to this site's LAN, and to nobody else's."""

import ipaddress
import json
from importlib.resources import files

from dure.errors import DureError
from dure.fleet.connect import HostKeyRefused, Unreachable
from dure.fleet.keyscan import scan_host_key
from dure.fleet.session import Session
from dure.model import load_site
from dure.plan.overlay import hub_address, mapped
from dure.plan.value import VerificationPlan
from dure.runs.addresses import first_route
from dure.runs.verify.row import Seen
from dure.runs.verify.scene import Scene

HANDSHAKE_SECONDS = 180
"""WireGuard makes a new handshake at least every two minutes while there is traffic."""
FIRST_WAY_SECONDS = 3.0
"""A box that lets SSH in answers far sooner, at the far end of a slow line too."""


def tunnel(scene: Scene, one: VerificationPlan) -> Seen:
    """A fresh handshake, and packets both ways by overlay address."""
    address = scene.overlay_address
    key = scene.box.check(["cat", "/etc/wireguard/public.key"], sudo=True).text
    ping = scene.hub.run(["ping", "-n", "-c", "3", "-i", "0.2", "-W", "2", address], deadline=15)
    said = scene.hub.check(["wg", "show", "wg0", "latest-handshakes"], sudo=True).text
    stamps = dict(line.split("\t") for line in said.splitlines() if "\t" in line)
    now = float(scene.hub.check(["date", "+%s"]).text)
    age = now - float(stamps.get(key, 0))
    answered = "ping answered" if ping.code == 0 else "ping not answered"
    seen = f"handshake {age:.0f} s old, {answered}" if key in stamps else "the hub does not know the box's key"
    return Seen(
        f"tunnel hub - {address}",
        f"handshake younger than {HANDSHAKE_SECONDS} s, ping",
        seen,
        ok=ping.code == 0 and age < HANDSHAKE_SECONDS,
    )


def lan_through_tunnel(scene: Scene, one: VerificationPlan) -> Seen:
    """A machine of the LAN answers the hub by its overlay address."""
    machine, overlay = scene.plan.host, scene.plan.overlay
    if overlay is None:
        raise DureError("the plan gives the site no overlay", where=scene.plan.site)
    request = {"cidr": machine.lan_cidr, "own": machine.lan_address, "interface": scene.lan_interface}
    found = scene.script(scene.box, _source("lan_neighbours.py"), request, 20)
    neighbours = [str(address) for address in _strings(found.get("neighbours"))][:8]
    by_overlay = {mapped(address, machine.lan_cidr, overlay.cidr): address for address in neighbours}
    what, expected = "LAN machine from the hub by overlay address", "one answers"
    if not by_overlay:
        seen = "no machine is on in the LAN, so nothing was proven"
        return Seen(what, expected, seen, ok=not scene.full)
    answered = _answered(scene, scene.hub, list(by_overlay))
    for address, how in answered.items():
        return Seen(what, expected, f"{address} ({by_overlay[address]}) answered: {how}", ok=True)
    return Seen(what, expected, f"none of {', '.join(by_overlay)} answered", ok=False)


def island(scene: Scene, one: VerificationPlan) -> Seen:
    """From this box no other site is reached: the hub drops it, and counts it."""
    others = _other_overlays(scene)
    before = _between_sites(scene)
    answered = _answered(scene, scene.box, others)
    risen = _between_sites(scene) - before
    forwards = scene.hub.check(["cat", "/proc/sys/net/ipv4/ip_forward"]).text != "0"
    refused = f"the hub dropped {risen} packets" if forwards else "the hub forwards nothing"
    seen = f"answered: {', '.join(answered)}" if answered else f"none answered; {refused}"
    what = f"other customers from this box ({', '.join(others[:3])}{' …' if len(others) > 3 else ''})"
    return Seen(what, "none answers, by the hub's own rule", seen, ok=not answered and (risen > 0 or not forwards))


def first_way_closed(scene: Scene, one: VerificationPlan) -> Seen:
    """The way of the first contact no longer leads to the box's SSH."""
    route = first_route(scene.live.context, scene.plan.site)
    what, expected = "SSH by the first way", "no answer"
    if route is None:
        return Seen(what, expected, "it was enrolled from another workstation; the scan covers it", ok=True)
    what = f"SSH by the first way, {route.address}"
    try:
        key = scan_host_key(route, deadline=FIRST_WAY_SECONDS)
    except (Unreachable, HostKeyRefused):
        return Seen(what, expected, "no answer", ok=True)
    return Seen(what, expected, f"SSH answers with {key.fingerprint}", ok=False)


def _other_overlays(scene: Scene) -> list[str]:
    """Addresses of other sites' boxes and their first LAN hosts; a free /24 of the pool where there is no other."""
    live = scene.live
    allocations = load_site(live.context.workspace, live.site).allocations
    mine = scene.plan.overlay.cidr if scene.plan.overlay else ""
    others = sorted(cidr for cidr in allocations.in_use() if cidr != mine)[:4]
    if not others:
        pool = ipaddress.IPv4Network(live.context.operator.overlay_pool)
        others = [str(next(net for net in pool.subnets(new_prefix=24) if str(net) != mine and net[0] != pool[0]))]
    known = [str(ipaddress.IPv4Network(cidr)[host]) for cidr in others for host in (1, 10, 50)]
    own_hub = hub_address(live.context.operator.overlay_pool)
    return [address for address in known if address != own_hub]


def _between_sites(scene: Scene) -> int:
    said = scene.hub.check(["nft", "-j", "list", "counter", "inet", "dure", "dropped_between_sites"], sudo=True)
    for item in json.loads(said.stdout)["nftables"]:
        if "counter" in item:
            return int(item["counter"]["packets"])
    return 0


def _answered(scene: Scene, session: Session, addresses: list[str]) -> dict[str, str]:
    found = scene.script(session, _source("reach.py"), {"addresses": addresses}, 60).get("answered")
    return {str(address): str(how) for address, how in found.items()} if isinstance(found, dict) else {}


def _source(name: str) -> str:
    return files("dure.runs.verify").joinpath(name).read_text()


def _strings(value: object) -> list[str]:
    return [str(one) for one in value] if isinstance(value, list) else []
