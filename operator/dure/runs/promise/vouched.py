"""Which closed months may be shown: those whose revisions two engineers signed for. Every view asks here.

Digests in the database fit to whatever somebody writes there; agreements are signed, and lie in the workspace. A first
revision needs none, so that only months with later ones, or with a waiver, cost the reading of a customer's agreements:
once a customer, whatever the number of months.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from sqlalchemy import ColumnElement, String, cast, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from dure.errors import DureError
from dure.model.ground import Ground
from dure.model.workspace import read_operator
from dure.runs.context import Context
from dure.runs.promise.agreed import FIRST, NOT_AGREED, act_objection, row_objection
from dure.runs.promise.book import Book, load_book
from dure.store.promise.frozen import Altered, all_rows, newest_indicators, newest_rows, service_names
from dure.store.promise.seals import MonthSeal, acts_of_month
from dure.store.promise.tables import IndicatorValue, MonthFrozen

Wanted = Mapping[str, tuple[str, ...]]
"""Customer -> months, oldest first."""


@dataclass(frozen=True, slots=True)
class Vouched:
    """What agreements do not vouch for.

    `objections`: customer -> why no month of theirs may be shown. `unvouched`: customer -> revisions of the month
    itself that nobody agreed to; what replaced them is in order where there is no objection.
    """

    objections: dict[str, DureError] = field(default_factory=dict)
    unvouched: dict[str, tuple[int, ...]] = field(default_factory=dict)


def vouched(
    context: Context,
    month: str,
    customers: Collection[str] | None = None,
    *,
    before: int = 0,
    revision: int | None = None,
) -> Vouched:
    """Look at that month of these customers (None: of all), as it stands or with that revision.

    `before`: how many closed months before it are shown beside it.
    """
    with context.store.transaction() as session:
        shown = _shown(session, month, customers, before)
        told = _told(session, shown, customers)
    found = Vouched()
    ground = read_operator(context.workspace)[2] if told else Ground()
    for customer in sorted(told):
        try:
            book = load_book(context, customer, ground)
            with context.store.transaction() as session:
                for name in told[customer]:
                    _require(session, book, customer, name, revision if name == month else None)
                unvouched = _unvouched(session, book, customer, month) if month in told[customer] else ()
        except DureError as error:
            found.objections[customer] = error
            continue
        if unvouched:
            found.unvouched[customer] = unvouched
    return found


def require_agreed(
    context: Context, customer: str, month: str, revision: int | None = None, *, before: int = 0
) -> tuple[int, ...]:
    """Raises Altered where the month, as it stands or stood, says more to be agreed than two engineers signed.

    Returns the revisions that nobody agreed to and that a later one mended.
    """
    found = vouched(context, month, (customer,), before=before, revision=revision)
    if customer in found.objections:
        raise found.objections[customer]
    return found.unvouched.get(customer, ())


def require_all_agreed(objections: Mapping[str, DureError]) -> None:
    """Raises Altered, naming each, where sums over all customers would hold what nobody agreed to."""
    if objections:
        first, more = next(iter(objections.values())), len(objections) - 1
        raise Altered(
            first.what,
            where=first.where,
            why=first.why + (f"; {more} more: {', '.join(list(objections)[1:])}" if more else ""),
            mend=first.mend,
        )


def _shown(session: Session, month: str, customers: Collection[str] | None, before: int) -> Wanted:
    """The month and the last closed ones before it, of those who have it closed."""
    found: dict[str, set[str]] = {}
    for table, named in ((MonthFrozen, MonthFrozen.month), (MonthSeal, MonthSeal.month)):
        query = select(table.customer, named).where(named <= month if before else named == month).distinct()
        if customers is not None:
            query = query.where(table.customer.in_(customers))
        for customer, name in session.execute(query):
            found.setdefault(customer, set()).add(name)
    return {name: tuple(sorted(months)[-before - 1 :]) for name, months in found.items() if month in months}


def _told(session: Session, shown: Wanted, customers: Collection[str] | None) -> Wanted:
    """Those months of which something is said to be agreed."""
    months = {one for every in shown.values() for one in every}
    approved = or_(MonthFrozen.revision > FIRST, MonthFrozen.waived != "", MonthFrozen.reason != "")
    given: tuple[tuple[InstrumentedAttribute[str], InstrumentedAttribute[str], ColumnElement[bool]], ...] = (
        (MonthFrozen.customer, MonthFrozen.month, or_(approved, cast(MonthFrozen.approvals, String) != "[]")),
        (IndicatorValue.customer, IndicatorValue.period, IndicatorValue.revision > FIRST),
        (MonthSeal.customer, MonthSeal.month, or_(MonthSeal.revision > FIRST, MonthSeal.run.not_like("close %"))),
    )
    found: dict[str, set[str]] = {}
    for customer, month, condition in given:
        query = select(customer, month).where(month.in_(months), condition).distinct()
        if customers is not None:
            query = query.where(customer.in_(customers))
        for name, one in session.execute(query):
            if one in shown.get(name, ()):
                found.setdefault(name, set()).add(one)
    return {name: tuple(sorted(every)) for name, every in found.items()}


def _require(session: Session, book: Book | None, customer: str, month: str, revision: int | None) -> None:
    """Raises Altered for what is shown of the month, and that nobody agreed to."""
    rows = newest_rows(session, month, [customer], revision)
    values = newest_indicators(session, month, [customer], revision)
    acts = {one.number: one for one in acts_of_month(session, month, [customer])}
    names = service_names(session, [customer])
    objections = {number: act_objection(book, one) for number, one in acts.items()}
    for row in rows:
        service = names.get(row.series, "")
        why = row_objection(book, row, service) or objections.get(row.act, "")
        if why:
            raise _altered(customer, month, service, row.revision, why)
    for value in values:
        if why := objections.get(value.act, ""):
            raise _altered(customer, month, f"indicator:{value.indicator}", value.revision, why)


def _altered(customer: str, month: str, name: str, revision: int, why: str) -> Altered:
    return Altered(
        f"{name} (revision {revision}) is not what was agreed",
        where=f"{customer} {month}",
        why=f"there is {why}" if why == NOT_AGREED else why,
        mend=f"bring the agreement's file back from git; or operator sla restate {month} {customer} "
        '--reason "…" makes a new revision from the spans',
    )


def _unvouched(session: Session, book: Book | None, customer: str, month: str) -> tuple[int, ...]:
    """Revisions, from the oldest, with an act or a row that no agreement speaks for."""
    names = service_names(session, [customer])
    found = {one.revision for one in acts_of_month(session, month, [customer]) if act_objection(book, one)}
    for row in all_rows(session, month, customer):
        if row.revision > FIRST and row_objection(book, row, names.get(row.series, "")):
            found.add(row.revision)
    return tuple(sorted(found))
