"""Reads what a report is made of: the closed months from the store, notes, style and names from the workspace."""

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
from dure.report.build import Source
from dure.store.database import Store
from dure.store.promise.months import CustomerMonth, closed_months, customer_month
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


def collect(shelf: Shelf, customer: str, month: str) -> Source:
    """The source of one report. Raises NotClosed, UsageError for an unknown customer, WorkspaceInvalid."""
    closed = closed_months(shelf.store, customer)
    if month not in closed:
        raise _nothing_to_report(shelf, customer, month, closed)
    history = _history(shelf.store, customer, [one for one in closed if one <= month][-TREND_MONTHS:])
    return Source(
        month=history[-1],
        history=history,
        notes=load_report_notes(shelf.root, customer, month),
        msp=shelf.operator.msp,
        style=shelf.style,
        engineers={one.id: one.name for one in shelf.operator.engineers},
    )


def _history(store: Store, customer: str, months: list[str]) -> tuple[CustomerMonth, ...]:
    """The months in order; each read brings the month before it along."""
    found: dict[str, CustomerMonth] = {}
    for name in reversed(months):
        if name in found:
            continue
        one = customer_month(store, customer, name)
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
