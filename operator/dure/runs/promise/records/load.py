"""Spooled rows into the store, in one transaction; what is there already as it is stays untouched."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from dure.runs.promise.records.faults import Faults
from dure.runs.promise.records.kind import Customer, Kind, Values
from dure.runs.promise.records.spool import Spool, Spooled
from dure.sla.low_use import UseCase, use_cases
from dure.store.promise.record_tables import SurveyRow, UsageRow
from dure.store.promise.records import closed_moments, read_usage
from dure.store.tables import Base

CHUNK = 400
LATEST_MONTH = "9999-12"


@dataclass(frozen=True, slots=True)
class CaseNews:
    """A case of low utilisation that an import opened or closed; `month` is the full month after which it did so."""

    customer: str
    service: str
    event: str
    month: str
    why: str


@dataclass(slots=True)
class Loaded:
    """Rows that are new, rows that say something else now, closed months that they fall into, news of cases."""

    new: int = 0
    updated: int = 0
    closed_months: set[tuple[str, str]] = field(default_factory=set)
    cases: list[CaseNews] = field(default_factory=list)


def load(session: Session, spool: Spool, kind: Kind, customer_of: Callable[[str], Customer], faults: Faults) -> Loaded:
    """Write all rows. Raises ImportInvalid for what only shows when all lines are seen together."""
    found = Loaded()
    for name, rows in spool.customers():
        customer = customer_of(name)
        before = _cases(session, name) if kind.table is UsageRow else {}
        closed = set(closed_moments(session, name))
        lines: dict[tuple[str, str], int] = {}
        for chunk in _chunks(rows):
            if kind.table is SurveyRow:
                for line, values in chunk:
                    lines.setdefault((str(values["survey"]), str(values["kind"])), line)
            _write(session, kind, customer, chunk, closed, found)
        if kind.table is UsageRow:
            found.cases += _news(name, before, _cases(session, name))
        if kind.table is SurveyRow:
            _require_consistent(session, name, lines, faults)
    faults.require_none()
    return found


def _chunks(rows: Iterator[Spooled]) -> Iterator[list[Spooled]]:
    while chunk := list(islice(rows, CHUNK)):
        yield chunk


def _write(
    session: Session, kind: Kind, customer: Customer, chunk: list[Spooled], closed: set[str], found: Loaded
) -> None:
    table = kind.table
    known = _known(session, kind, customer.id, [values for _, values in chunk])
    fresh: list[Values] = []
    changed: list[Values] = []
    for _, values in chunk:
        before = known.get(tuple(values[name] for name in kind.key))
        if before == values:
            continue
        (fresh if before is None else changed).append({"customer": customer.id, **values})
        months = [kind.month(one, customer) for one in (values, before) if one is not None]
        found.closed_months |= {(customer.id, month) for month in months if month in closed}
    if fresh:
        session.execute(insert(Base.metadata.tables[table.__tablename__]), fresh)
    if changed:
        session.execute(update(table), changed)
    found.new += len(fresh)
    found.updated += len(changed)


def _known(session: Session, kind: Kind, customer: str, rows: Iterable[Values]) -> dict[tuple[object, ...], Values]:
    """Key -> values as the store has them."""
    table, first = kind.table, kind.key[0]
    names = [one.name for one in table.__table__.columns if one.name != "customer"]
    columns = [table.__table__.columns[name] for name in names]
    wanted = {values[first] for values in rows}
    query = select(*columns).where(table.customer == customer, table.__table__.columns[first].in_(wanted))
    found: dict[tuple[object, ...], Values] = {}
    for row in session.execute(query):
        values: Values = dict(zip(names, row, strict=True))
        found[tuple(values[name] for name in kind.key)] = values
    return found


def _cases(session: Session, customer: str) -> dict[str, tuple[UseCase, ...]]:
    usage = read_usage(session, customer, LATEST_MONTH)
    return {service: use_cases(months) for service, months in usage.items()}


def _news(
    customer: str, before: Mapping[str, tuple[UseCase, ...]], after: Mapping[str, tuple[UseCase, ...]]
) -> Iterator[CaseNews]:
    """What is otherwise than before the import."""
    for service, cases in after.items():
        known = {(one.opened, one.closed) for one in before.get(service, ())}
        opened = {one.opened for one in before.get(service, ())}
        for one in cases:
            if one.opened not in opened:
                yield CaseNews(customer, service, "opened", one.opened, one.opening.value)
            if one.closed is not None and (one.opened, one.closed) not in known:
                yield CaseNews(customer, service, "closed", one.closed, "measured again after the action")


def _require_consistent(session: Session, customer: str, lines: Mapping[tuple[str, str], int], faults: Faults) -> None:
    """All lines of a survey say the same of when it was held and how many were asked."""
    for (survey, kind), line in lines.items():
        query = select(
            func.count(func.distinct(SurveyRow.asked)),
            func.count(func.distinct(SurveyRow.held)),
        ).where(SurveyRow.customer == customer, SurveyRow.survey == survey, SurveyRow.kind == kind)
        asked, held = session.execute(query).one()
        if asked > 1 or held > 1:
            column = "asked" if asked > 1 else "held"
            why = f"its lines, here or imported before, have {max(asked, held)} different values"
            mend = "import all its lines once more with the same value"
            faults.add(line, 1, f"{column} of survey {survey} ({kind}) differs from line to line", why, mend)
