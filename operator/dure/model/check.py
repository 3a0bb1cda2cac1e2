"""Rules between the keys of one file; each Problem stands at the key that breaks the rule."""

import ipaddress
import re
from collections.abc import Callable, Iterable
from zoneinfo import available_timezones

from dure.model.blueprint import Blueprint
from dure.model.cloud_keys import block, cloud_problems, pool_problems
from dure.model.customer import DhcpRange, Lan, Site
from dure.model.document import Document, Path_
from dure.model.entry import Entry
from dure.model.explain import nearest
from dure.model.fields import ID_PATTERN
from dure.model.ground import Ground
from dure.model.machine_keys import machine_problems
from dure.model.msp import DEFAULT_POOL, DEFAULT_TIMEZONE
from dure.model.problem import Problem
from dure.model.shares import share_problems
from dure.model.vpn_keys import VPN, vpn_problems


def duplicates(values: Iterable[str | int]) -> list[tuple[int, int]]:
    """(index, index of the first) of every value that stands a second time."""
    first: dict[str | int, int] = {}
    return [(index, first[value]) for index, value in enumerate(values) if first.setdefault(value, index) != index]


RESERVED_CUSTOMERS = {
    "operator": "the MSP's own secrets lie in secrets/operator.yaml",
    "hub": "the MSP's hub has that name wherever a site is named",
    "landing-zone": "the MSP's landing zone has that name wherever a site is named",
}


HUB_SERVICES = {22: "SSH", 53: "DNS", 68: "DHCP", 123: "NTP"}
"""Ports that the hub's own services have, and that networks on the way treat as theirs."""


def duplicate_ids(document: Document, key: str, what: str, ids: Iterable[tuple[int, str]]) -> list[Problem]:
    """`ids` are (index in the list under key, id)."""
    first: dict[str, int] = {}
    problems = []
    for index, one in ids:
        earlier = first.setdefault(one, index)
        if earlier != index:
            why = f"line {document.at((key, earlier, 'id'))[0]} has it already"
            mend = "give one of the two another id"
            problems.append(document.problem((key, index, "id"), f'{what} id "{one}" stands twice', why, mend))
    return problems


def _shared_keys(document: Document, ground: Ground) -> list[Problem]:
    """A key is one person's: with it under two names, one person could give the signatures of two."""
    first: dict[str, tuple[int, int]] = {}
    names = dict(ground.engineers)
    problems = []
    for index, place, key in ground.keys:
        earlier = first.setdefault(key, (index, place))
        if names.get(earlier[0], earlier[0]) != names.get(index, index):
            line = document.at(("engineers", earlier[0], "ssh_keys", earlier[1]))[0]
            what = f"a key of {names.get(index, 'an engineer')} is another engineer's too"
            why = (
                f"{names.get(earlier[0], 'another engineer')} has it at line {line}, and two approvals are two people's"
            )
            mend = "remove it from one of the two; a new key is made by `ssh-keygen -t ed25519`"
            problems.append(document.problem(("engineers", index, "ssh_keys", place), what, why, mend))
    return problems


def _hub_in_pool(address: str, pool: str, document: Document) -> list[Problem]:
    if ipaddress.IPv4Address(address) not in ipaddress.IPv4Network(pool):
        return []
    why = f"it lies in the overlay pool {pool}, which is reached through the hub's own tunnel"
    mend = "write the hub's public address, or change `overlay_pool`"
    return [document.problem(("hub", "address"), f"{address} cannot be dialled", why, mend)]


def operator_problems(ground: Ground, document: Document) -> list[Problem]:
    """What the fields of operator.yaml alone do not show."""
    problems = duplicate_ids(document, "engineers", "engineer", ground.engineers) + _shared_keys(document, ground)
    first: dict[int, int] = {}
    for index, port in ground.hub_ports:
        earlier = first.setdefault(port, index)
        if earlier != index:
            why = f"entry {earlier + 1} has it already"
            problems.append(
                document.problem(("hub", "ports", index), f"hub port {port} stands twice", why, "remove it")
            )
        if port in HUB_SERVICES:
            what, why = f"hub port {port} is taken", f"it is {HUB_SERVICES[port]}'s on the hub and on the way there"
            problems.append(document.problem(("hub", "ports", index), what, why, "write another, such as 51820"))
    if ground.pool is not None and ground.hub_address is not None:
        problems += _hub_in_pool(ground.hub_address, ground.pool, document)
    if ground.written_pool is not None and ground.pool is None:
        why = "it must be private and hold the hub's /24 and at least one more"
        what = f"{ground.written_pool} cannot be the overlay pool"
        problems.append(document.problem(("overlay_pool",), what, why, f"write {DEFAULT_POOL}"))
    problems += pool_problems(ground, document)
    if ground.network_index is not None and block(ground.network_index, ground.network_pool) is None:
        what, why = (
            f"network_index {ground.network_index} lies outside",
            f"{ground.network_pool} has fewer blocks of /20",
        )
        problems.append(document.problem(("landing_zone", "network_index"), what, why, "write 0"))
    zones = available_timezones()
    if ground.timezone not in zones:
        near = nearest(ground.timezone, zones) or DEFAULT_TIMEZONE
        what = f'"{ground.timezone}" is not a time zone'
        problems.append(document.problem(("timezone",), what, "the IANA database has no such name", f"write {near}"))
    return problems


