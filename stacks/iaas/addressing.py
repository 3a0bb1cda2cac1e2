"""Which network each stack gets: pure arithmetic on CIDRs, the same answer for the same index, for ever.

Every stack with a network of its own (a landing zone, a silo) holds one block of the cloud pool, by an index that the
workspace allocates once. Blocks are all of one size, so that two indexes never overlap. A block that meets the overlay
is refused rather than moved: a moved network would replace everything in it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network

POOL = "10.128.0.0/9"
OVERLAY_POOL = "10.64.0.0/10"
"""Where operator.yaml has no other."""
BLOCK_PREFIX = 20
"""4,096 addresses a block: 2,048 blocks in the pool, four subnets of 1,019 usable addresses each."""
SMALLEST_PREFIX = 26
"""AWS takes no subnet smaller than /28, and a network is cut in four (Amazon VPC User Guide, "Subnet sizing")."""
LARGEST_PREFIX = 16
"""AWS takes no VPC larger than /16."""
FIRST_INSIDE, LAST_INSIDE = IPv4Network("169.254.6.0/30"), IPv4Network("169.254.168.252/30")
"""Below and above are networks that AWS keeps for itself (Site-to-Site VPN User Guide, "Tunnel options")."""


@dataclass(frozen=True, slots=True)
class Subnets:
    """The four quarters of a network: two zones, public and private."""

    public_a: str
    public_c: str
    private_a: str
    private_c: str


def network(cidr: str) -> IPv4Network:
    """The network of a CIDR; raises ValueError in one line for anything else, host bits included."""
    try:
        return IPv4Network(cidr)
    except ValueError as error:
        raise ValueError(f"{cidr!r} is no CIDR of a network ({error}); write it as 10.128.0.0/9") from error


def block(index: int, pool: str = POOL, avoid: Iterable[str] = (OVERLAY_POOL,)) -> str:
    """The CIDR of the block with this index, from 0.

    `avoid` are CIDRs that it must not meet: the overlay pool, as operator.yaml has it. `operator validate` keeps LANs
    apart. Raises ValueError for an index outside the pool, a pool that is too small, and a block that meets one.
    """
    whole = network(pool)
    if whole.prefixlen > BLOCK_PREFIX:
        raise ValueError(
            f"pool {pool} is too small: it holds no /{BLOCK_PREFIX}; give one of /{BLOCK_PREFIX} or larger"
        )
    count = 2 ** (BLOCK_PREFIX - whole.prefixlen)
    if not 0 <= index < count:
        raise ValueError(f"network_index {index} is outside pool {pool}; take one from 0 to {count - 1}")
    chosen = _block(whole, index)
    for other in avoid:
        if chosen.overlaps(network(other)):
            raise ValueError(
                f"block {index} of pool {pool} is {chosen}, which meets {other}; {_free(whole, index, count, avoid)}"
            )
    return str(chosen)


def _block(whole: IPv4Network, index: int) -> IPv4Network:
    return IPv4Network((int(whole.network_address) + index * 2 ** (32 - BLOCK_PREFIX), BLOCK_PREFIX))


def _free(whole: IPv4Network, index: int, count: int, avoid: Iterable[str]) -> str:
    """The mend: the nearest index above, wrapping round, whose block meets nothing."""
    others = [network(one) for one in avoid]
    for step in range(1, count):
        candidate = (index + step) % count
        if not any(_block(whole, candidate).overlaps(other) for other in others):
            return f"the next index that meets nothing is {candidate}"
    return "no block of this pool is free: give another network_pool"


def subnets(cidr: str) -> Subnets:
    """The four quarters of a network. Raises ValueError for one that AWS would not take or that is too small."""
    whole = network(cidr)
    if whole.prefixlen > SMALLEST_PREFIX:
        raise ValueError(
            f"network {cidr} is too small for two public and two private subnets;"
            f" give one of /{SMALLEST_PREFIX} or larger"
        )
    if whole.prefixlen < LARGEST_PREFIX:
        raise ValueError(f"network {cidr} is larger than /{LARGEST_PREFIX}, the largest that AWS takes")
    quarters = [str(one) for one in whole.subnets(prefixlen_diff=2)]
    return Subnets(*quarters)


def inside(overlay: str, pool: str = OVERLAY_POOL) -> tuple[str, str]:
    """The inside /30 of both VPN tunnels of the site with this overlay /24; no two sites of a pool share one.

    AWS wants them unique among the connections of a VPN gateway. Raises ValueError for an overlay outside the pool, and
    for one so far up in it that no /30 is left: two each are enough for the pool's first 5,216 networks of /24.
    """
    site, whole = network(overlay), network(pool)
    if site.prefixlen != 24 or not site.subnet_of(whole):
        raise ValueError(f"overlay {overlay} is no /24 of the overlay pool {pool}")
    index = (int(site.network_address) - int(whole.network_address)) // 256
    first = int(FIRST_INSIDE.network_address) + 8 * index
    if first + 4 > int(LAST_INSIDE.network_address):
        last = (int(LAST_INSIDE.network_address) - int(FIRST_INSIDE.network_address) - 4) // 8
        raise ValueError(
            f"overlay {overlay} is network {index} of its pool, and there are inside addresses for 0 to {last};"
            " give the site a lower one in allocations.yaml"
        )
    return f"{IPv4Address(first)}/30", f"{IPv4Address(first + 4)}/30"
