"""What was frozen, and the audit chain: each run that froze rows has a signed link with a digest over all of its acts.

One link a run, for a signature takes long and a close may be of a thousand customers; the digest is over (customer,
month, act, digest of the act), so that each customer's month can be shown to be the one that the link was signed for.
"""

import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass

from pydantic import JsonValue
from sqlalchemy import select
from sqlalchemy.orm import Session

from dure.runs.audit import Entry, append
from dure.runs.context import Context
from dure.store.promise.seals import MonthSeal, acts_of_run, run_digest
from dure.store.tables import Audit

SEALED = re.compile(r"sealed ([0-9a-f]{64})$")
WHAT = {"close": "sla close", "restatement": "sla restate", "waiver": "sla waive"}
"""First word of a run's name -> what its link says."""
NO_LINK = "no link of the audit chain"
NOTHING = "nothing that is there"


@dataclass(frozen=True, slots=True)
class LinkFault:
    """A run whose acts are not those that its link was signed for; `number` 0: it has no link."""

    number: int
    run: str
    customers: tuple[str, ...]
    said: str
    found: str


def close_run(month: str, now: int) -> str:
    """The name of a close in the audit chain, one for all customers."""
    return f"close {month} at {now}"


def sealed_by(context: Context, run: str) -> str:
    """What the link of a run says at its end: a digest over all that it froze."""
    with context.store.transaction() as session:
        return f"sealed {run_digest(acts_of_run(session, run))}"


def record_unlinked(context: Context, month: str) -> None:
    """Add the links of runs that were killed after they had frozen rows of that month."""
    with context.store.transaction() as session:
        acts = list(session.scalars(select(MonthSeal).where(MonthSeal.month == month)))
        known = {one.run for _, one in sealing_links(session, month)} if acts else set()
        missing = sorted({one.run: one.at for one in acts if one.run not in known}.items(), key=lambda pair: pair[1])
    for run, _ in missing:
        mine = [one for one in acts if one.run == run]
        customers = sorted({one.customer for one in mine})
        count = sum(one.services for one in mine)
        told = f"{count} services of {len(customers)} customers frozen by a run that was broken off"
        append(
            context,
            what=WHAT[run.split()[0]],
            where=customers[0] if len(customers) == 1 else "all customers",
            why="",
            result=f"{month}: {told}, {sealed_by(context, run)}",
            run=run,
            plan="",
            commit="",
        )


def sealing_links(session: Session, month: str = "") -> list[tuple[Audit, Entry]]:
    """Links with a digest over what was frozen, oldest first; of one month, or of all."""
    query = select(Audit).where(Audit.content.like(f'%"result":"{month}%sealed %')).order_by(Audit.number)
    found = []
    for row in session.scalars(query):
        try:
            entry = Entry.model_validate_json(row.content)
        except ValueError:
            continue  # `operator audit verify` tells it
        if SEALED.search(entry.result):
            found.append((row, entry))
    return found


def link_faults(session: Session, month: str = "") -> list[LinkFault]:
    """Runs whose acts are not those of their link, of one month or of all; signatures are not looked at."""
    query = select(MonthSeal).order_by(MonthSeal.customer)
    if month:
        query = query.where(MonthSeal.month == month)
    acts: dict[str, list[MonthSeal]] = {}
    for one in session.scalars(query):
        acts.setdefault(one.run, []).append(one)
    found = []
    links = {entry.run: entry for _, entry in sealing_links(session, month)}  # of two for one run the later one holds
    for run, entry in links.items():
        match = SEALED.search(entry.result)
        said = match[1] if match else ""
        computed = run_digest(acts[run]) if run in acts else NOTHING
        if said != computed:
            found.append(LinkFault(entry.number, run, _customers(acts.get(run, ()), entry.where), said, computed))
    for run, mine in acts.items():
        if run not in links:
            found.append(LinkFault(0, run, _customers(mine, ""), NO_LINK, run_digest(mine)))
    return found


def _customers(acts: Iterable[MonthSeal], where: str) -> tuple[str, ...]:
    return tuple(sorted({one.customer for one in acts})) or (where,)


@dataclass(frozen=True, slots=True)
class Froze:
    """What one run froze of a customer: the month, which act on it, how much, and the digest that its link covers."""

    customer: str
    month: str
    act: int
    services: int
    indicators: int
    digest: str

    def words(self) -> str:
        counts = f"{self.services} services, {self.indicators} indicators"
        return f"{self.customer} {self.month} act {self.act}: {counts}, digest {self.digest}"

    def as_json(self) -> dict[str, JsonValue]:
        return asdict(self)


def acts_of_customer(session: Session, customer: str) -> dict[str, list[Froze]]:
    """Run of the audit chain -> what it froze of that customer."""
    query = select(MonthSeal).where(MonthSeal.customer == customer).order_by(MonthSeal.month, MonthSeal.number)
    found: dict[str, list[Froze]] = {}
    for one in session.scalars(query):
        froze = Froze(one.customer, one.month, one.number, one.services, one.indicators, one.digest)
        found.setdefault(one.run, []).append(froze)
    return found
