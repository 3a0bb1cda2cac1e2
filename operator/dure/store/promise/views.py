"""What reports draw of a closed month: a service's timeline and its days, made from spans.

Those of the newest revision stand in `service_span` and `day_seconds`; a restatement puts what it replaces away into
`month_view`, so that an older revision can still be drawn.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields

from sqlalchemy import JSON, ForeignKey, SmallInteger, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from dure.sla.classes import Seconds
from dure.sla.freeze import digest, span_digest
from dure.sla.spans import Span, Spans
from dure.store.promise.codes import CODES, STATES
from dure.store.promise.frozen import ACT, Fault, faults, service_names, shown_name
from dure.store.promise.seals import Row, is_sealed
from dure.store.promise.tables import DaySeconds, IndicatorValue, MonthFrozen, ServiceSpanRow
from dure.store.tables import Base

CLASSES = tuple(one.name for one in fields(Seconds))
MANY = 500
"""A database takes only so many parameters; of a whole fleet all rows are meant anyway."""


class MonthView(Base):
    """Timeline ([start, end, code of the state]) and days ([day, seconds per class …]) of a revision now replaced."""

    __tablename__ = "month_view"
    series: Mapped[int] = mapped_column(ForeignKey("series.id"), primary_key=True, autoincrement=False)
    month: Mapped[str] = mapped_column(String(7), primary_key=True)
    revision: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    spans: Mapped[list[list[int]]] = mapped_column(JSON)
    days: Mapped[list[list[str | int]]] = mapped_column(JSON)


@dataclass(frozen=True, slots=True)
class DayFact:
    """A local day (2026-06-11) by class."""

    day: str
    seconds: Seconds


def day_digest(days: Sequence[DayFact]) -> str:
    """sha256 of the days of a month, in order."""
    return digest([[one.day, *(getattr(one.seconds, name) for name in CLASSES)] for one in days])


@dataclass(frozen=True, slots=True)
class View:
    """A service's timeline, cut to the month, and its days."""

    spans: Spans = ()
    days: tuple[DayFact, ...] = ()

    def objection(self, row: MonthFrozen, service: str = "") -> Fault | None:
        """What does not belong to that row; None when all does."""
        kept, computed = row.spans, span_digest(self.spans)
        if kept != computed:
            return Fault(row.customer, row.month, f"timeline of {service}", row.revision, kept, computed)
        kept, computed = row.days, day_digest(self.days)
        if not kept:
            whole = {name: getattr(row, name) for name in CLASSES if name != "period"}
            kept = digest({**whole, "period": row.period_end - row.period_start})
            computed = digest({name: sum(getattr(one.seconds, name) for one in self.days) for name in CLASSES})
        if kept != computed:
            return Fault(row.customer, row.month, f"days of {service}", row.revision, kept, computed)
        return None


def read_views(session: Session, month: str, rows: Sequence[MonthFrozen]) -> dict[int, View]:
    """Series -> what stands in the tables now."""
    series = [row.series for row in rows]
    spans, days = _spans(session, rows, series), _days(session, month, series)
    return {one: View(spans.get(one, ()), days.get(one, ())) for one in series}


def views_of(
    session: Session, month: str, rows: Sequence[MonthFrozen], names: Mapping[int, str], replaced: Iterable[int]
) -> dict[int, View]:
    """Series -> the view of that row's revision; `replaced` are series whose row is not the newest.

    Of a revision that was replaced before digests and views were kept it is empty. Raises Altered when one that should
    stand there does not belong to its row.
    """
    found = read_views(session, month, rows)
    older = frozenset(replaced)
    for row in rows:
        view, kept = found[row.series], None
        if row.series in older:
            kept = _kept(session, row)
            view = kept or view
        fault = view.objection(row, names.get(row.series, "")) if is_sealed(row) or row.series in older else None
        if fault and not is_sealed(row) and kept is None:
            view = View()
        elif fault:
            raise fault.error(0)
        found[row.series] = view
    return found


