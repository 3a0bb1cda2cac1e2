"""Sheets of the running month: a summary for screens, made anew from spans whenever it may no longer be true.

Sheets go with their `source`, a digest of all that the workspace says about the customer; whoever writes spans of the
customer empties it. Sheets of another source or month are not looked at.
"""

import json
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

from sqlalchemy import ForeignKey, String, delete, insert, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from dure.sla.intervals import Interval, Intervals
from dure.sla.running import Sheet
from dure.sla.spans import Span, Spans
from dure.store.promise.codes import CODES, STATES
from dure.store.promise.tables import Series, seconds
from dure.store.tables import Base

SHAPE = 2
"""Raised whenever a sheet is kept in another form, so that older ones are made anew."""
CHANGED = ""
"""The source of a sheet whose spans have changed since."""


class MonthSource(Base):
    """What a customer's sheets were made of, and [start, end) of the moments that they are good for."""

    __tablename__ = "month_source"
    customer: Mapped[str] = mapped_column(String(100), primary_key=True)
    source: Mapped[str] = mapped_column(String(64))
    start: Mapped[int] = seconds()
    end: Mapped[int] = seconds()


class MonthSoFar(Base):
    """One service's sheet. `terms`, `agreed` and `as_up` repeat among services: they are kept as text."""

    __tablename__ = "month_so_far"
    series: Mapped[int] = mapped_column(
        ForeignKey("series.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    customer: Mapped[str] = mapped_column(String(100), index=True)
    month: Mapped[str] = mapped_column(String(7))
    through: Mapped[int] = seconds()
    terms: Mapped[str]
    agreed: Mapped[str]
    as_up: Mapped[str]
    marks: Mapped[str]


@dataclass(frozen=True, slots=True)
class Terms:
    """What the contract says of the service; `interval` is that of its slowest critical check, in seconds."""

    service: str
    name: str
    zone: str
    period: tuple[int, int]
    target: Fraction
    weight: Fraction
    min_coverage: Fraction
    interval: int


@dataclass(frozen=True, slots=True)
class Kept:
    """A sheet as it is kept."""

    customer: str
    month: str
    terms: Terms
    sheet: Sheet


def mark_changed(session: Session, series: int) -> None:
    """The customer of that check has other spans now: its sheets are not true any more."""
    owner = select(Series.customer).where(Series.id == series).scalar_subquery()
    session.execute(update(MonthSource).where(MonthSource.customer == owner).values(source=CHANGED))


def read_sources(session: Session, now: int) -> dict[str, str]:
    """Customer -> the source of its sheets, of those that are good at that moment."""
    query = select(MonthSource.customer, MonthSource.source).where(MonthSource.start <= now, now < MonthSource.end)
    return {row.customer: row.source for row in session.execute(query) if row.source != CHANGED}


def read_sheets(session: Session, customers: Container[str]) -> Iterator[Kept]:
    """The sheets of these customers; others are not even parsed, for they may be of another version's shape."""
    columns = MonthSoFar.__table__.c
    query = select(
        columns.customer,
        columns.month,
        columns.through,
        columns.terms,
        columns.agreed,
        columns.as_up,
        columns.marks,
    )
    for customer, month, through, terms, agreed, as_up, marks in session.execute(query):
        if customer not in customers:
            continue
        known = _terms(terms)
        sheet = Sheet(known.period, _intervals(agreed), _intervals(as_up), _marks(marks), through)
        yield Kept(customer, month, known, sheet)


def write_sheets(
    session: Session, customer: str, source: str, good: Interval, sheets: Sequence[tuple[int, Kept]]
) -> None:
    """Put these (series, sheet) in the place of all of the customer's; `good` are the moments that they serve."""
    session.execute(delete(MonthSoFar).where(MonthSoFar.customer == customer))
    session.merge(MonthSource(customer=customer, source=source, start=good[0], end=good[1]))
    rows = [
        {
            "series": series,
            "customer": customer,
            "month": kept.month,
            "through": kept.sheet.through,
            "terms": _terms_text(kept.terms),
            "agreed": _compact(second for part in kept.sheet.ast for second in part),
            "as_up": _compact(second for part in kept.sheet.as_up for second in part),
            "marks": _compact(value for one in kept.sheet.marks for value in (one.start, one.end, CODES[one.state])),
        }
        for series, kept in sheets
    ]
    if rows:
        session.execute(insert(Base.metadata.tables[MonthSoFar.__tablename__]), rows)


def _compact(values: Iterable[int]) -> str:
    """One flat list: there are tens of thousands of marks, and a look at the fleet reads them all."""
    return json.dumps([*values], separators=(",", ":"))


def _terms_text(one: Terms) -> str:
    exact = (str(one.target), str(one.weight), str(one.min_coverage))
    values = [one.service, one.name, one.zone, *one.period, *exact, one.interval]
    return json.dumps(values, ensure_ascii=False, separators=(",", ":"))


@lru_cache(maxsize=100_000)
def _terms(text: str) -> Terms:
    service, name, zone, start, end, target, weight, coverage, interval = json.loads(text)
    exact = (Fraction(target), Fraction(weight), Fraction(coverage))
    return Terms(service, name, zone, (start, end), *exact, interval)


@lru_cache(maxsize=10_000)
def _intervals(text: str) -> Intervals:
    flat = json.loads(text)
    return tuple(zip(flat[0::2], flat[1::2], strict=True))


def _marks(text: str) -> Spans:
    flat = json.loads(text)
    return tuple(map(Span, flat[0::3], flat[1::3], map(STATES.__getitem__, flat[2::3])))
