"""Indicators that rest on tickets, windows and the freeze log."""

from collections.abc import Sequence
from datetime import date
from typing import ClassVar

from dure.runs.promise.indicators.basis import Basis, Record
from dure.sla.indicators.desk import (
    PlannedWork,
    Ticket,
    advice_carried_out,
    first_contact_resolution,
    first_response_in_time,
    maintenance_done,
    reopen_rate,
    report_on_time,
    request_in_time,
)
from dure.sla.indicators.measure import Measure
from dure.sla.intervals import Interval


class TicketFact(Record):
    """A ticket as it stood at the moment of judgement; what happened later is not in it."""

    id: str
    opened: int
    request: bool = False
    responded: int | None = None
    closed: int | None = None
    reopened: int | None = None
    due: int | None = None
    escalated: bool = False
    waiting: tuple[Interval, ...] = ()

    def ticket(self, response_limit: int = 0, limit: int = 0) -> Ticket:
        return Ticket(
            opened=self.opened,
            response_limit=response_limit,
            limit=limit,
            responded=self.responded,
            closed=self.closed,
            due=self.due,
            pauses=self.waiting,
            request=self.request,
            escalated=self.escalated,
            reopened=self.reopened,
        )


def as_tickets(facts: Sequence[TicketFact], response_limit: int = 0, limit: int = 0) -> list[Ticket]:
    return [one.ticket(response_limit, limit) for one in facts]


class TicketBasis(Basis):
    """Tickets of the month."""

    SOURCE: ClassVar[str] = "tickets"
    RECORDS: ClassVar[tuple[str, ...]] = ("tickets",)
    period: Interval
    as_of: int
    tickets: list[TicketFact]


class ClockBasis(TicketBasis):
    """`hours` are the seconds in which the desk's clock runs, `limit` is in seconds of it."""

    hours: list[Interval]
    limit: int


class ResponseBasis(ClockBasis):
    def measure(self) -> Measure:
        tickets = as_tickets(self.tickets, response_limit=self.limit)
        return first_response_in_time(tickets, tuple(self.hours), self.period, self.as_of)


class RequestBasis(ClockBasis):
    def measure(self) -> Measure:
        tickets = as_tickets(self.tickets, limit=self.limit)
        return request_in_time(tickets, tuple(self.hours), self.period, self.as_of)


class FirstContactBasis(TicketBasis):
    def measure(self) -> Measure:
        return first_contact_resolution(as_tickets(self.tickets), self.period)


class ReopenBasis(TicketBasis):
    def measure(self) -> Measure:
        return reopen_rate(as_tickets(self.tickets), self.period)


class AdviceBasis(TicketBasis):
    """`period` is the quarter; an advice is agreed when it is opened and carried out when it is closed."""

    def measure(self) -> Measure:
        done = sum(one.closed is not None and one.closed < self.period[1] for one in self.tickets)
        return advice_carried_out(done, len(self.tickets))


class WindowRecord(Record):
    """A maintenance window that was not called off."""

    id: str
    notice_kept: bool


class MaintenanceBasis(Basis):
    """A window that was neither cancelled nor put off was done; nobody tells it once more."""

    SOURCE: ClassVar[str] = "windows"
    RECORDS: ClassVar[tuple[str, ...]] = ("windows",)
    windows: list[WindowRecord]

    def measure(self) -> Measure:
        return maintenance_done([PlannedWork(True, one.notice_kept) for one in self.windows])


class ReportBasis(Basis):
    """The month before: the local day on which its last service was frozen, so that its report could be given."""

    SOURCE: ClassVar[str] = "freeze-log"
    RECORDS: ClassVar[tuple[str, ...]] = ("month", "delivered")
    month: str
    delivered: str | None
    holidays: list[str]

    def measure(self) -> Measure:
        delivered = None if self.delivered is None else date.fromisoformat(self.delivered)
        holidays = [date.fromisoformat(one) for one in self.holidays]
        return report_on_time([(int(self.month[:4]), int(self.month[5:]), delivered)], holidays)
