"""Reading what a close froze, and refusing what was altered in the database since."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from dure.errors import Refused
from dure.store.promise.seals import (
    Entries,
    MonthSeal,
    Row,
    act_digest,
    acts_of_month,
    entries_of_month,
    is_sealed,
    row_seal,
)
from dure.store.promise.tables import IndicatorValue, MonthFrozen, Series

Found = TypeVar("Found", MonthFrozen, IndicatorValue)
NONE = "none"
ACT = "act"
"""Name of a fault that concerns all that one act froze."""


class Altered(Refused):
    """A frozen row is not as it was closed."""


@dataclass(frozen=True, slots=True)
class Fault:
    """A row, or an act as a whole (`name` is ACT, `revision` its number), whose digest does not hold."""

    customer: str
    month: str
    name: str
    revision: int
    kept: str
    computed: str

    def error(self, more: int) -> Altered:
        """The refusal; `more` other faults were found with it."""
        where, shown = (
            f"{self.customer} {self.month}",
            f"digest {self.kept[:16]} is kept, {self.computed[:16]} computed",
        )
        others = f"; {more} more" if more else ""
        if self.name == ACT:
            what = f"what was frozen by act {self.revision} is not all there as it was"
            why = f"rows were altered, added or removed in the database: {shown}{others}"
        else:
            what = f"{self.name} (revision {self.revision}) is not as it was closed"
            why = f"its row was altered in the database: {shown}{others}"
        mend = (
            f"operator sla verify {self.month} {self.customer} says what differs, then "
            f'operator sla restate {self.month} {self.customer} --reason "…" makes a new revision from the spans'
        )
        return Altered(what, where=where, why=why, mend=mend)


def newest_rows(
    session: Session, month: str, customers: Sequence[str] | None, revision: int | None = None
) -> list[MonthFrozen]:
    """The newest revision of each service, none above `revision`; `customers` None: of all. No digest is looked at."""
    key = (MonthFrozen.series,)
    conditions = [MonthFrozen.month == month]
    if customers is not None:  # in both queries: one customer's report must not look through the whole fleet's rows
        conditions.append(MonthFrozen.customer.in_(customers))
    if revision is not None:
        conditions.append(MonthFrozen.revision <= revision)
    newest = select(*key, func.max(MonthFrozen.revision).label("revision")).where(*conditions).group_by(*key).subquery()
    is_newest = (MonthFrozen.series == newest.c.series) & (MonthFrozen.revision == newest.c.revision)
    return _read(session, select(MonthFrozen).join(newest, is_newest).where(*conditions), month, customers)


def all_rows(session: Session, month: str, customer: str) -> list[MonthFrozen]:
    """Every revision of a customer's services. No digest is looked at."""
    mine = (MonthFrozen.month == month, MonthFrozen.customer == customer)
    query = select(MonthFrozen).where(*mine).order_by(MonthFrozen.revision, MonthFrozen.series)
    return _read(session, query, month, [customer])


def newest_indicators(
    session: Session, month: str, customers: Sequence[str] | None, revision: int | None = None
) -> list[IndicatorValue]:
    """The newest revision of each indicator, by key, none above `revision`. Digests are not looked at."""
    query = select(IndicatorValue).where(IndicatorValue.period == month)
    if customers is not None:
        query = query.where(IndicatorValue.customer.in_(customers))
    if revision is not None:
        query = query.where(IndicatorValue.revision <= revision)
    query = query.order_by(IndicatorValue.customer, IndicatorValue.indicator, IndicatorValue.revision)
    found = {(one.customer, one.indicator): one for one in _read(session, query, month, customers)}
    return list(found.values())


def _read(session: Session, query: Select[Found], month: str, customers: Sequence[str] | None) -> list[Found]:
    """Raises Altered where a column holds what it never holds, such as no JSON."""
    try:
        return list(session.scalars(query))
    except ValueError as error:
        raise Altered(
            f"a frozen row of {month} cannot be read",
            where=", ".join(customers or ()) or "all customers",
            why=f"somebody wrote into the database what Dure never writes there: {error}",
            mend="bring the store back from a copy that was made before",
        ) from error


def all_indicators(session: Session, month: str, customer: str) -> list[IndicatorValue]:
    """Every revision of a customer's indicators. No digest is looked at."""
    mine = (IndicatorValue.period == month, IndicatorValue.customer == customer)
    query = select(IndicatorValue).where(*mine).order_by(IndicatorValue.indicator, IndicatorValue.revision)
    return _read(session, query, month, [customer])


