"""The audit chain: who, what, when, where, why and the result; each link hashes the one before and is signed."""

import hashlib
import json
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime

from pydantic import BaseModel
from sqlalchemy import select
from sqlalchemy.orm import Session

from dure.runs.context import Context
from dure.runs.signature import sign
from dure.store.database import Store
from dure.store.tables import Audit, Setting

CHAIN = "audit-chain"
FIRST = "0" * 64
ALONE = "audit"
"""One link at a time, also where two workstations share a store: each follows the one before it."""


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
    acts: dict[str, str] = {}
    """What the run froze of closed months: "customer/act" -> how its digest begins; see dure.runs.promise.sealing."""

    def canonical(self) -> bytes:
        said = self.model_dump(exclude=set() if self.acts else {"acts"})  # other links stay as they always were
        return json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def chain_id(store: Store) -> str:
    """The id of this store's chain, made when it is first asked for."""
    with store.transaction(alone=ALONE) as session:
        return _chain(session)


def _chain(session: Session) -> str:
    known = session.get(Setting, CHAIN)
    if known is None:
        known = Setting(name=CHAIN, value=secrets.token_hex(8))
        session.add(known)
    return known.value


def moment() -> datetime:
    """When a link is made."""
    return datetime.now(UTC)


def append(
    context: Context,
    *,
    what: str,
    where: str,
    why: str,
    result: str,
    run: str,
    plan: str,
    commit: str,
    acts: Mapping[str, str] | None = None,
) -> Entry:
    """Add one link; the same run with the same result is added once."""
    with context.store.transaction(alone=ALONE) as session:
        recent = list(session.scalars(select(Audit).order_by(Audit.number.desc()).limit(20)))
        for row in recent:
            entry = Entry.model_validate_json(row.content)
            if (entry.run, entry.what, entry.where, entry.result) == (run, what, where, result):
                return entry
        entry = Entry(
            chain=_chain(session),
            number=recent[0].number + 1 if recent else 1,
            at=moment().isoformat(timespec="seconds"),
            who=context.engineer,
            what=what,
            where=where,
            why=why,
            result=result,
            run=run,
            plan=plan,
            commit=commit,
            previous=recent[0].hash if recent else FIRST,
            acts=dict(acts or {}),
        )
        content = entry.canonical()
        session.add(
            Audit(number=entry.number, content=content.decode(), hash=digest(content), signature=sign(context, content))
        )
    return entry


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def rows(store: Store) -> list[Audit]:
    """All links as they are stored, oldest first."""
    with store.transaction() as session:
        return list(session.scalars(select(Audit).order_by(Audit.number)))


def entries(store: Store) -> list[Entry]:
    """All links, oldest first; for showing. A link that cannot be read is left to `findings`."""
    shown = []
    for row in rows(store):
        try:
            shown.append(Entry.model_validate_json(row.content))
        except ValueError:
            continue
    return shown
