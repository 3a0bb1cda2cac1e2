"""What the indicators of a month are gathered from, besides the store."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from dure.model.promise.contract import Hours
from dure.model.promise.terms import calendar_of, holidays_of, open_in, term_of
from dure.runs.promise.book import Book
from dure.runs.promise.compute import Computed
from dure.runs.promise.due import closing_day
from dure.sla.intervals import Interval, Intervals, union
from dure.sla.periods import days_of, midnight
from dure.sla.ratio import Ratio
from dure.sla.spans import Spans
from dure.store.promise.detail import IncidentFact, MonthDetail, WindowFact


@dataclass(frozen=True, slots=True)
class ServiceFacts:
    """One service's month, as it was computed; `in_hours` says that it has agreed hours."""

    name: str
    figures: Ratio
    in_hours: bool
    incidents: tuple[IncidentFact, ...]
    windows: tuple[WindowFact, ...]
    agreed: Intervals
    """The seconds of the month that count."""


def service_facts(name: str, computed: Computed, detail: MonthDetail) -> ServiceFacts:
    """A service's month as its indicators need it."""
    return ServiceFacts(
        name=name,
        figures=computed.account.figures,
        in_hours=computed.case.hours is not None,
        incidents=detail.incidents,
        windows=detail.windows,
        agreed=computed.account.masks.ast,
    )


def closing_moment(book: Book, month: str) -> int:
    """The first second of the closing day, by the calendar and the customer's own days."""
    return midnight(closing_day(book, month), ZoneInfo(book.contract.zone))


@dataclass(frozen=True, slots=True)
class MonthFacts:
    """A customer's month. `earlier` are incidents of the 90 days before, by service; `timelines` the checks' spans.

    `as_of` is the moment at which what is still open is judged: the closing day's first second, so that a month gives
    the same values whenever it is closed.
    """

    book: Book
    month: str
    period: Interval
    as_of: int
    services: Sequence[ServiceFacts]
    earlier: Sequence[tuple[str, IncidentFact]]
    timelines: Mapping[str, Spans]

    @property
    def customer(self) -> str:
        return self.book.customer.id

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.book.contract.zone)

    @property
    def monitored(self) -> Interval:
        """The part of the month that the contract covers."""
        term = term_of(self.book.contract)
        return max(term[0], self.period[0]), min(term[1], self.period[1])

    def holidays(self, year: int) -> frozenset[date]:
        """Closed days by the year's pinned or newest calendar."""
        contract = self.book.contract
        return holidays_of(contract, calendar_of(contract, year))

    def desk_hours(self, part: Interval) -> Intervals:
        """Seconds in which the desk's clock runs."""
        contract = self.book.contract
        hours = contract.desk.hours or contract.hours or Hours()
        parts = [
            one
            for year in {day.year for day in days_of(part, self.zone)}
            for one in open_in(hours, self.holidays(year), _of_year(part, year, self.zone), contract.zone)
        ]
        return union(parts)


def _of_year(part: Interval, year: int, zone: ZoneInfo) -> Interval:
    return max(part[0], midnight(date(year, 1, 1), zone)), min(part[1], midnight(date(year + 1, 1, 1), zone))