def service_names(session: Session, customers: Sequence[str] | None) -> dict[int, str]:
    """Series -> service."""
    query = select(Series.id, Series.name).where(Series.kind == "service")
    if customers is not None:
        query = query.where(Series.customer.in_(customers))
    return {one.id: one.name for one in session.execute(query)}


def faults(
    session: Session,
    month: str,
    customers: Sequence[str] | None,
    rows: Iterable[Row],
    names: Mapping[int, str],
    *,
    whole: bool = False,
) -> list[Fault]:
    """What of these rows is not as it was frozen: each by its own digest, then the acts that they are of.

    A row from before digests were kept has none, and cannot be looked at; beside a close that gave digests there is no
    such row. The newest act of each customer is looked at too, so that rows which are gone show; `whole`: all acts.
    """
    found: list[Fault] = []
    bare: list[Fault] = []
    acts = {(one.customer, one.number): one for one in acts_of_month(session, month, customers)}
    newest = dict(acts.keys())  # in order, so that the last one stays
    wanted = set(newest.items())
    if whole:
        wanted |= {(customer, number) for customer, last in newest.items() for number in range(1, last + 1)}
    for row in rows:
        if not is_sealed(row):
            first = acts.get((row.customer, 1))
            if first and (first.run.startswith("close ") or row.revision >= first.revision):
                bare.append(Fault(row.customer, month, shown_name(row, names), row.revision, NONE, row_seal(row)))
            continue
        wanted.add((row.customer, row.act))
        computed = row_seal(row)
        if computed != row.seal:
            found.append(Fault(row.customer, month, shown_name(row, names), row.revision, row.seal or NONE, computed))
    if wanted:
        found += _faulty_acts(month, acts, entries_of_month(session, month, customers), wanted)
    return found + bare


def shown_name(row: Row, names: Mapping[int, str]) -> str:
    if isinstance(row, IndicatorValue):
        return f"indicator:{row.indicator}"
    return names.get(row.series, f"series {row.series}")


def _faulty_acts(
    month: str, acts: Mapping[tuple[str, int], MonthSeal], entries: Entries, wanted: Iterable[tuple[str, int]]
) -> Iterable[Fault]:
    for customer, number in sorted(wanted):
        act, following = acts.get((customer, number)), acts.get((customer, number + 1))
        computed = NONE if act is None else act_digest(act, entries.get((customer, number), ()))
        kept = NONE if act is None else act.digest
        if act is None or computed != kept:
            yield Fault(customer, month, ACT, number, kept, computed)
        elif following is not None and following.previous != kept:
            yield Fault(customer, month, ACT, number, following.previous, kept)


def replaced_since(
    session: Session, month: str, customers: Sequence[str] | None, rows: Iterable[MonthFrozen], revision: int | None
) -> list[int]:
    """Series of those rows of which there is a newer revision than `revision`; None: the rows are the newest."""
    if revision is None:
        return []
    newest = {one.series: one.revision for one in newest_rows(session, month, customers)}
    return [row.series for row in rows if newest[row.series] != row.revision]


def sound_month(
    session: Session, month: str, customers: Sequence[str] | None, revision: int | None = None
) -> tuple[list[MonthFrozen], list[IndicatorValue]]:
    """What was frozen of a month, in its newest revision or that one. Raises Altered when it is not as it was."""
    rows = newest_rows(session, month, customers, revision)
    indicators = newest_indicators(session, month, customers, revision)
    require_sound(session, month, customers, [*rows, *indicators])
    return rows, indicators


def require_own_digest(rows: Iterable[IndicatorValue]) -> None:
    """Raises Altered when an indicator of some month is not as it was frozen; what is gone does not show."""
    for row in rows:
        if is_sealed(row) and row_seal(row) != row.seal:
            fault = Fault(row.customer, row.period, f"indicator:{row.indicator}", row.revision, row.seal, row_seal(row))
            raise fault.error(0)


def require_sound(session: Session, month: str, customers: Sequence[str] | None, rows: Sequence[Row]) -> None:
    """Raises Altered when one of the rows, or an act that they are of, is not as it was frozen."""
    found = faults(session, month, customers, rows, service_names(session, customers))
    if found:
        raise found[0].error(len(found) - 1)
