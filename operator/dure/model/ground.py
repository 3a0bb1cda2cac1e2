"""What operator.yaml says to the rules between keys, read from plain data: a fault elsewhere hides none of them."""

import ipaddress
from collections.abc import Iterator
from dataclasses import dataclass

from pydantic import JsonValue

from dure.model.fields import PRIVATE_NETWORKS
from dure.model.msp import DEFAULT_NETWORK_POOL, DEFAULT_POOL, DEFAULT_TIMEZONE


@dataclass(frozen=True, slots=True)
class Ground:
    """Engineers and ports with their index in the file; `pool` is None when it cannot be one."""

    engineers: tuple[tuple[int, str], ...] = ()
    keys: tuple[tuple[int, int, str], ...] = ()
    """Index of the engineer, index of the key, the key without its comment."""
    hub_ports: tuple[tuple[int, int], ...] = ()
    hub_address: str | None = None
    """None when it is a host name, or cannot be read."""
    pool: str | None = None
    written_pool: str | None = None
    timezone: str = DEFAULT_TIMEZONE
    landing_zone: bool = False
    vpn_gateway: bool = False
    """The landing zone has a gateway for sites with `vpn: aws`."""
    network_index: int | None = None
    """The landing zone's own block of the network pool."""
    network_pool: str = DEFAULT_NETWORK_POOL
    rated: bool = False
    """There is a rate by which US dollars become won."""

    def logins(self) -> frozenset[str]:
        return frozenset(one for _, one in self.engineers)


def ground_of(data: JsonValue) -> Ground:
    """From operator.yaml's data, whatever it is."""
    if not isinstance(data, dict):
        return Ground()
    hub = data.get("hub")
    ports = hub.get("ports") if isinstance(hub, dict) else None
    engineers = data.get("engineers")
    ids: list[tuple[int, str]] = []
    keys: list[tuple[int, int, str]] = []
    for index, one in enumerate(engineers if isinstance(engineers, list) else []):
        name = one.get("id") if isinstance(one, dict) else None
        if isinstance(name, str):
            ids.append((index, name))
        keys += _keys(index, one)
    written = _network(data.get("overlay_pool", DEFAULT_POOL))
    zone = data.get("landing_zone")
    shared: dict[str, JsonValue] = zone if isinstance(zone, dict) else {}
    block = shared.get("network_index", 0)
    timezone = data.get("timezone", DEFAULT_TIMEZONE)
    return Ground(
        engineers=tuple(ids),
        keys=tuple(keys),
        hub_ports=tuple(_ports(ports)),
        hub_address=_address(hub.get("address")) if isinstance(hub, dict) else None,
        pool=written if written is not None and pool_fits(written) else None,
        written_pool=written,
        timezone=timezone if isinstance(timezone, str) else DEFAULT_TIMEZONE,
        landing_zone=isinstance(zone, dict),
        vpn_gateway=shared.get("vpn_gateway") is True,
        network_index=block if isinstance(block, int) and isinstance(zone, dict) else None,
        network_pool=_cloud_pool(shared.get("network_pool")),
        rated=data.get("cost") is not None,
    )


def _keys(index: int, engineer: JsonValue) -> Iterator[tuple[int, int, str]]:
    lines = engineer.get("ssh_keys") if isinstance(engineer, dict) else None
    for place, line in enumerate(lines if isinstance(lines, list) else []):
        if isinstance(line, str) and len(line.split()) > 1:
            yield index, place, line.split()[1]


def _ports(ports: JsonValue) -> Iterator[tuple[int, int]]:
    for index, one in enumerate(ports if isinstance(ports, list) else []):
        if isinstance(one, int) and not isinstance(one, bool):
            yield index, one


def _address(value: JsonValue) -> str | None:
    try:
        return str(ipaddress.IPv4Address(value)) if isinstance(value, str) else None
    except ValueError:
        return None


def _network(value: JsonValue) -> str | None:
    try:
        return str(ipaddress.IPv4Network(value)) if isinstance(value, str) else None
    except ValueError:
        return None


def _cloud_pool(value: JsonValue) -> str:
    pool = _network(value)
    return pool if pool is not None and ipaddress.IPv4Network(pool).prefixlen <= 20 else DEFAULT_NETWORK_POOL


def pool_fits(pool: str) -> bool:
    """A private network that holds the hub's /24 and at least one more."""
    network = ipaddress.IPv4Network(pool)
    return network.prefixlen <= 23 and any(network.subnet_of(private) for private in PRIVATE_NETWORKS)
