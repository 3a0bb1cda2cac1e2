"""Verify the audit chain: by itself, against what the hub remembers of it, and whether whole chains are gone."""

import contextlib
import sqlite3
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from pydantic import JsonValue
from sqlalchemy.engine import make_url

from dure.errors import DureError, UsageError
from dure.fleet.session import Session
from dure.model import Operator
from dure.runs.act import Unfinished, unfinished
from dure.runs.addresses import hub_routes
from dure.runs.audit import CHAIN, FIRST, Entry, append, chain_id, digest, entries, rows
from dure.runs.audit_memory import Chain, Memory, machine_id, place_of, read_memory
from dure.runs.context import Context
from dure.runs.promise.sealing import link_faults
from dure.runs.signature import verify, write_allowed_signers
from dure.store.tables import Audit

ACCEPTED = "audit accept"


@dataclass(frozen=True, slots=True)
class Finding:
    """Something wrong with the chain; `number` 0 speaks of the chain as a whole."""

    number: int
    text: str
    kind: str = "broken"
    """`unfinished`: the chain is whole, and an act that it has as begun has no end in it."""

    def as_json(self) -> JsonValue:
        return {"number": self.number, "text": self.text, "kind": self.kind}


def verify_chain(context: Context, *, ask_hub: bool) -> tuple[int, list[Finding]]:
    """How many links there are, and what is wrong. Raises DureError when the hub cannot be asked."""
    return findings(context, _ask_hub(context) if ask_hub else None)


def _ask_hub(context: Context) -> Memory:
    try:
        with Session(hub_routes(context)[0]) as session:
            return read_memory(context, session)
    except DureError as error:
        raise DureError(
            "the hub cannot be asked how far the chain reaches",
            where=error.where,
            why=error.why or error.what,
            mend=(f"{error.mend}; " if error.mend else "") + "operator audit verify --offline looks at the rest",
        ) from error


def findings(context: Context, memory: Memory | None) -> tuple[int, list[Finding]]:
    """How many links there are, and everything wrong with them; without `memory` a cut-off end stays unseen."""
    links = rows(context.store)
    found: list[Finding] = []
    previous = FIRST
    with tempfile.TemporaryDirectory(prefix="dure-audit-") as scratch:
        signers = Path(scratch) / "allowed_signers"
        write_allowed_signers(context.operator, signers)
        latest = 0
        for expected, row in enumerate(links, start=1):
            found += _examine(row, expected, previous, signers)
            previous, latest = row.hash, max(latest, _moment(row))
            found += _departed(context.operator, row, latest)
    found += _frozen(context)
    if memory is not None:
        found += _compare(links, memory.links)
        found += [_gone(chain) for chain in lost_chains(context, memory)]
    found += [_without_end(one) for one in unfinished(context.store, entries(context.store))]
    return len(links), found


def altered_links(context: Context, links: Sequence[Audit]) -> dict[int, str]:
    """Number -> what is wrong with a link by itself: its hash or its signature."""
    with tempfile.TemporaryDirectory(prefix="dure-audit-") as scratch:
        signers = Path(scratch) / "allowed_signers"
        write_allowed_signers(context.operator, signers)
        found = [one for row in links for one in _alone(row, signers)]
    return {one.number: one.text for one in found}


def _without_end(one: Unfinished) -> Finding:
    entry = one.entry
    text = (
        f"{entry.what} {entry.where} was begun by {entry.who}, and its end is not in the log: {one.words()};"
        f" operator runs show {entry.run} tells more, and the next import, restore or rewind here signs what is known"
    )
    return Finding(entry.number, text, "unfinished")


def _examine(row: Audit, expected: int, previous: str, signers: Path) -> list[Finding]:
    number = row.number
    if number != expected:
        return [Finding(number, f"link {expected} is missing before link {number}")]
    found = _alone(row, signers)
    with contextlib.suppress(ValueError):
        if Entry.model_validate_json(row.content).previous != previous:
            found.append(Finding(number, "does not follow the link before it"))
    return found


def _moment(row: Audit) -> int:
    """The second that a link says; 0 where it cannot be read."""
    try:
        return int(datetime.fromisoformat(Entry.model_validate_json(row.content).at).timestamp())
    except ValueError:
        return 0


