"""Locks and leases of a dead process: shown with owner, host, process and expiry, then cleared; the living stay."""

from dataclasses import asdict, dataclass
from datetime import UTC, datetime

from pydantic import JsonValue

from dure.cloud.backend import Backend, Lock
from dure.errors import Refused, UsageError
from dure.runs.act import act
from dure.runs.context import Context
from dure.runs.holder import from_json, is_dead
from dure.runs.stacks import lease
from dure.runs.stacks.fleet import stack_name
from dure.store.tables import StackLease


@dataclass(frozen=True, slots=True)
class Held:
    """One lock or lease; `alive` is None where nobody here can know.

    `kind`: engine (a lock in the state backend, which names no expiry) or lease (ours, in the store).
    """

    kind: str
    owner: str
    host: str
    process: int
    since: str
    expires: str
    alive: bool | None

    def line(self) -> str:
        state = {True: "alive", False: "dead", None: "on another host, not known"}[self.alive]
        until = f", expires {self.expires}" if self.expires else ""
        return f"{self.kind}: {self.owner} on {self.host}, process {self.process}, since {self.since}{until}: {state}"

    def as_json(self) -> dict[str, JsonValue]:
        return dict(asdict(self))


def unlock(context: Context, site: str, *, check: bool, force: bool, reason: str) -> list[Held]:
    """Clear what is dead; what was found. Raises Refused, naming the holder, while one lives or may live.

    `force` clears also what may live on another host, for a person who knows that it does not.
    """
    if force and not reason:
        raise UsageError("--force needs a reason", mend='give --reason "…"; it is kept in the audit log')
    backend = Backend(context.workspace, context.settings)
    leases = lease.leases(context.store, [site])
    locks = [one for one in backend.locks() if one.stack == stack_name(site)]
    found = [_of_lease(row) for row in leases] + [_of_engine(lock, leases) for lock in locks]
    for held in found:
        if held.alive or (held.alive is None and not force):
            waits = f"it ends by itself at {held.expires}" if held.expires else "wait for it to end"
            mend = waits if held.alive else f'{waits}; or, when you know that it is dead: --force --reason "…"'
            raise Refused(f"{site} is being worked on", why=held.line(), mend=mend)
    if check or not found:
        return found
    words = "; ".join(one.line() for one in found)
    with act(context, "stacks unlock", site, reason, words, tells_hub=False) as deed:
        for lock in locks:
            backend.remove(lock)
        lease.drop(context.store, site)
        deed.result = f"cleared: {words}"
    return found


def _of_lease(row: StackLease) -> Held:
    """Over when its time is, whatever its process does: who lives renews it."""
    holder = from_json(row.holder)
    over = row.expires <= datetime.now(UTC)
    return Held(
        kind="lease",
        owner=holder.owner if holder else "",
        host=holder.host if holder else "",
        process=holder.pid if holder else 0,
        since=row.since.isoformat(timespec="seconds"),
        expires=row.expires.isoformat(timespec="seconds"),
        alive=not (over or holder is None or is_dead(holder)),
    )


def _of_engine(lock: Lock, leases: list[StackLease]) -> Held:
    """Of this host: judged by its process. Of another: by the lease that its operator would have to keep up there."""
    holder = lock.holder
    alive: bool | None = not holder.dead
    if not holder.here:
        own = [_of_lease(row) for row in leases]
        told = [one.alive for one in own if one.host == holder.host]
        alive = any(told) if told else None
    return Held("engine", holder.user, holder.host, holder.pid, holder.at, "", alive)
