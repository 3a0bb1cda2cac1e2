"""Rules of what stands in the cloud: the landing zone that a tenant needs, and networks that no two stacks share.

A network in the cloud is the block of `network_pool` with the site's `network_index`. The number is written down in the
site's own file, so that it never moves; `operator validate` finds two that are the same, as after a merge.
"""

import ipaddress
from collections.abc import Callable, Iterator, Mapping
from datetime import date

from pydantic import JsonValue

from dure.model.blueprint import Blueprint
from dure.model.customer import Site
from dure.model.document import Document, Path_
from dure.model.entry import Entry
from dure.model.ground import Ground
from dure.model.problem import Problem

BLOCK_PREFIX = 20
"""As stacks/iaas/addressing.py has it."""
INDEX = "network_index"
LAST_DAY = "expires"
IMAGE = "image"
OWN_SERVICE = ("bridge", "silo")
"""Isolations whose tenants share no container."""
LONGEST_HOST = 63
"""Characters of one label (RFC 1035, 2.3.4)."""


def cloud_problems(
    site: Site, blueprint: Blueprint | None, ground: Ground, document: Document, path: Path_
) -> list[Problem]:
    """What one site needs of the rest of the workspace; `path` leads to the site."""
    if blueprint is None or blueprint.cloud is None:
        return []
    problems = []
    if blueprint.cloud.builds_on(blueprint.with_defaults(site.parameters)) and not ground.landing_zone:
        what, why = f"blueprint {blueprint.id} needs a landing zone", "operator.yaml has no `landing_zone:`"
        problems.append(document.problem((*path, "blueprint"), what, why, "add `landing_zone:` to operator.yaml"))
    day = site.parameters.get(LAST_DAY)
    if LAST_DAY in blueprint.parameters and isinstance(day, str) and not _is_day(day):
        what, why = f"{day} is no day", "the calendar has no such date"
        problems.append(document.problem((*path, "parameters", LAST_DAY), what, why, "write one such as 2027-01-31"))
    alone = site.parameters.get("isolation") == "silo"
    if alone and INDEX not in site.parameters:
        what, why = f'parameter "{INDEX}" is missing', "isolation silo has a network of its own"
        mend = f"add `{INDEX}:` with a number from 0 to {_last(ground.network_pool)} that no other site has"
        problems.append(document.problem((*path, "parameters"), what, why, mend))
    if not alone and INDEX in site.parameters and INDEX in blueprint.parameters:
        what, why = f'parameter "{INDEX}" is given in vain', "only isolation silo has a network of its own"
        problems.append(document.problem((*path, "parameters", INDEX), what, why, "remove it", key=True))
    return problems + _image_problems(site, blueprint, document, path)


def _image_problems(site: Site, blueprint: Blueprint, document: Document, path: Path_) -> list[Problem]:
    isolation = site.parameters.get("isolation")
    if isolation not in OWN_SERVICE or IMAGE not in blueprint.parameters or site.parameters.get(IMAGE):
        return []
    what, why = f'parameter "{IMAGE}" is missing', f"isolation {isolation} has a service of its own"
    mend = f"add `{IMAGE}:` with the container image of the customer's application, such as registry.example/erp:1.4"
    return [document.problem((*path, "parameters"), what, why, mend)]


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def host_of(customer: str, site: str, parameters: Mapping[str, JsonValue]) -> str:
    """The tenant's name right below the landing zone's domain."""
    return str(parameters.get("host") or f"{customer}-{site}")


def host_problems(entries: list[Entry], blueprint_of: Callable[[str], Blueprint | None]) -> list[Problem]:
    """Two tenants with one name: `a-b/c` and `a/b-c` are both a-b-c."""
    first: dict[str, str] = {}
    problems = []
    for entry in entries:
        for index, site in entry.sites:
            blueprint = blueprint_of(site.blueprint)
            if blueprint is None or "host" not in blueprint.parameters:
                continue
            path: Path_ = ("sites", index, "parameters", "host") if "host" in site.parameters else ("sites", index)
            host, own = host_of(entry.customer_id, site.id, site.parameters), f"{entry.customer_id}/{site.id}"
            other = first.setdefault(host, own)
            if other != own:
                mend = "write another `host:` under `parameters`"
                problems.append(entry.document.problem(path, f'host "{host}" stands twice', f"{other} has it", mend))
            elif len(host) > LONGEST_HOST:
                why = f"it has {len(host)} characters, and a name in DNS has at most {LONGEST_HOST}"
                mend = "write a shorter `host:` under `parameters`"
                problems.append(entry.document.problem(path, f'host "{host}" is too long', why, mend))
    return problems


