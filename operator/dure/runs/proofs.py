"""Acceptance tables as they were kept."""

from pydantic import JsonValue
from sqlalchemy import select

from dure.store.database import Store
from dure.store.tables import Proof


def proofs_of(store: Store, run: str) -> list[Proof]:
    """The rows of one run's acceptance, in their order."""
    with store.transaction() as session:
        return list(session.scalars(select(Proof).where(Proof.run == run).order_by(Proof.position)))


def proof_json(row: Proof) -> dict[str, JsonValue]:
    """One row as `--json` shows it."""
    return {
        "name": row.name,
        "what": row.what,
        "expected": row.expected,
        "seen": row.seen,
        "ok": row.ok,
        "seconds": round(row.seconds, 2),
        "at": row.at.isoformat(timespec="seconds"),
    }
