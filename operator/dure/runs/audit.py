"""The audit chain: who, what, when, where, why and the result; each link hashes the one before and is signed."""

import hashlib
import json
import secrets
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from pydantic import BaseModel
from sqlalchemy import select

from dure.errors import Cancelled, DureError
from dure.fleet.session import Session
from dure.runs.context import Context
from dure.runs.live import Live, Outcome
from dure.runs.remote_lease import ask
from dure.runs.signature import sign, verify, write_allowed_signers
from dure.store.database import Store
from dure.store.tables import Audit, Run, Setting

CHAIN = "audit-chain"
FIRST = "0" * 64


class Entry(BaseModel):
    """One link as it is hashed and signed."""

    chain: str
    number: int
    at: str
    who: str
    what: str
    where: str
    why: str
    result: str
    run: str
    plan: str
    commit: str
    previous: str

    def canonical(self) -> bytes:
        return json.dumps(self.model_dump(), sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


@dataclass(frozen=True, slots=True)
class Finding:
    """Something wrong with the chain; `number` 0 speaks of the chain as a whole."""

    number: int
    text: str


def chain_id(store: Store) -> str:
    """The id of this store's chain, made with the first link."""
    with store.transaction() as session:
        known = session.get(Setting, CHAIN)
        if known is None:
            known = Setting(name=CHAIN, value=secrets.token_hex(8))
            session.add(known)
        return known.value


def append(
    context: Context, *, what: str, where: str, why: str, result: str, run: str, plan: str, commit: str
) -> Entry:
    """Add one link; the same run with the same result is added once."""
    chain = chain_id(context.store)
    with context.store.transaction() as session:
        last = session.scalars(select(Audit).order_by(Audit.number.desc()).limit(1)).first()
        recent = session.scalars(select(Audit).order_by(Audit.number.desc()).limit(20))
        for row in recent:
            entry = Entry.model_validate_json(row.content)
            if (entry.run, entry.what, entry.where, entry.result) == (run, what, where, result):
                return entry
        entry = Entry(
            chain=chain,
            number=last.number + 1 if last else 1,
            at=datetime.now(UTC).isoformat(timespec="seconds"),
            who=context.engineer,
            what=what,
            where=where,
            why=why,
            result=result,
            run=run,
            plan=plan,
            commit=commit,
            previous=last.hash if last else FIRST,
        )
        content = entry.canonical()
        session.add(
            Audit(number=entry.number, content=content.decode(), hash=digest(content), signature=sign(context, content))
        )
    return entry


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def send_head(store: Store, hub: Session) -> None:
    """Have the hub remember how far the chain reaches; it never goes back."""
    with store.transaction() as session:
        last = session.scalars(select(Audit).order_by(Audit.number.desc()).limit(1)).first()
    if last is not None:
        ask(hub, "hub", "head", chain=chain_id(store), head={"number": last.number, "hash": last.hash})


def read_head(store: Store, hub: Session) -> tuple[int, str]:
    """Number and hash of the head as the hub remembers it; (0, "") when it never heard of this chain."""
    head = ask(hub, "hub", "head", chain=chain_id(store)).get("head")
    if not isinstance(head, dict) or "number" not in head:
        return 0, ""
    return int(str(head["number"])), str(head["hash"])


def entries(store: Store) -> list[Entry]:
    """All links, oldest first; for showing. A link that cannot be read is left to `findings`."""
    with store.transaction() as session:
        rows = list(session.scalars(select(Audit).order_by(Audit.number)))
    shown = []
    for row in rows:
        try:
            shown.append(Entry.model_validate_json(row.content))
        except ValueError:
            continue
    return shown


def findings(context: Context, head: tuple[int, str] | None) -> tuple[int, list[Finding]]:
    """How many links there are, and everything wrong with them; `head` is what the hub remembers."""
    with context.store.transaction() as session:
        rows = list(session.scalars(select(Audit).order_by(Audit.number)))
    found: list[Finding] = []
    previous = FIRST
    with tempfile.TemporaryDirectory(prefix="dure-audit-") as scratch:
        signers = Path(scratch) / "allowed_signers"
        write_allowed_signers(context.operator, signers)
        for expected, row in enumerate(rows, start=1):
            found += _examine(row, expected, previous, signers)
            previous = row.hash
    if head is not None:
        found += _examine_head(rows, head)
    return len(rows), found


def _examine(row: Audit, expected: int, previous: str, signers: Path) -> list[Finding]:
    number = row.number
    if number != expected:
        return [Finding(number, f"link {expected} is missing before link {number}")]
    content = row.content.encode()
    try:
        entry = Entry.model_validate_json(content)
    except ValueError:
        return [Finding(number, "cannot be read")]
    found = []
    if digest(content) != row.hash or entry.number != number:
        found.append(Finding(number, "was changed: it does not match its hash"))
    if entry.previous != previous:
        found.append(Finding(number, "does not follow the link before it"))
    if not verify(signers, entry.who, content, row.signature):
        found.append(Finding(number, f"is not signed by {entry.who} with a key of operator.yaml"))
    return found


def _examine_head(rows: list[Audit], head: tuple[int, str]) -> list[Finding]:
    number, hashed = head
    if number > len(rows):
        return [Finding(0, f"the end is cut off: the hub remembers link {number}, the last here is {len(rows)}")]
    if number and rows[number - 1].hash != hashed:
        return [Finding(number, "is not the link that the hub remembers")]
    return []


# -- at the end of a run ---------------------------------------------------------------------------------------------


def close_run(live: Live) -> Outcome:
    """The run's link of success; the last step."""
    entry = _append_result(live, "done")
    send_head(live.context.store, live.hub())
    return Outcome(f"link {entry.number}, signed by {entry.who}; the hub remembers it")


def close_failed_run(live: Live, error: DureError) -> None:
    """The link of a run that failed or was cancelled; the hub hears of it when it can be reached."""
    verb = "cancelled" if isinstance(error, Cancelled) else "failed"
    _append_result(live, f"{verb}: {error.line()}")
    if live.hub_route is not None:
        send_head(live.context.store, live.hub())


def _append_result(live: Live, result: str) -> Entry:
    with live.context.store.transaction() as session:
        plan = session.get_one(Run, live.run).plan_digest
    return append(
        live.context,
        what="provision",
        where=live.site,
        why=live.request.reason,
        result=result,
        run=live.run,
        plan=plan,
        commit=live.request.commit,
    )
