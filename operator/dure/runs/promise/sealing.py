"""What was frozen, and the audit chain: each run that froze rows has a signed link with a digest over all of its acts.

One link a run, for a signature takes long and a close may be of a thousand customers; the digest is over (customer,
month, act, digest of the act), and the link lists its acts, so that whose month is another one can be told, also where
all of it is gone. A link of a run stands for ever: a later one cannot speak for the same acts with another digest.
"""

import re
from collections.abc import Sequence
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
SHOWN = 16
"""Digits of an act's digest that its link lists, to say which one differs; what is signed is the digest over all."""
Acts = dict[str, list[MonthSeal]]
"""Run -> its acts."""


@dataclass(frozen=True, slots=True)
class LinkFault:
    """A run whose acts are not those that its link was signed for; `number` 0: it has no link."""

    number: int
    run: str
    customers: tuple[str, ...]
    said: str
    found: str
    everyone: bool = False
    """It may concern any customer: the link is from before links listed whose acts they speak for."""


def close_run(month: str, now: int) -> str:
    """The name of a close in the audit chain, one for all customers."""
    return f"close {month} at {now}"


def record(
    context: Context, acts: Sequence[MonthSeal], *, what: str, where: str, why: str, result: str, run: str
) -> None:
    """Add the link of a run that says, after `result`, what those acts of it froze."""
    told = {_key(one): one.digest[:SHOWN] for one in acts}
    sealed = f"{result}, sealed {run_digest(acts)}"
    append(context, what=what, where=where, why=why, result=sealed, run=run, plan="", commit="", acts=told)


def record_run(context: Context, *, what: str, where: str, why: str, result: str, run: str) -> None:
    """Add the link of a run with all that it froze."""
    with context.store.transaction() as session:
        acts = acts_of_run(session, run)
    record(context, acts, what=what, where=where, why=why, result=result, run=run)


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
    """Runs whose acts are not those of their links, of one month or of all; signatures are not looked at."""
    runs = _acts_by_run(session, month)
    links = [entry for _, entry in sealing_links(session, month)]
    found = []
    for entry in links:
        acts, match = _listed(runs, entry), SEALED.search(entry.result)
        said, computed = match[1] if match else "", run_digest(acts) if acts else NOTHING
        if said != computed:
            names = _differing(acts, entry) or tuple(sorted({one.customer for one in acts})) or (entry.where,)
            found.append(LinkFault(entry.number, entry.run, names, said, computed, everyone=not entry.acts))
    for run, mine in _unlinked(runs, links).items():
        names = tuple(sorted({one.customer for one in mine}))
        found.append(LinkFault(0, run, names, NO_LINK, run_digest(mine)))
    return found


def restated_since(session: Session, fault: LinkFault, customer: str, month: str) -> bool:
    """A later link holds for a restatement of that month: what it froze anew stands, whatever was before."""
    runs = _acts_by_run(session, month)
    for _, entry in sealing_links(session, month):
        acts, match = _listed(runs, entry), SEALED.search(entry.result)
        is_later = entry.number > fault.number and entry.run.startswith(f"restatement {customer} ")
        if is_later and acts and match and match[1] == run_digest(acts):
            return True
    return False


def unlinked_acts(session: Session, month: str) -> list[MonthSeal]:
    """Acts on that month which no link speaks for, oldest first."""
    links = [entry for _, entry in sealing_links(session, month)]
    found = [one for acts in _unlinked(_acts_by_run(session, month), links).values() for one in acts]
    return sorted(found, key=lambda one: (one.at, one.run, one.customer, one.number))


def _acts_by_run(session: Session, month: str) -> Acts:
    query = select(MonthSeal).order_by(MonthSeal.customer, MonthSeal.number)
    if month:
        query = query.where(MonthSeal.month == month)
    found: Acts = {}
    for one in session.scalars(query):
        found.setdefault(one.run, []).append(one)
    return found


def _key(act: MonthSeal) -> str:
    return f"{act.customer}/{act.number}"


def _listed(runs: Acts, entry: Entry) -> list[MonthSeal]:
    """The acts that a link speaks for; one from before links listed them speaks for all of its run."""
    mine = runs.get(entry.run, [])
    return [one for one in mine if _key(one) in entry.acts] if entry.acts else mine


def _differing(acts: Sequence[MonthSeal], entry: Entry) -> tuple[str, ...]:
    """Customers whose acts are gone, or others than the link lists."""
    here = {_key(one): one.digest[:SHOWN] for one in acts}
    return tuple(sorted({key.rsplit("/", 1)[0] for key, kept in entry.acts.items() if here.get(key) != kept}))


def _unlinked(runs: Acts, links: Sequence[Entry]) -> Acts:
    """Run -> its acts without link. A later restatement of the month, which two signed, speaks for them as well."""
    linked = {(entry.run, _key(one)) for entry in links for one in _listed(runs, entry)}
    restated: dict[tuple[str, str], int] = {}
    for run, acts in runs.items():
        for one in acts if run.startswith("restatement ") else ():
            if (run, _key(one)) in linked:
                restated[one.customer, one.month] = max(one.number, restated.get((one.customer, one.month), 0))
    found: Acts = {}
    for run, acts in runs.items():
        for one in acts:
            if (run, _key(one)) not in linked and one.number > restated.get((one.customer, one.month), 0):
                found.setdefault(run, []).append(one)
    return found


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
