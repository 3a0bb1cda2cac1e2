"""Where enrolled machines were first met: `.dure/hosts.json` of this workstation, and the routes made from it."""

import json
from dataclasses import dataclass, replace
from pathlib import Path

from dure.errors import UsageError
from dure.fleet.route import Route
from dure.model.workspace import HUB
from dure.runs.context import Context

FIRST_USER = "dure"


@dataclass(frozen=True, slots=True)
class FirstWay:
    """The way to a machine before its tunnel stands (to the hub: the only way)."""

    address: str
    user: str = FIRST_USER
    port: int = 22


def remember(context: Context, site: str, way: FirstWay) -> None:
    """Keep the way for later commands of this workstation."""
    file = context.state / "hosts.json"
    known = _read(file)
    entry: dict[str, str | int] = {"address": way.address, "user": way.user, "port": way.port}
    if known.get(site) == entry:
        return
    known[site] = entry
    part = file.with_suffix(".part")
    part.write_text(json.dumps(known, indent=2, sort_keys=True) + "\n")
    part.replace(file)


def first_way(context: Context, site: str) -> FirstWay | None:
    """How the machine was enrolled from here; None when it was not."""
    entry = _read(context.state / "hosts.json").get(site)
    if entry is None:
        return None
    try:
        return FirstWay(str(entry["address"]), str(entry["user"]), int(entry["port"]))
    except (KeyError, TypeError, ValueError) as error:
        raise _unreadable(context.state / "hosts.json", error) from error


def hub_routes(context: Context) -> list[Route]:
    """The ways to the hub, likeliest first: as engineer, then as the user that it shipped with."""
    way = first_way(context, HUB) or FirstWay(context.operator.hub.address, context.engineer)
    route = Route(
        alias=HUB,
        address=way.address,
        user=context.engineer,
        known_hosts=context.known_hosts,
        port=way.port,
        key=context.settings.ssh_key,
        proxy_command=context.settings.proxy_command,
    )
    routes = [route, as_user(route, FIRST_USER)]
    return routes if way.user == context.engineer else routes[::-1]


def first_route(context: Context, site: str) -> Route | None:
    """The first way to a box; None when it was not enrolled from this workstation."""
    way = first_way(context, site)
    if way is None:
        return None
    return Route(
        alias=site,
        address=way.address,
        user=way.user,
        known_hosts=context.known_hosts,
        port=way.port,
        key=context.settings.ssh_key,
        proxy_command=context.settings.proxy_command,
    )


def tunnel_route(context: Context, site: str, overlay_address: str, hub: Route) -> Route:
    """The way to a box for all time after its tunnel stands: through the hub."""
    return Route(
        alias=site,
        address=overlay_address,
        user=context.engineer,
        known_hosts=context.known_hosts,
        key=context.settings.ssh_key,
        jump=hub,
    )


def as_user(route: Route, user: str) -> Route:
    return replace(route, user=user)


def _read(file: Path) -> dict[str, dict[str, str | int]]:
    if not file.exists():
        return {}
    try:
        known = json.loads(file.read_text())
    except (ValueError, OSError) as error:
        raise _unreadable(file, error) from error
    return known if isinstance(known, dict) else {}


def _unreadable(file: Path, error: Exception) -> UsageError:
    return UsageError(
        "the remembered addresses cannot be read",
        where=str(file),
        why=str(error),
        mend=f"rm {file}, then operator enrol the site again",
    )
