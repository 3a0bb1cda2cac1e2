"""operator demo past: what a demonstration reports on, made up for one customer of its own workspace."""

from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select

from dure.errors import Refused
from dure.model.holiday_calendar import FILES, REVISION
from dure.model.local import DEMONSTRATION
from dure.runs.context import Context
from dure.runs.promise.book import Book, require_book
from dure.runs.promise.close_command import close_and_record
from dure.runs.promise.demo.answers import write_answers
from dure.runs.promise.demo.filling import write_outages
from dure.runs.promise.demo.history import Past, plain_timeline
from dure.runs.promise.policy import period_of
from dure.store.promise.months import MADE_UP, month_before
from dure.store.promise.spans import replace_spans, series_of
from dure.store.promise.tables import Series
from dure.store.tables import Setting

ZONE = ZoneInfo("Asia/Seoul")
DAY = 86400
CLOSED_AFTER = 7 * DAY
"""After a month's end; the third business day has come by then but for the longest holidays."""


@dataclass(frozen=True, slots=True)
class MadePast:
    """All of it is made up."""

    months: tuple[str, ...]
    checks: int
    spans: int
    closed: int


def last_closed(now: int) -> str:
    """The newest month that is over for a week and whose following month has a calendar in the package."""
    last_year = max(int(found.group(2)) for file in FILES.iterdir() if (found := REVISION.match(file.name)))
    month = datetime.fromtimestamp(now - CLOSED_AFTER, UTC).astimezone(ZONE).strftime("%Y-%m")
    return min(month_before(month), f"{last_year}-11")


def make_past(context: Context, customer: str, until: str, months: int, seed: int) -> MadePast:
    """Write spans of all its checks for those months and close them; a second time changes nothing.

    Raises Refused where no demonstration has made the workspace: real figures may be kept there.
    """
    if not (context.workspace / DEMONSTRATION).exists():
        why = "made-up data never go where real ones may be"
        mend = "operator demo data --output DIR makes a workspace for them"
        raise Refused("this workspace is not a demonstration's", where=str(context.workspace), why=why, mend=mend)
    book = require_book(context, customer)
    names = [until]
    while len(names) < months:
        names.append(month_before(names[-1]))
    names.reverse()
    zone = book.contract.zone
    period = (period_of(zone, names[0])[0], period_of(zone, names[-1])[1])
    checks = sorted({one.check for service in book.contract.services for one in service.checks})
    spans = _write(context, book, checks, Past(period, seed))
    closed = 0
    for name in names:
        now = period_of(zone, name)[1] + CLOSED_AFTER
        closed += sum(len(one.frozen) for one in close_and_record(context, [customer], name, now, accept_missing=False))
    return MadePast(tuple(names), len(checks), spans, closed)


def _write(context: Context, book: Book, checks: list[str], past: Past) -> int:
    """How many spans there are; those that are there stay."""
    customer = book.customer.id
    limits = {one.check: one.response_ms for each in book.contract.services for one in each.checks if one.response_ms}
    count = 0
    with context.store.transaction() as session:
        if session.get(Setting, MADE_UP) is None:
            _require_nothing_real(session.scalars(select(Series.customer).limit(1)).first())
            session.add(Setting(name=MADE_UP, value=f"operator demo past --seed {past.seed}"))
        series = series_of(session, customer, "check", checks)
        for check in checks:
            spans = plain_timeline(f"{customer}/{check}", past)
            replace_spans(session, series[check], past.period, spans, {}, (), 1)
            write_outages(session, series[check], spans)
            count += len(spans)
            if check in limits:
                write_answers(session, customer, check, spans, past, limits[check], book.checks[check].interval_seconds)
    return count


def _require_nothing_real(customer: str | None) -> None:
    if customer is not None:
        raise Refused(
            "the store holds measured data",
            where=customer,
            why="made-up data never go where real ones are",
            mend="make demo-down, and make demo anew",
        )