def block(index: int, pool: str) -> ipaddress.IPv4Network | None:
    """The network of an index; None outside the pool."""
    whole = ipaddress.IPv4Network(pool)
    if not 0 <= index <= _last(pool):
        return None
    return ipaddress.IPv4Network((int(whole.network_address) + index * 2 ** (32 - BLOCK_PREFIX), BLOCK_PREFIX))


def _last(pool: str) -> int:
    bits = max(0, BLOCK_PREFIX - ipaddress.IPv4Network(pool).prefixlen)
    return (1 << bits) - 1


def pool_problems(ground: Ground, document: Document) -> list[Problem]:
    """The overlay and the networks in the cloud must be apart: a route leads to one of them."""
    if not ground.landing_zone or ground.pool is None:
        return []
    overlay, cloud = ipaddress.IPv4Network(ground.pool), ipaddress.IPv4Network(ground.network_pool)
    if not overlay.overlaps(cloud):
        return []
    what, why = f"overlay pool {overlay} cannot be used", f"it meets {cloud}, the network_pool of landing_zone"
    mend = "write another `overlay_pool`, or another `network_pool` under `landing_zone`"
    return [document.problem(("overlay_pool",), what, why, mend)]


def network_problems(entries: list[Entry], ground: Ground) -> list[Problem]:
    """Two stacks with one network, and networks outside the pool or over a customer's LAN."""
    holders = {ground.network_index: "landing_zone of operator.yaml"} if ground.network_index is not None else {}
    lans = list(_lans(entries))
    problems = _shared_network_problems(entries, ground)
    taken = {index for _, _, index in _indexes(entries)} | set(holders)
    for entry, path, index in _indexes(entries):
        document = entry.document
        free = next(one for one in range(1, len(taken) + 2) if one not in taken)
        network = block(index, ground.network_pool)
        if network is None:
            why = f"the pool {ground.network_pool} has the blocks 0 to {_last(ground.network_pool)}"
            problems.append(document.problem(path, f"{INDEX} {index} lies outside", why, f"write {free}"))
            continue
        holder = holders.setdefault(index, f"line {document.at(path)[0]} of {document.file}")
        if holder != f"line {document.at(path)[0]} of {document.file}":
            what, why = f"{INDEX} {index} stands twice", f"{holder} has it already"
            problems.append(document.problem(path, what, why, f"write {free}"))
        for site, lan in lans:
            if lan.overlaps(network):
                why = f"it meets {lan}, the LAN of {site}"
                problems.append(document.problem(path, f"{INDEX} {index} is {network}", why, f"write {free}"))
    return problems


def _shared_network_problems(entries: list[Entry], ground: Ground) -> list[Problem]:
    """LANs over the landing zone's own network; over a tenant's, the tenant's number is what is wrong."""
    if ground.network_index is None:
        return []
    shared = block(ground.network_index, ground.network_pool)
    problems = []
    for entry in entries:
        for place, site in entry.sites:
            if site.lan is None or shared is None or not ipaddress.IPv4Network(site.lan.cidr).overlaps(shared):
                continue
            path: Path_ = ("sites", place, "lan", "cidr")
            what, why = f"LAN {site.lan.cidr} cannot be reached", f"it meets {shared}, the network of the landing zone"
            mend = f"renumber the LAN, or write another `{INDEX}:` under `landing_zone` before it is applied"
            problems.append(entry.document.problem(path, what, why, mend))
    return problems


def _indexes(entries: list[Entry]) -> Iterator[tuple[Entry, Path_, int]]:
    for entry in entries:
        for place, site in entry.sites:
            index = site.parameters.get(INDEX)
            if isinstance(index, int) and not isinstance(index, bool):
                yield entry, ("sites", place, "parameters", INDEX), index


def _lans(entries: list[Entry]) -> Iterator[tuple[str, ipaddress.IPv4Network]]:
    for entry in entries:
        for _, site in entry.sites:
            if site.lan is not None:
                yield f"{entry.customer_id}/{site.id}", ipaddress.IPv4Network(site.lan.cidr)
