"""Compute closed months again from their policy and the spans, and compare: what differs was changed since."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from dure.model.workspace import read_operator
from dure.runs.audit_verify import altered_links
from dure.runs.context import Context
from dure.runs.promise.agreed import act_objection, row_objection
from dure.runs.promise.book import Book, load_book
from dure.runs.promise.close import days_of
from dure.runs.promise.compute import Computed, compute
from dure.runs.promise.facts import Measured, detail_of, measured_around
from dure.runs.promise.indicators.facts import MonthFacts, service_facts
from dure.runs.promise.indicators.freezing import month_facts
from dure.runs.promise.indicators.verifying import differences
from dure.runs.promise.policy import Policy, PolicyValue
from dure.runs.promise.sealing import link_faults, sealing_links
from dure.sla.freeze import digest
from dure.store.promise.detail import MonthDetail, from_json
from dure.store.promise.frozen import (
    ACT,
    all_indicators,
    all_rows,
    faults,
    service_names,
)
from dure.store.promise.seals import Row, acts_of_month, is_sealed
from dure.store.promise.tables import CorrectionLedger, IndicatorValue, MonthFrozen
from dure.store.promise.views import day_digest, view_faults

COLUMNS = tuple(one.name for one in MonthFrozen.__table__.columns)
APART = frozenset({"policy", "policy_text", "engine", "days"})
"""Compared before all others: the text with its own digest, the engine with the one that runs, the days where kept."""
NOT_COMPUTED = frozenset(
    # Which row it is; what people gave for it; and what was told with it, in words that follow from no policy.
    {"series", "month", "revision", "customer"}
    | {"waived", "reason", "approvals", "closed_by", "closed_at"}
    | {"detail"}
    # Only named here: the days of that revision are in the policy's text, which has its digest.
    | {"calendar"}
    # Digests of the row as it was frozen, looked at before.
    | {"act", "seal"}
)
COMPARED = tuple(name for name in COLUMNS if name not in APART | NOT_COMPUTED)
"""All columns that the table has, so that one which is added later is compared, or fails at once."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing of a closed month that no longer follows from its data. `ledger` are corrections that wait."""

    customer: str
    service: str
    revision: int
    what: str
    frozen: str
    computed: str
    ledger: int


@dataclass(frozen=True, slots=True)
class Verified:
    """One customer's month. `undigested` services were closed before digests were kept."""

    customer: str
    services: int
    undigested: int
    differences: tuple[Difference, ...]


def verify_months(context: Context, customers: Sequence[str], month: str) -> Iterator[Verified]:
    """What is looked at and found, for every customer that has the month closed."""
    ground = read_operator(context.workspace)[2]
    chain = _of_chain(context, customers, month)
    for customer in customers:
        book = load_book(context, customer, ground)
        with context.store.transaction() as session:
            every = all_rows(session, month, customer)
            values = all_indicators(session, month, customer)
            names = service_names(session, [customer])
            found = [*_of_digests(session, month, customer, every, values, names), *chain.get(customer, ())]
            found += _of_agreements(session, book, customer, month, every, names)
            newest = {row.series: row for row in every}  # oldest first, so that the newest stays
            indicators = list({one.indicator: one for one in values}.values())
            rows = [row for row in newest.values() if row.series in names]
            legible = [row for row in rows if _is_legible(row)]  # what is not was altered, and is found above
            if legible:
                again = _again(session, customer, legible, names)
                found += _differences(session, customer, month, legible, again, names)
                whole = book if len(legible) == len(rows) else None
                found += _of_indicators(context, session, whole, month, legible, again, indicators)
            if rows or found:
                yield Verified(customer, len(rows), sum(not is_sealed(row) for row in rows), tuple(found))


@dataclass(frozen=True, slots=True)
class _Again:
    """A closed month's data as the store has them now, and services (by name) computed from them anew."""

    measured: Measured
    computed: Mapping[str, Computed]


def _again(session: Session, customer: str, rows: Sequence[MonthFrozen], names: Mapping[int, str]) -> _Again:
    measured = measured_around(session, customer, (rows[0].period_start, rows[0].period_end))
    ordered = sorted(rows, key=lambda one: one.series)
    return _Again(measured, {names[row.series]: _compute_row(row, names[row.series], measured) for row in ordered})


def _is_legible(row: MonthFrozen) -> bool:
    try:
        PolicyValue.model_validate_json(row.policy_text)
        from_json(row.detail)
    except ValueError:
        return False
    return True


def _of_digests(
    session: Session,
    month: str,
    customer: str,
    rows: Sequence[MonthFrozen],
    indicators: Sequence[IndicatorValue],
    names: Mapping[int, str],
) -> Iterator[Difference]:
    """Rows of any revision that are no longer as they were frozen, whatever their spans give, and what is drawn."""
    every: list[Row] = [*rows, *indicators]
    for one in faults(session, month, [customer], every, names, whole=True):
        what = "rows of that act" if one.name == ACT else "row"
        yield Difference(customer, one.name, one.revision, what, one.kept, one.computed, 0)
    for one in view_faults(session, month, rows, names):
        what, service = one.name.split(" of ", 1)
        yield Difference(customer, service, one.revision, f"{what} kept for reports", one.kept, one.computed, 0)


def _of_agreements(
    session: Session,
    book: Book | None,
    customer: str,
    month: str,
    rows: Sequence[MonthFrozen],
    names: Mapping[int, str],
) -> Iterator[Difference]:
    """What says to be agreed, and is not: reasons, approvals and waivers, which follow from no spans."""
    for act in acts_of_month(session, month, [customer]):
        objection = act_objection(book, act)
        if objection:
            yield Difference(customer, f"act {act.number}", act.revision, "agreement", act.run, objection, 0)
    for row in rows:
        objection = row_objection(book, row, names.get(row.series, ""))
        if objection:
            name, said = names.get(row.series, ""), "; ".join(filter(None, (row.reason, row.waived, *row.approvals)))
            yield Difference(customer, name, row.revision, "agreement", said or "a revision", objection, 0)