def view_faults(session: Session, month: str, rows: Sequence[MonthFrozen], names: Mapping[int, str]) -> list[Fault]:
    """What is drawn of these rows, all revisions of a month by number, and does not belong to them."""
    views = read_views(session, month, rows) if rows else {}
    newest = {row.series: row.revision for row in rows}  # in order, so that the last one stays
    found = []
    for row in rows:
        if not is_sealed(row):
            continue
        kept = _kept(session, row) if row.revision < newest[row.series] else None
        fault = (kept or views[row.series]).objection(row, names.get(row.series, ""))
        if fault:
            found.append(fault)
    return found


def keep_views(session: Session, rows: Iterable[MonthFrozen]) -> None:
    """Put the views of these rows away, before those of the next revision take their place."""
    wanted = list(rows)
    for row in wanted:
        view = read_views(session, row.month, [row])[row.series]
        if view.objection(row):
            continue
        spans = [[one.start, one.end, CODES[one.state]] for one in view.spans]
        days: list[list[str | int]] = [[one.day, *asdict(one.seconds).values()] for one in view.days]
        session.add(MonthView(series=row.series, month=row.month, revision=row.revision, spans=spans, days=days))


def altered_names(
    session: Session, month: str, customer: str, rows: Sequence[MonthFrozen], indicators: Sequence[IndicatorValue]
) -> frozenset[str]:
    """Services and indicators (as `indicator:KEY`) that are not as they were frozen, or no longer drawn so.

    Where an act as a whole does not hold, nobody knows which of its rows was altered: then they all are.
    """
    names = service_names(session, [customer])
    every: list[Row] = [*rows, *indicators]
    found = faults(session, month, [customer], every, names)
    acts = {one.revision for one in found if one.name == ACT}
    doubtful = {shown_name(row, names) for row in every if row.act in acts}
    views = read_views(session, month, rows) if rows else {}
    doubtful |= {shown_name(row, names) for row in rows if is_sealed(row) and views[row.series].objection(row)}
    return frozenset(doubtful | {one.name for one in found if one.name != ACT})


def _kept(session: Session, row: MonthFrozen) -> View | None:
    """A revision that changed neither has no view of its own: the next later one has it."""
    query = select(MonthView).where(
        MonthView.series == row.series, MonthView.month == row.month, MonthView.revision >= row.revision
    )
    kept = session.scalars(query.order_by(MonthView.revision).limit(1)).first()
    if kept is None:
        return None
    spans = tuple(Span(start, end, STATES[state]) for start, end, state in kept.spans)
    return View(spans, tuple(DayFact(str(day), Seconds(*map(int, seconds))) for day, *seconds in kept.days))


def _days(session: Session, month: str, wanted: Sequence[int]) -> dict[int, tuple[DayFact, ...]]:
    columns = (DaySeconds.series, DaySeconds.day, *(getattr(DaySeconds, name) for name in CLASSES))
    query = select(*columns).where(DaySeconds.day.between(f"{month}-01", f"{month}-31"))
    if len(wanted) < MANY:
        query = query.where(DaySeconds.series.in_(wanted))
    found: dict[int, list[DayFact]] = {}
    for number, day, *seconds in session.execute(query.order_by(DaySeconds.series, DaySeconds.day)):
        found.setdefault(number, []).append(DayFact(day, Seconds(*seconds)))
    return {series: tuple(days) for series, days in found.items()}


def _spans(session: Session, rows: Sequence[MonthFrozen], wanted: Sequence[int]) -> dict[int, Spans]:
    start, end = min(row.period_start for row in rows), max(row.period_end for row in rows)
    columns = (ServiceSpanRow.series, ServiceSpanRow.start, ServiceSpanRow.end, ServiceSpanRow.state)
    query = select(*columns).where(ServiceSpanRow.start >= start, ServiceSpanRow.start < end)
    if len(wanted) < MANY:
        query = query.where(ServiceSpanRow.series.in_(wanted))
    found: dict[int, list[Span]] = {}
    for number, first, last, state in session.execute(query.order_by(ServiceSpanRow.series, ServiceSpanRow.start)):
        found.setdefault(number, []).append(Span(first, last, STATES[state]))
    return {series: tuple(spans) for series, spans in found.items()}