def _departed(operator: Operator, row: Audit, latest: int) -> list[Finding]:
    """A link of who was not here then, or that says a moment before its engineer left and follows a later one."""
    try:
        entry = Entry.model_validate_json(row.content)
    except ValueError:
        return []
    engineer = operator.engineer(entry.who)
    if engineer is None or engineer.is_here(latest):
        return []
    if not engineer.is_here(_moment(row)):
        return [Finding(row.number, f"is of {entry.at}, when {entry.who} did not work here")]
    text = f"says {entry.at}, while {entry.who} still worked here, and follows a link of after {engineer.until}"
    return [Finding(row.number, text)]


def _alone(row: Audit, signers: Path) -> list[Finding]:
    number, content = row.number, row.content.encode()
    try:
        entry = Entry.model_validate_json(content)
    except ValueError:
        return [Finding(number, "cannot be read")]
    found = []
    if digest(content) != row.hash or entry.number != number:
        found.append(Finding(number, "was changed: it does not match its hash"))
    if not verify(signers, entry.who, content, row.signature, _moment(row)):
        found.append(Finding(number, f"is not signed by {entry.who} with a key of operator.yaml"))
    return found


def _frozen(context: Context) -> list[Finding]:
    """Runs that froze months, and whose link says another digest than what they froze has now."""
    with context.store.transaction() as session:
        told = link_faults(session)
    return [
        Finding(
            one.number, f"{one.run}: {', '.join(one.customers)}: it says {one.said[:16]}, frozen is {one.found[:16]}"
        )
        if one.number
        else Finding(0, f"{one.run}: {', '.join(one.customers)}: no link says what it froze ({one.found[:16]})")
        for one in told
    ]


def _compare(links: list[Audit], remembered: dict[int, str]) -> list[Finding]:
    here = {link.number: link.hash for link in links}
    found = [
        Finding(number, "is not the link that the hub remembers")
        for number, hashed in sorted(remembered.items())
        if number in here and here[number] != hashed
    ]
    end, last = max(here, default=0), max(remembered, default=0)
    if last > end:
        found.append(Finding(0, f"the end is cut off: the hub remembers link {last}, the last here is {end}"))
    return found


# -- chains that are gone as a whole ----------------------------------------------------------------------------------


def lost_chains(context: Context, memory: Memory) -> list[Chain]:
    """Chains that were written on this machine and lie no longer where they lay, unless that was accepted.

    Those of other machines cannot be looked for from here.
    """
    ours = chain_id(context.store)
    accepted = {entry.where for entry in entries(context.store) if entry.what == ACCEPTED}
    return [
        chain
        for chain in memory.chains
        if chain.id != ours
        and chain.machine == machine_id()
        and f"chain {chain.id}" not in accepted
        and not _still_there(chain, place_of(context))
    ]


def _still_there(chain: Chain, our_place: str) -> bool:
    if chain.store == our_place:
        return False  # our own store, and it holds another chain now
    url = make_url(chain.store)
    if url.get_backend_name() != "sqlite" or not url.database:
        return True  # another database server: not ours to open
    try:
        with contextlib.closing(sqlite3.connect(f"{Path(url.database).as_uri()}?mode=ro", uri=True)) as other:
            row = other.execute("SELECT value FROM settings WHERE name = ?", (CHAIN,)).fetchone()
    except sqlite3.Error:
        return False
    return row is not None and row[0] == chain.id


def _gone(chain: Chain) -> Finding:
    return Finding(
        0,
        f"the log of {chain.engineer} in {chain.store} is gone: the hub remembers {chain.last} links of it"
        f' (chain {chain.id}); bring it back, or say why: operator audit accept {chain.id} --reason "…"',
    )


def accept(context: Context, chain: str, reason: str) -> Entry:
    """Keep a signed link that the loss of a chain is known, and why. Raises UsageError for one that is not lost."""
    if not reason:
        raise UsageError("a lost log needs a reason", mend=f'operator audit accept {chain} --reason "…"')
    lost = next((one for one in lost_chains(context, _ask_hub(context)) if one.id == chain), None)
    if lost is None:
        raise UsageError(f"chain {chain} is not lost here", mend="operator audit verify names those that are")
    result = f"the loss of {lost.last} links by {lost.engineer} is known"
    where = f"chain {chain}"
    return append(context, what=ACCEPTED, where=where, why=reason, result=result, run=chain, plan="", commit="")
