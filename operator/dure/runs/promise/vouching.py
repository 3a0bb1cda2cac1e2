"""Acts on closed months that have no link in the audit chain: those that a killed run left are linked, others never.

Whoever writes into the database alone can add rows with digests that fit. So an act is linked afterwards only where
Dure itself would have frozen it: a close as the spans give it, a restatement or a waiver as two engineers signed it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from sqlalchemy import inspect, select
from sqlalchemy.orm import Session

from dure.errors import DureError
from dure.model.ground import Ground
from dure.model.promise.agreement import CreditWaiver
from dure.model.workspace import read_operator
from dure.runs.context import Context
from dure.runs.promise.agreed import act_objection, figures_of, restatement_of, waiver_of
from dure.runs.promise.book import Book, load_book
from dure.runs.promise.close import ServiceResult, computed_indicators, frozen_row, results_of
from dure.runs.promise.facts import measured_of
from dure.runs.promise.policy import period_of
from dure.runs.promise.sealing import WHAT, link_faults, record, restated_since, unlinked_acts
from dure.store.promise.frozen import faults, service_names
from dure.store.promise.seals import MonthSeal, row_seal
from dure.store.promise.spans import series_of
from dure.store.promise.tables import IndicatorValue, MonthFrozen

OTHER = "its rows are not what contract, agreements, spans and records give"


def record_unlinked(context: Context, month: str, *, check: bool = False) -> dict[str, str]:
    """Add the links of runs that were killed after they had frozen rows of that month; `check` writes none.

    Returns customer -> why an act on its month is not linked: nobody can say that Dure made it.
    """
    with context.store.transaction() as session:
        acts = unlinked_acts(session, month)
    if not acts:
        return {}
    ground, doubted = read_operator(context.workspace)[2], dict[str, str]()
    good: dict[str, list[MonthSeal]] = {}
    for act in acts:
        if act.customer in doubted:
            continue  # what follows it stands on it
        why = _objection(context, ground, act)
        if why:
            doubted[act.customer] = f"act {act.number} ({act.run}) has no link in the audit chain, and {why}"
        else:
            good.setdefault(act.run, []).append(act)
    for run, mine in good.items() if not check else ():
        customers, count = sorted({one.customer for one in mine}), sum(one.services for one in mine)
        told = f"{count} services of {len(customers)} customers frozen by a run that was broken off"
        where = customers[0] if len(customers) == 1 else "all customers"
        record(context, mine, what=WHAT[run.split()[0]], where=where, why="", result=f"{month}: {told}", run=run)
    return doubted


def doubted_customers(
    context: Context, month: str, customers: Sequence[str], *, check: bool = False
) -> Mapping[str, str]:
    """Customer -> why its closed month is not the one that the audit chain speaks of; others are left out."""
    found = record_unlinked(context, month, check=check)
    with context.store.transaction() as session:
        for fault in link_faults(session, month):
            for name in customers if fault.everyone else fault.customers:
                if fault.number and name not in found and not restated_since(session, fault, name, month):
                    said = f"{fault.said[:16]}, {fault.found[:16]} is there"
                    found[name] = f"link {fault.number} ({fault.run}) says {said}"
    return found


def waived_row(row: MonthFrozen, one: CreditWaiver, revision: int, engineer: str, now: int) -> MonthFrozen:
    """The next revision of a row, which differs by the waiver alone."""
    values = {column.key: getattr(row, column.key) for column in inspect(MonthFrozen).column_attrs}
    values |= {
        "revision": revision,
        "waived": f"{one.reason} ({one.evidence})",
        "reason": one.reason,
        "approvals": list(one.signers()),
        "closed_by": engineer,
        "closed_at": datetime.fromtimestamp(now, UTC),
    }
    return MonthFrozen(**values)


@dataclass(frozen=True, slots=True)
class _Found:
    """The rows of an act as they stand in the database, services by name."""

    act: MonthSeal
    services: dict[str, MonthFrozen]
    indicators: list[IndicatorValue] = field(default_factory=list)


def _objection(context: Context, ground: Ground, act: MonthSeal) -> str:
    """Why Dure would not have frozen what the act lists; empty when it would."""
    try:
        book = load_book(context, act.customer, ground)
    except DureError as error:
        return error.line()
    if book is None:
        return f"{act.customer} has no contract"
    why = act_objection(book, act)
    if why:
        return f"there is {why}"
    with context.store.transaction() as session:
        found = _found(session, act)
        if found is None:
            return "its rows are not those that it lists"
        waiver = waiver_of(book, act)
        is_own = _is_waived(session, found, waiver) if waiver else _is_computed(context, session, book, found)
    return "" if is_own else OTHER


def _found(session: Session, act: MonthSeal) -> _Found | None:
    """None where the act's digest, or one of its rows', does not hold."""
    customer, month = act.customer, act.month
    mine = (MonthFrozen.customer == customer, MonthFrozen.month == month, MonthFrozen.act == act.number)
    rows = list(session.scalars(select(MonthFrozen).where(*mine)))
    own = (IndicatorValue.customer == customer, IndicatorValue.period == month, IndicatorValue.act == act.number)
    indicators = list(session.scalars(select(IndicatorValue).where(*own)))
    names = service_names(session, [customer])
    if faults(session, month, [customer], [*rows, *indicators], names) or any(row.series not in names for row in rows):
        return None
    return _Found(act, {names[row.series]: row for row in rows}, indicators)


def _is_waived(session: Session, found: _Found, one: CreditWaiver) -> bool:
    """It froze the one service again, as it was but for the waiver."""
    act, row = found.act, found.services.get(one.service)
    if row is None or len(found.services) > 1 or found.indicators or row.credit > one.amount:
        return False
    query = select(MonthFrozen).where(MonthFrozen.series == row.series, MonthFrozen.month == row.month)
    before = session.scalars(
        query.where(MonthFrozen.act < act.number).order_by(MonthFrozen.revision.desc()).limit(1)
    ).first()
    return before is not None and _is_same(waived_row(before, one, act.revision, act.by, act.at), row)


def _is_computed(context: Context, session: Session, book: Book, found: _Found) -> bool:
    """It froze what is computed now; a first act all of it."""
    act = found.act
    series = series_of(session, book.customer.id, "service", [one.id for one in book.contract.services])
    measured = measured_of(session, book, period_of(book.contract.zone, act.month))
    results = {one.name: one for one in results_of(book, act.month, series, measured)}
    values = computed_indicators(context, session, book, act.month, list(results.values()), measured)
    indicators = {one.indicator: one for one in values}
    restated = restatement_of(book, act)
    if restated is not None:
        kept = {key: one.digest for key, one in indicators.items()}
        if restated.figures != figures_of({name: one.computed.frozen for name, one in results.items()}, kept):
            return False
    elif act.number == 1 and (set(found.services), {one.indicator for one in found.indicators}) != (
        set(results),
        set(indicators),
    ):
        return False
    return _are_same(book, found, results, indicators)


def _are_same(
    book: Book, found: _Found, results: Mapping[str, ServiceResult], indicators: Mapping[str, IndicatorValue]
) -> bool:
    act = found.act
    for name, row in found.services.items():
        if name not in results:
            return False
        now = frozen_row(book, results[name], act.month, act.revision, act.by, act.at, act.reason, act.approvals)
        if not _is_same(now, row):
            return False
    for value in found.indicators:
        own = indicators.get(value.indicator)
        if own is None:
            return False
        own.revision = value.revision
        if not _is_same(own, value):
            return False
    return True


def _is_same(now: MonthFrozen | IndicatorValue, kept: MonthFrozen | IndicatorValue) -> bool:
    now.act = kept.act
    return row_seal(now) == kept.seal
