"""Digests over what a close froze: one over all columns of a row, and one over all rows of an act, chained.

An act is one close, restatement or waiver of a customer's month. A row that was altered no longer has its own digest;
one that was added or removed, or altered with its digest, no longer gives its act's, which the audit chain signs.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache

from sqlalchemy import BigInteger, Integer, SmallInteger, String, Text, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from dure.sla.freeze import digest
from dure.store.promise.act_texts import add_rows
from dure.store.promise.tables import IndicatorValue, MonthFrozen, Series
from dure.store.tables import Base

FIRST = "0" * 64
SERVICE, INDICATOR = "service", "indicator"
Row = MonthFrozen | IndicatorValue


class MonthSeal(Base):
    """One act on a customer's month; `number` counts from 1, `previous` is the digest of the act before.

    The database refuses to change or remove a row. A month that was closed before digests were kept has none.
    """

    __tablename__ = "month_seal"
    customer: Mapped[str] = mapped_column(String(100), primary_key=True)
    month: Mapped[str] = mapped_column(String(7), primary_key=True)
    number: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    run: Mapped[str] = mapped_column(Text, index=True)
    """The name under which a link of the audit chain stands for it."""
    revision: Mapped[int] = mapped_column(SmallInteger)
    """The one that it made."""
    reason: Mapped[str]
    approvals: Mapped[list[str]]
    services: Mapped[int] = mapped_column(Integer)
    indicators: Mapped[int] = mapped_column(Integer)
    by: Mapped[str]
    at: Mapped[int] = mapped_column(BigInteger)
    previous: Mapped[str] = mapped_column(String(64))
    digest: Mapped[str] = mapped_column(String(64))


@dataclass(frozen=True, slots=True)
class Act:
    """Who freezes what now: the run of the audit chain, the engineer, seconds UTC; and why, approved by whom."""

    run: str
    by: str
    at: int
    revision: int = 1
    reason: str = ""
    approvals: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, order=True)
class Entry:
    """A frozen row as its act lists it: service or indicator, its name, and the digest that the row keeps."""

    kind: str
    name: str
    revision: int
    seal: str


def is_sealed(row: Row) -> bool:
    """False for what was closed before digests were kept."""
    return bool(row.act or row.seal)


@cache
def _columns(table: type[Row]) -> tuple[tuple[str, str | None], ...]:
    """Name and default of each column but the digest itself."""
    columns = (one for one in table.__table__.columns if one.name != "seal")
    return tuple((one.name, _default(one.server_default)) for one in columns)


def row_seal(row: Row) -> str:
    """sha256 over all columns of a row but `seal` itself.

    What stands at the default of its column is left out, so that a column added later leaves older digests as they are.
    """
    said: dict[str, object] = {}
    values = vars(row)  # quicker than asking the mapper for each; what is not there was never given
    for name, default in _columns(type(row)):
        value = values.get(name)
        if value is None or (default is not None and str(value) == default):
            continue
        said[name] = value.astimezone(UTC).isoformat() if isinstance(value, datetime) else value
    return digest(said)


def _default(given: object) -> str | None:
    return None if given is None else str(getattr(given, "arg", ""))


def seal_rows(
    session: Session,
    customer: str,
    month: str,
    act: Act,
    services: Mapping[str, MonthFrozen],
    indicators: Sequence[IndicatorValue],
) -> None:
    """Give these rows (services by name) their digests, add them, and add the act that lists them."""
    mine = (MonthSeal.customer == customer, MonthSeal.month == month)
    query = select(MonthSeal.number, MonthSeal.digest).where(*mine).order_by(MonthSeal.number.desc())
    before = session.execute(query.limit(1)).first()
    number = before.number + 1 if before else 1
    entries = []
    named: list[tuple[str, str, Row]] = [(SERVICE, name, row) for name, row in services.items()]
    named += [(INDICATOR, row.indicator, row) for row in indicators]
    for kind, name, row in named:
        row.act = number
        row.seal = row_seal(row)
        entries.append(Entry(kind, name, row.revision, row.seal))
    add_rows(session, customer, month, number, [row for _, _, row in named])
    made = MonthSeal(
        customer=customer,
        month=month,
        number=number,
        run=act.run,
        revision=act.revision,
        reason=act.reason,
        approvals=list(act.approvals),
        services=len(services),
        indicators=len(indicators),
        by=act.by,
        at=act.at,
        previous=before.digest if before else FIRST,
    )
    made.digest = act_digest(made, entries)
    session.add(made)


def act_digest(act: MonthSeal, entries: Sequence[Entry]) -> str:
    """sha256 over an act: whose month, which run, who, when, the act before, and every row that it froze."""
    head = [act.customer, act.month, act.number, act.run, act.by, act.at, act.previous]
    head += [act.revision, act.reason, act.approvals]
    return digest(
        [head, act.services, act.indicators, [[one.kind, one.name, one.revision, one.seal] for one in sorted(entries)]]
    )


def run_digest(acts: Sequence[MonthSeal]) -> str:
    """sha256 over (customer, month, act, digest) of all that one run froze: what its link of the audit chain says."""
    return digest(sorted([one.customer, one.month, one.number, one.digest] for one in acts))


def acts_of_run(session: Session, run: str) -> list[MonthSeal]:
    """All acts of a run of the audit chain."""
    return list(session.scalars(select(MonthSeal).where(MonthSeal.run == run)))


def acts_of_month(session: Session, month: str, customers: Sequence[str] | None) -> list[MonthSeal]:
    """In order, a customer's after the other; None: of all customers."""
    query = select(MonthSeal).where(MonthSeal.month == month).order_by(MonthSeal.customer, MonthSeal.number)
    if customers is not None:
        query = query.where(MonthSeal.customer.in_(customers))
    return list(session.scalars(query))


Entries = dict[tuple[str, int], list[Entry]]
"""(customer, number of the act) -> its rows."""


def entries_of_month(session: Session, month: str, customers: Sequence[str] | None) -> Entries:
    """The rows of a month's acts as the database has them now."""
    services = (
        select(MonthFrozen.customer, MonthFrozen.act, Series.name, MonthFrozen.revision, MonthFrozen.seal)
        .join(Series, Series.id == MonthFrozen.series, isouter=True)
        .where(MonthFrozen.month == month)
    )
    columns = (IndicatorValue.customer, IndicatorValue.act, IndicatorValue.indicator, IndicatorValue.revision)
    indicators = select(*columns, IndicatorValue.seal).where(IndicatorValue.period == month)
    if customers is not None:
        services = services.where(MonthFrozen.customer.in_(customers))
        indicators = indicators.where(IndicatorValue.customer.in_(customers))
    found: Entries = {}
    for kind, query in ((SERVICE, services), (INDICATOR, indicators)):
        for customer, act, name, revision, seal in session.execute(query):
            found.setdefault((customer, act), []).append(Entry(kind, name or "", revision, seal))
    return found