BlueprintOf = Callable[[str], Blueprint | None]
"""Id -> the blueprint; None for one that no customer's site may follow."""


def customer_problems(entry: Entry, ground: Ground, blueprint_of: BlueprintOf) -> list[Problem]:
    """What the fields of a customer's file alone do not show; without a right pool the overlay is not looked at."""
    document = entry.document
    problems = duplicate_ids(document, "users", "user", ((index, one.id) for index, one in entry.users))
    problems += duplicate_ids(document, "sites", "site", ((index, one.id) for index, one in entry.sites))
    stem = document.file.rsplit("/", 1)[-1].rsplit(".", 1)[0]
    if entry.customer_id != stem:
        what = f'customer "{entry.customer_id}" stands in {document.file}'
        why = "a customer's file is named after its id, so that one site's command opens one file"
        mend = f"rename the file to customers/{entry.customer_id}.yaml"
        if re.fullmatch(ID_PATTERN, stem):
            mend = f"write `id: {stem}`, or {mend}"
        problems.append(document.problem(("id",), what, why, mend))
    if entry.customer_id in RESERVED_CUSTOMERS:
        what, why = f'customer id "{entry.customer_id}" is taken', RESERVED_CUSTOMERS[entry.customer_id]
        problems.append(document.problem(("id",), what, why, "write another id"))
    if not ground.rated and isinstance(document.data, dict) and document.data.get("budget_krw_month") is not None:
        what, why = "the budget cannot be judged", "operator.yaml has no `cost:` with a rate for won"
        mend = "add `cost: { usd_krw: 1385.5, rate_date: 2026-11-20 }` to operator.yaml, with the rate of today"
        problems.append(document.problem(("budget_krw_month",), what, why, mend))
    logins = ground.logins()
    for index, user in entry.users:
        if user.id in logins:
            why = "an engineer of operator.yaml has that login on every box"
            mend = f'write an id such as "{user.id}-1"'
            problems.append(document.problem(("users", index, "id"), f'user id "{user.id}" is taken', why, mend))
    for index, site in entry.sites:
        blueprint = blueprint_of(site.blueprint)
        problems += machine_problems(site, blueprint, document, ("sites", index))
        problems += cloud_problems(site, blueprint, ground, document, ("sites", index))
        if blueprint is not None and VPN in blueprint.parameters:
            problems += vpn_problems(site, ground, document, ("sites", index))
        if site.lan is not None and (blueprint is None or blueprint.roles):
            problems += site_problems(site, site.lan, document, ("sites", index), ground)
        problems += share_problems(site, document, ("sites", index))
    return problems


def site_problems(site: Site, own: Lan, document: Document, path: Path_, ground: Ground) -> list[Problem]:
    """Rules of a site's own network and its box in it."""
    lan = (*path, "lan")
    network = ipaddress.IPv4Network(own.cidr)
    problems = []
    if network.prefixlen < 24:
        why = "a site's overlay is a /24, mapped address by address"
        problems.append(
            document.problem(
                (*lan, "cidr"), f"LAN {network} is larger than /24", why, "write the /24 that the box serves"
            )
        )
    elif network.prefixlen > 30:
        problems.append(
            document.problem(
                (*lan, "cidr"),
                f"LAN {network} is too small",
                "it has no room for box and machines",
                "write a network of /24 to /30",
            )
        )
    if ground.hub_address is not None and ipaddress.IPv4Address(ground.hub_address) in network:
        why = f"the hub's address {ground.hub_address} lies in it, so the box would look for the hub on its own LAN"
        mend = "renumber the LAN, or write the hub's public address in operator.yaml"
        problems.append(document.problem((*lan, "cidr"), f"LAN {network} hides the hub", why, mend))
    pool = ground.pool
    if pool is not None and network.overlaps(ipaddress.IPv4Network(pool)):
        why = f"it meets the overlay pool {pool}, so the hub could not tell LAN from overlay"
        problems.append(
            document.problem(
                (*lan, "cidr"),
                f"LAN {network} cannot be reached",
                why,
                "renumber the LAN, or change `overlay_pool` in operator.yaml",
            )
        )
    problems += _lan_addresses(own, network, document, lan)
    problems += _topology_problems(site, own, document, path)
    if own.dhcp:
        problems += _dhcp_problems(own, own.dhcp, document, (*lan, "dhcp"))
    return problems


