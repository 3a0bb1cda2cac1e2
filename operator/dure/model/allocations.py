"""allocations.yaml: which overlay /24 a site has, one line an allocation, so that git merges it line by line.

The file is YAML, yet read line by line: 10,000 lines cost 10 ms so, and each keeps its line number. The line of
a released allocation stays with the word `released` and is given out again only when the pool has no other.
"""

import ipaddress
import re
from dataclasses import dataclass
from pathlib import Path

from dure.model.problem import Problem
from dure.model.text import MAX_BYTES, absent, clean, read_bytes

FILE = "allocations.yaml"
HEADER = (
    "# 사이트마다 하나뿐인 오버레이 /24. `operator allocate` 가 씁니다.\n"
    "# (The sites' overlay /24s, written by `operator allocate`.)\n"
)
LINE = re.compile(r"([a-z0-9-]+/[a-z0-9-]+): (\d{1,3})\.(\d{1,3})\.(\d{1,3})\.0/24( *# released)?\s*")
# A workspace of 10,000 sites has 0.5 MB here; the file alone may grow past the limit of others.
ALLOCATIONS_MAX_BYTES = 4 * MAX_BYTES


@dataclass(frozen=True, slots=True)
class Allocation:
    site: str
    cidr: str
    released: bool
    line: int


@dataclass(frozen=True, slots=True)
class Allocations:
    """All lines of the file, in its order."""

    lines: tuple[Allocation, ...] = ()
    comments: tuple[str, ...] = ()
    """Comment lines that people wrote; they go to the top when the file is written."""

    def of(self, site: str) -> str | None:
        """The /24 of a site; None when it has none."""
        return next((one.cidr for one in self.lines if one.site == site and not one.released), None)

    def in_use(self) -> frozenset[str]:
        return frozenset(one.cidr for one in self.lines if not one.released)

    def released(self) -> frozenset[str]:
        return frozenset(one.cidr for one in self.lines if one.released)


def hub_overlay(pool: str) -> str:
    """The first /24 of the pool: the hub's own."""
    network = ipaddress.IPv4Network(pool)
    return str(next(network.subnets(new_prefix=24))) if network.prefixlen < 24 else str(network)


def read_allocations(root: Path) -> tuple[Allocations, list[Problem]]:
    """The file's lines and what is wrong with their form; nothing when the file is absent."""
    file = root / FILE
    if absent(file):
        return Allocations(), []
    raw = read_bytes(FILE, file, ALLOCATIONS_MAX_BYTES, root)
    return (Allocations(), [raw]) if isinstance(raw, Problem) else parse_allocations(raw)


def parse_allocations(raw: bytes) -> tuple[Allocations, list[Problem]]:
    text = clean(FILE, raw, ALLOCATIONS_MAX_BYTES)
    if text.content is None:
        return Allocations(), text.problems
    lines: list[Allocation] = []
    comments: dict[str, None] = {}
    problems = list(text.problems)
    for number, line in enumerate(text.content.splitlines(), 1):
        if line.lstrip().startswith("#"):
            comments[line] = None
            continue
        if not line.strip() or line.strip() in ("---", "{}"):
            continue
        match = LINE.fullmatch(line)
        if not match or any(int(part) > 255 for part in match.group(2, 3, 4)):
            why = "a line is `customer/site: a.b.c.0/24`"
            mend = "restore the line from git, or remove it and run `operator allocate SITE`"
            problems.append(Problem(FILE, number, 1, f'"{line.strip()[:60]}" is not an allocation', why, mend))
            continue
        cidr = f"{int(match[2])}.{int(match[3])}.{int(match[4])}.0/24"
        lines.append(Allocation(match[1], cidr, bool(match[5]), number))
    return Allocations(tuple(lines), tuple(comments)), problems


def conflicts(allocations: Allocations, pool: str, only: str | None = None) -> list[Problem]:
    """Sites that share a /24, sites with two, and /24s outside the pool; `only` asks about one site."""
    network, reserved = ipaddress.IPv4Network(pool), hub_overlay(pool)
    by_cidr: dict[str, Allocation] = {}
    by_site: dict[str, Allocation] = {}
    problems = []
    for one in allocations.lines:
        if one.released:
            continue
        other, again = by_cidr.setdefault(one.cidr, one), by_site.setdefault(one.site, one)
        if only is not None and only not in (one.site, other.site):
            continue
        found = _taken(one, other, again) or _misplaced(one, network, reserved)
        if found is not None:
            problems.append(Problem(FILE, one.line, 1, *found, f"operator allocate --mend {one.site}"))
    return problems


def _taken(one: Allocation, other: Allocation, again: Allocation) -> tuple[str, str] | None:
    """What and why, where an earlier line has the same site (`again`) or the same /24 (`other`)."""
    if again is not one:
        why = f"line {again.line} gives it {again.cidr}; two branches allocated it and were merged"
        return f"{one.site} is allocated twice", why
    if other is not one:
        why = f"line {other.line} gives it to {other.site}; two branches took the same and were merged"
        return f"{one.site} has {one.cidr} too", why
    return None


def _misplaced(one: Allocation, network: ipaddress.IPv4Network, reserved: str) -> tuple[str, str] | None:
    """What and why, where no site may have the /24."""
    what = f"{one.site} has {one.cidr}"
    if one.cidr == reserved:
        return what, "the hub has that network"
    return None if _within(one.cidr, network) else (what, f"it lies outside the overlay pool {network}")


def _within(cidr: str, network: ipaddress.IPv4Network) -> bool:
    """Faster than subnet_of for 10,000 lines: both are aligned, so the first address decides."""
    first, second, third, _ = cidr.split("/")[0].split(".")
    address = (int(first) << 24) | (int(second) << 16) | (int(third) << 8)
    return address & int(network.netmask) == int(network.network_address)
