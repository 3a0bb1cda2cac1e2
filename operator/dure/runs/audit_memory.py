"""What the hub remembers of audit chains: each link's hash, once and for all, and which store a chain lies in."""

import hashlib
import socket
from dataclasses import dataclass
from pathlib import Path

from pydantic import JsonValue
from sqlalchemy import select

from dure.fleet.session import Session
from dure.runs.audit import chain_id
from dure.runs.context import Context
from dure.runs.remote_lease import ask
from dure.store.tables import Audit

AT_ONCE = 50
"""Links told with each run; the hub may have missed some while it could not be reached."""


@dataclass(frozen=True, slots=True)
class Chain:
    """A chain that the hub remembers: its last link, and who last wrote to it, on which machine, in which store."""

    id: str
    last: int
    engineer: str
    host: str
    machine: str
    store: str


@dataclass(frozen=True, slots=True)
class Memory:
    """`links`: number -> hash of this store's chain; `chains`: all chains that the hub ever heard of."""

    links: dict[int, str]
    chains: list[Chain]


def send_head(context: Context, hub: Session) -> str:
    """Have the hub remember the newest links; in words what does not fit to what it remembers, empty when all does.

    A link that it knows with another hash it keeps as it was. Raises DureError when it cannot be asked.
    """
    with context.store.transaction() as session:
        newest = list(session.scalars(select(Audit).order_by(Audit.number.desc()).limit(AT_ONCE)))[::-1]
    if not newest:
        return ""
    answer = _remember(context, hub, newest)
    known = int(str(answer["before"]))
    if known + 1 < newest[0].number:
        with context.store.transaction() as session:
            between = select(Audit).where(Audit.number > known, Audit.number < newest[0].number)
            missed = list(session.scalars(between.order_by(Audit.number)))
        _remember(context, hub, missed)
    last = newest[-1].number
    if known > last:
        return f"it remembers link {known}, and the last here is {last}"
    differing = answer["differing"]
    return f"it remembers another link {differing[0]}" if isinstance(differing, list) and differing else ""


def _remember(context: Context, hub: Session, links: list[Audit]) -> dict[str, JsonValue]:
    told: list[JsonValue] = [[link.number, link.hash] for link in links]
    return ask(hub, "hub", "remember", chain=chain_id(context.store), links=told, origin=origin(context))


def read_memory(context: Context, hub: Session) -> Memory:
    """All that the hub remembers. Raises DureError when it cannot be asked."""
    answer = ask(hub, "hub", "recall", chain=chain_id(context.store))
    links, chains = answer.get("links"), answer.get("chains")
    return Memory(
        {int(number): str(hashed) for number, hashed in links.items()} if isinstance(links, dict) else {},
        [_chain_of(one) for one in chains if isinstance(one, dict)] if isinstance(chains, list) else [],
    )


def _chain_of(told: dict[str, JsonValue]) -> Chain:
    words = {name: str(told.get(name, "")) for name in ("engineer", "host", "machine", "store")}
    return Chain(id=str(told["chain"]), last=int(str(told["last"])), **words)


def origin(context: Context) -> dict[str, JsonValue]:
    """Where this store's chain lies; the password of a database is left out."""
    return {
        "engineer": context.engineer,
        "host": socket.gethostname(),
        "machine": machine_id(),
        "store": place_of(context),
    }


def place_of(context: Context) -> str:
    return context.store.engine.url.render_as_string(hide_password=True)


def machine_id() -> str:
    """Names this machine without giving its id away (machine-id(5) asks for that); else by its host name."""
    try:
        known = Path("/etc/machine-id").read_bytes().strip()
    except OSError:
        known = b""
    return hashlib.sha256(b"dure-audit " + (known or socket.gethostname().encode())).hexdigest()[:16]
