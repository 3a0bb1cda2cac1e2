"""Reads what a report is made of: the closed months from the store, notes, style and names from the workspace."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select

from dure.errors import UsageError
from dure.model import Operator, load_operator
from dure.model.document import read_document
from dure.model.explain import nearest
from dure.model.places import CUSTOMERS
from dure.model.report_notes import load_report_notes
from dure.model.report_style import LoadedStyle, load_report_style
from dure.model.text import printable
from dure.model.words import WordPair
from dure.report.build import Source
from dure.report.corrections import Correction
from dure.store.database import Store
from dure.store.promise.frozen import Altered
from dure.store.promise.months import CustomerMonth, Revision, closed_months, customer_month, revisions_of
from dure.store.promise.tables import MonthFrozen
from dure.text.writing import LANGUAGES, Language

TREND_MONTHS = 6


class NotClosed(UsageError):
    """There is no closed month to report on."""


@dataclass(frozen=True, slots=True)
class Shelf:
    """What all reports of a workspace share; read once."""

    root: Path
    store: Store
    operator: Operator
    style: LoadedStyle


def open_shelf(root: Path, store: Store) -> Shelf:
    """Raises WorkspaceInvalid with every problem of operator.yaml and reports/style.yaml."""
    return Shelf(root, store, load_operator(root), load_report_style(root))


def language_of(root: Path, customer: str) -> Language:
    """What the customer reads, by its file; Korean where the customer has none any more, or its file is wrong."""
    document = read_document(root, root / CUSTOMERS / f"{customer}.yaml")
    found = document.data.get("language") if isinstance(document.data, dict) else None
    return next((one for one in LANGUAGES if one == found), LANGUAGES[0])


def collect(shelf: Shelf, customer: str, month: str, revision: int | None = None) -> Source:
    """The source of one report, of that revision or the newest.

    Raises NotClosed, UsageError for an unknown customer or revision, WorkspaceInvalid, and Altered when what was closed
    is not as it was.
    """
    closed = closed_months(shelf.store, customer)
    if month not in closed:
        raise _nothing_to_report(shelf, customer, month, closed)
    revisions = revisions_of(shelf.store, customer, month)
    if revision is not None and revision not in {one.number for one in revisions}:
        known = " and ".join(f"r{one.number}" for one in revisions)
        what = f"{month} of {printable(customer)} has no revision {revision}"
        raise UsageError(what, why=f"it has {known}", mend=f"--revision r{revisions[-1].number}, or leave it out")
    told = [one for one in revisions if revision is None or one.number <= revision]
    history = _history(shelf.store, customer, [one for one in closed if one <= month][-TREND_MONTHS:], revision)
    return Source(
        month=history[-1],
        history=history,
        notes=load_report_notes(shelf.root, customer, month),
        msp=shelf.operator.msp,
        style=shelf.style,
        engineers={one.id: WordPair(ko=one.name, en=one.name_en) for one in shelf.operator.engineers},
        corrections=_corrections(shelf.store, customer, month, told),
        newest=revisions[-1].number,
    )


def _corrections(store: Store, customer: str, month: str, revisions: Sequence[Revision]) -> tuple[Correction, ...]:
    """What each revision after the first changed."""
    if len(revisions) < 2:
        return ()
    states = [_unaltered(store, customer, month, one.number) for one in revisions]
    return tuple(Correction(*one) for one in zip(revisions[1:], states, states[1:], strict=False))


def _unaltered(store: Store, customer: str, month: str, revision: int) -> CustomerMonth | None:
    """The month with that revision; None: it is not as it was frozen, which is why there may be a later one."""
    try:
        return customer_month(store, customer, month, revision)
    except Altered:
        return None


def _history(store: Store, customer: str, months: list[str], revision: int | None) -> tuple[CustomerMonth, ...]:
    """The months in order, the last one with that revision; each read brings the month before it along."""
    found: dict[str, CustomerMonth] = {}
    for name in reversed(months):
        if name in found:
            continue
        one = customer_month(store, customer, name, revision if name == months[-1] else None)
        if one is not None:
            found[name] = one
            if one.previous is not None:
                found[one.previous.month] = one.previous
    return tuple(found[name] for name in months if name in found)


def _nothing_to_report(shelf: Shelf, customer: str, month: str, closed: tuple[str, ...]) -> UsageError:
    shown = printable(customer)
    known = {path.stem for path in (shelf.root / CUSTOMERS).glob("*.yaml")}
    if not closed and customer not in known:
        near = nearest(customer, known)
        mend = f'write "{near}"' if near else "look at customers/, or add the customer there"
        return UsageError(f'no customer "{shown}"', why=f"customers/{shown}.yaml does not exist", mend=mend)
    why = f"closed are {', '.join(closed[-6:])}" if closed else "no month of this customer is closed yet"
    return NotClosed(f"{month} of {shown} is not closed", why=why, mend=f"operator sla close {month} {shown}")


def closed_customers(store: Store, month: str) -> tuple[str, ...]:
    """Customers with that month closed, by id."""
    query = select(MonthFrozen.customer).where(MonthFrozen.month == month).distinct().order_by(MonthFrozen.customer)
    with store.transaction() as session:
        return tuple(session.scalars(query))
