"""Overlay arithmetic and allocation: each site has a /24 of the pool, mapped address by address to its LAN."""

import ipaddress
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path

from dure.errors import Refused, UsageError
from dure.model.allocations import FILE, HEADER, Allocation, Allocations, conflicts, hub_overlay, read_allocations
from dure.model.local import state_directory
from dure.model.problem import WorkspaceInvalid
from dure.model.text import printable
from dure.model.workspace import OWN_SITES, SiteFiles, in_workspace, load_operator, load_site
from dure.model.writing import one_writer, replace_file
from dure.plan.value import Overlay


def hub_address(pool: str) -> str:
    """The hub's own overlay address: the first of the pool, such as 10.64.0.1."""
    return str(ipaddress.IPv4Network(hub_overlay(pool)).network_address + 1)


def next_free(pool: str, allocations: Allocations) -> str:
    """The lowest /24 of the pool that no site has or had; a released one only when there is no other.

    Raises UsageError when the pool is used up.
    """
    used = allocations.in_use() | {hub_overlay(pool)}
    released = allocations.released() - used
    fallback = ""
    for network in ipaddress.IPv4Network(pool).subnets(new_prefix=24):
        cidr = str(network)
        if cidr in used:
            continue
        if cidr not in released:
            return cidr
        fallback = fallback or cidr
    if fallback:
        return fallback
    raise UsageError(
        f"the overlay pool {pool} is used up",
        why=f"{len(used)} networks of /24 are allocated",
        mend="release retired sites with `operator allocate --release SITE`, or widen `overlay_pool` in operator.yaml",
    )


def mapped(address: str, lan: str, overlay: str) -> str:
    """The overlay address of a LAN address: the same place in the other network."""
    offset = int(ipaddress.IPv4Address(address)) - int(ipaddress.IPv4Network(lan).network_address)
    return str(ipaddress.IPv4Network(overlay).network_address + offset)


def mapped_network(lan: str, overlay: str) -> str:
    """The part of the overlay that the LAN is mapped to: as long a prefix as the LAN has."""
    length = ipaddress.IPv4Network(lan).prefixlen
    return f"{ipaddress.IPv4Network(overlay).network_address}/{length}"


def overlay_of(site_id: str, lan: str, lan_address: str, pool: str, allocations: Allocations) -> Overlay:
    """The site's overlay as allocated, else the one that would be; pure."""
    known = allocations.of(site_id)
    cidr = known or next_free(pool, allocations)
    return Overlay(cidr=cidr, address=mapped(lan_address, lan, cidr), allocated=known is not None)


def locked(root: Path) -> AbstractContextManager[None]:
    """One allocation at a time on this workstation."""
    return one_writer(state_directory(root) / "allocations.lock")


def render(allocations: Allocations) -> str:
    """The file's text: sorted by site, so that two branches that add lines merge."""
    rows = sorted(allocations.lines, key=lambda one: (one.site, one.released, one.cidr))
    head = "".join(f"{line}\n" for line in allocations.comments) or HEADER
    return head + "".join(f"{one.site}: {one.cidr}{'  # released' if one.released else ''}\n" for one in rows)


def _write(root: Path, allocations: Allocations) -> None:
    replace_file(root / FILE, render(allocations).encode())


def _read(root: Path) -> Allocations:
    allocations, problems = read_allocations(root)
    if problems:
        raise WorkspaceInvalid(problems)
    return allocations


def with_line(allocations: Allocations, site_id: str, cidr: str) -> Allocations:
    """The site's line is added; a released line of the same /24 goes, since it is in use again."""
    kept = tuple(one for one in allocations.lines if not (one.released and one.cidr == cidr))
    return replace(allocations, lines=(*kept, Allocation(site_id, cidr, released=False, line=0)))


def proposed(files: SiteFiles) -> Overlay:
    """The site's overlay as allocated, else the one that would be. Raises UsageError for the hub."""
    if files.site is None:
        raise _hub_needs_none()
    lan = files.site.lan
    if lan is None:
        why, mend = f"blueprint {files.site.blueprint} has no machine", "name a site with a box"
        raise UsageError(f"{files.site_id} needs no allocation", why=why, mend=mend)
    return overlay_of(files.site_id, lan.cidr, lan.address, files.operator.overlay_pool, files.allocations)


def _hub_needs_none() -> UsageError:
    why, mend = "the first /24 of the pool is its own", "name a site, customer/site"
    return UsageError("the hub needs no allocation", why=why, mend=mend)


def _allocated(allocations: Allocations, site_id: str) -> str:
    """The site's /24. Raises UsageError when it has none."""
    if site_id in OWN_SITES:
        raise _hub_needs_none()
    cidr = allocations.of(site_id)
    if cidr is None:
        what = f"{printable(site_id)} has no allocation"
        raise UsageError(what, why=f"{FILE} has no line of it", mend=f"look at {FILE}, or `operator allocate SITE`")
    return cidr


def allocate(root: Path, site_id: str) -> Overlay:
    """Give the site its /24 and write it down; the same answer ever after. Raises WorkspaceInvalid, UsageError."""
    with locked(root):
        files = load_site(root, site_id)
        overlay = proposed(files)
        if not overlay.allocated:
            _write(root, with_line(files.allocations, site_id, overlay.cidr))
    return overlay.model_copy(update={"allocated": True})


def mend(root: Path, site_id: str) -> str:
    """Take the site's conflicting or foreign /24 from it and give it a free one; the new /24."""
    pool = load_operator(root).overlay_pool
    with locked(root):
        allocations = _read(root)
        if not conflicts(allocations, pool, only=site_id):
            return _allocated(allocations, site_id)
        kept = tuple(one for one in allocations.lines if one.site != site_id or one.released)
        others = replace(allocations, lines=kept)
        mine = [one.cidr for one in allocations.lines if one.site == site_id and not one.released]
        usable = [cidr for cidr in mine if _usable(cidr, pool, others)]
        cidr = usable[0] if usable else next_free(pool, others)
        _write(root, with_line(others, site_id, cidr))
    return cidr


def _usable(cidr: str, pool: str, others: Allocations) -> bool:
    inside = ipaddress.IPv4Network(cidr).subnet_of(ipaddress.IPv4Network(pool))
    return inside and cidr != hub_overlay(pool) and cidr not in others.in_use()


def release(root: Path, site_id: str) -> str:
    """Mark the allocation of a retired site as released; the /24.

    Raises UsageError when the site has none, Refused while the site stands in its customer's file.
    """
    with locked(root):
        allocations = _read(root)
        cidr = _allocated(allocations, site_id)
        if in_workspace(root, site_id):
            raise Refused(
                f"{site_id} keeps {cidr}",
                where=f"customers/{site_id.partition('/')[0]}.yaml",
                why="the site stands there, and its box may still use the network",
                mend="remove the site there first",
            )
        lines = [
            Allocation(one.site, one.cidr, released=True, line=one.line) if one.site == site_id else one
            for one in allocations.lines
        ]
        _write(root, replace(allocations, lines=tuple(lines)))
    return cidr