def _usable(address: str, network: ipaddress.IPv4Network) -> bool:
    one = ipaddress.IPv4Address(address)
    return one in network and one not in (network.network_address, network.broadcast_address)


def _lan_addresses(lan: Lan, network: ipaddress.IPv4Network, document: Document, path: Path_) -> list[Problem]:
    problems = []
    first, last = network.network_address + 1, network.broadcast_address - 1
    for key, address in (("address", lan.address), ("router", lan.router)):
        if address is not None and not _usable(address, network):
            why = f"the LAN {network} has the addresses {first} to {last}"
            problems.append(
                document.problem(
                    (*path, key), f"{key} {address} lies outside the LAN", why, f"write one of them, such as {first}"
                )
            )
    if lan.router is not None and lan.router == lan.address:
        problems.append(
            document.problem(
                (*path, "router"),
                f"router and box both have {lan.address}",
                "an address belongs to one machine",
                "write the router's own",
            )
        )
    return problems


def _topology_problems(site: Site, lan: Lan, document: Document, path: Path_) -> list[Problem]:
    problems = []
    if site.topology == "beside":
        if lan.router is None:
            why = "in `beside` the box reaches the internet by the router that is there"
            problems.append(
                document.problem((*path, "lan"), 'key "router" is missing', why, "add `router:` with its LAN address")
            )
        if lan.dhcp is not None:
            why = "in `beside` the router that is there gives out addresses"
            problems.append(
                document.problem(
                    (*path, "lan", "dhcp"), "the box may give out no addresses", why, "remove `dhcp`", key=True
                )
            )
        if site.interfaces.lan is not None:
            why = "in `beside` the box has one interface, the uplink"
            problems.append(
                document.problem(
                    (*path, "interfaces", "lan"), "the box has no LAN interface", why, "remove `lan`", key=True
                )
            )
        return problems
    if lan.router is not None:
        why = "in `gateway` the box is the router"
        problems.append(
            document.problem((*path, "lan", "router"), "the LAN has another router", why, "remove `router`", key=True)
        )
    if site.interfaces.lan is None:
        why = "in `gateway` the box needs an interface of its own for the LAN"
        problems.append(
            document.problem((*path, "interfaces"), 'key "lan" is missing', why, "add `lan:`, such as eth1")
        )
    elif site.interfaces.lan == site.interfaces.uplink:
        why = "uplink and LAN are two wires"
        problems.append(
            document.problem(
                (*path, "interfaces", "lan"), f"{site.interfaces.lan} stands twice", why, "write the other interface"
            )
        )
    return problems


def _dhcp_problems(lan: Lan, dhcp: DhcpRange, document: Document, path: Path_) -> list[Problem]:
    """`path` leads to the key dhcp."""
    network = ipaddress.IPv4Network(lan.cidr)
    problems = []
    for key, address in (("from", dhcp.from_), ("to", dhcp.to)):
        if not _usable(address, network):
            what, why = f"DHCP address {address} lies outside the LAN", f"the LAN is {network}"
            problems.append(document.problem((*path, key), what, why, "write an address of the LAN"))
    if problems:
        return problems
    start, end = ipaddress.IPv4Address(dhcp.from_), ipaddress.IPv4Address(dhcp.to)
    if start > end:
        what = f"the DHCP range {start} to {end} is empty"
        return [document.problem(path, what, "it ends before it starts", "swap the two")]
    if start <= ipaddress.IPv4Address(lan.address) <= end:
        what, why = f"the DHCP range {start} to {end} is not free", f"the box's own address {lan.address} lies in it"
        return [document.problem(path, what, why, "leave the box's address out of the range")]
    return []