def _of_chain(context: Context, customers: Sequence[str], month: str) -> dict[str, list[Difference]]:
    """Customer -> what of its month is not what the signed links of the audit chain say."""
    found: dict[str, list[Difference]] = {}
    with context.store.transaction() as session:
        told = link_faults(session, month)
        links = sealing_links(session, month)
    for fault in told:
        for name in {*fault.customers, *(customers if fault.everyone else ())}:
            one = Difference(name, f"link {fault.number}", 0, fault.run, fault.said, fault.found, 0)
            found.setdefault(name, []).append(one)
    broken = altered_links(context, [row for row, _ in links])
    for row, entry in links:
        if row.number in broken:
            for name in customers:  # an altered link cannot be believed whom it is about
                one = Difference(name, f"link {row.number}", 0, entry.run, "signed", broken[row.number], 0)
                found.setdefault(name, []).append(one)
    return found


def _of_indicators(
    context: Context,
    session: Session,
    book: Book | None,
    month: str,
    rows: Sequence[MonthFrozen],
    again: _Again,
    indicators: Sequence[IndicatorValue],
) -> Iterator[Difference]:
    names = service_names(session, [rows[0].customer])
    facts = None if book is None else _facts(session, book, month, rows, again, names)
    for one in differences(session, context, facts, indicators):
        name = f"indicator:{one.key}"
        yield Difference(rows[0].customer, name, one.revision, one.what, one.frozen, one.computed, 0)


def frozen_facts(session: Session, book: Book, month: str, rows: Sequence[MonthFrozen]) -> MonthFacts:
    """What the indicators of a closed month are gathered from, by the policies that were frozen with it."""
    names = service_names(session, [book.customer.id])
    return _facts(session, book, month, rows, _again(session, book.customer.id, rows, names), names)


def _facts(
    session: Session,
    book: Book,
    month: str,
    rows: Sequence[MonthFrozen],
    again: _Again,
    names: Mapping[int, str],
) -> MonthFacts:
    by_name = {names[row.series]: row for row in rows}
    services = [
        service_facts(name, computed, _detail_now(book, by_name[name], name, again))
        for name, computed in again.computed.items()
    ]
    series = {row.series: names[row.series] for row in rows}
    return month_facts(session, book, month, services, series, again.measured.timelines)


def _detail_now(book: Book, row: MonthFrozen, name: str, again: _Again) -> MonthDetail:
    """The frozen detail with the incidents that the spans give now, by what a restatement goes by too.

    An incident that stayed as it was keeps the cause that was frozen: the contract may hang it on others by now.
    """
    frozen = from_json(row.detail)
    service = next((one for one in book.contract.services if one.id == name), None)
    if service is None:
        return frozen
    others = {each: one.incidents for each, one in again.computed.items()}
    now = detail_of(book, service, again.computed[name], again.measured, others)
    causes = {(one.start, one.end, one.down): one.cause for one in frozen.incidents}
    told = (replace(one, cause=causes.get((one.start, one.end, one.down), one.cause)) for one in now.incidents)
    return replace(frozen, incidents=tuple(told))


def _differences(
    session: Session,
    customer: str,
    month: str,
    rows: Sequence[MonthFrozen],
    again: _Again,
    names: Mapping[int, str],
) -> list[Difference]:
    waiting = select(CorrectionLedger.id).where(
        CorrectionLedger.customer == customer, CorrectionLedger.month == month, CorrectionLedger.kind != "restated"
    )
    ledger = len(session.scalars(waiting).all())
    found = []
    for row in sorted(rows, key=lambda one: names[one.series]):
        for what, frozen, computed in _compared(row, again.computed[names[row.series]]):
            found.append(Difference(customer, names[row.series], row.revision, what, frozen, computed, ledger))
    return found


def _compute_row(row: MonthFrozen, service: str, measured: Measured) -> Computed:
    """A closed month computed again by its own policy."""
    return compute(Policy(row.policy_text, row.policy, row.calendar), service, measured.timelines)


def _compared(row: MonthFrozen, now: Computed) -> Iterator[tuple[str, str, str]]:
    """What differs: its name, as it is frozen, as it is computed now."""
    said = json.loads(row.policy_text)
    policy = digest(said)
    if policy != row.policy:
        yield "policy", row.policy, policy
    if now.frozen.engine != row.engine:
        yield "engine", row.engine, now.frozen.engine
    days = day_digest(days_of(now, str(said["case"]["zone"]))) if row.days else ""
    if days != row.days:
        yield "days", row.days, days
    computed = computed_columns(now)
    for name in COMPARED:
        before = getattr(row, name)
        if before != computed[name]:
            yield name, str(before), str(computed[name])


def computed_columns(now: Computed) -> dict[str, str | int | None]:
    """The columns of a closed month that follow from its policy and the spans, as they are computed now."""
    case, frozen = now.case, now.frozen
    seconds = {name: getattr(frozen.seconds, name) for name in frozen.seconds.__slots__ if name != "period"}
    return {
        **seconds,
        "period_start": case.period[0],
        "period_end": case.period[1],
        "bad": frozen.bad,
        "availability": frozen.availability,
        "target": str(case.target),
        "verdict": frozen.verdict,
        "spans": frozen.spans,
        "fee": now.credit.fee,
        "credit_share": str(now.credit.share),
        "credit": now.credit.amount,
    }
