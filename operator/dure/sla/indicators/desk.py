"""Indicators 17-24: tickets on the business clock, planned work, reports, advice, governance."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date

from dure.sla.indicators.measure import Measure, rate, rate_of
from dure.sla.intervals import Interval, Intervals
from dure.sla.periods import business_day
from dure.sla.ticket_clock import business_seconds

REOPEN_WITHIN = 7 * 86400
REPORT_DAY = 5


@dataclass(frozen=True, slots=True)
class Ticket:
    """Times in UTC seconds, None: not yet; limits in seconds of the business clock.

    `pauses` are waits for the customer; `due` is a moment agreed for this ticket alone, instead of `limit`.
    """

    opened: int
    response_limit: int
    limit: int = 0
    responded: int | None = None
    closed: int | None = None
    due: int | None = None
    pauses: tuple[Interval, ...] = ()
    request: bool = False
    escalated: bool = False
    reopened: int | None = None


@dataclass(frozen=True, slots=True)
class PlannedWork:
    """A planned maintenance: whether it was done, and told in time."""

    done: bool
    notice_kept: bool


@dataclass(frozen=True, slots=True)
class GovernedRun:
    """Which of the five W's of a run are recorded, its approval, and its log."""

    who: bool
    what: bool
    when: bool
    where: bool
    why: bool
    approval: bool
    log: bool


def _in_time(done: int | None, taken: int, limit: int) -> bool | None:
    """None: still running within its limit, so that there is nothing to judge."""
    return taken <= limit if done is not None or taken > limit else None


def first_response_in_time(tickets: Iterable[Ticket], hours: Intervals, period: Interval, now: int) -> Measure:
    """17: first answer within the limit on the business clock ÷ tickets opened in the period."""
    judged = []
    for one in tickets:
        if period[0] <= one.opened < period[1]:
            end = now if one.responded is None else one.responded
            # The customer is not asked before the first answer: no pause stops this clock.
            judged.append(_in_time(one.responded, business_seconds(hours, one.opened, end), one.response_limit))
    return rate_of([one for one in judged if one is not None])


def request_in_time(tickets: Iterable[Ticket], hours: Intervals, period: Interval, now: int) -> Measure:
    """18: requests done by their due time, or within the limit on the business clock ÷ requests of the period."""
    judged: list[bool | None] = []
    for one in tickets:
        if not one.request or not period[0] <= one.opened < period[1]:
            continue
        end = now if one.closed is None else one.closed
        if one.due is not None:
            judged.append(_in_time(one.closed, end, one.due))
        else:
            judged.append(_in_time(one.closed, business_seconds(hours, one.opened, end, one.pauses), one.limit))
    return rate_of([one for one in judged if one is not None])


def _closed(tickets: Iterable[Ticket], period: Interval) -> list[Ticket]:
    return [one for one in tickets if one.closed is not None and period[0] <= one.closed < period[1]]


def _reopened(ticket: Ticket) -> bool:
    if ticket.reopened is None or ticket.closed is None:
        return False
    return ticket.reopened - ticket.closed <= REOPEN_WITHIN


def first_contact_resolution(tickets: Iterable[Ticket], period: Interval) -> Measure:
    """19: neither escalated nor reopened within 7 days ÷ tickets closed in the period."""
    return rate_of([not one.escalated and not _reopened(one) for one in _closed(tickets, period)])


def reopen_rate(tickets: Iterable[Ticket], period: Interval) -> Measure:
    """20: reopened within 7 days ÷ tickets closed in the period."""
    return rate_of([_reopened(one) for one in _closed(tickets, period)])


def maintenance_done(works: Iterable[PlannedWork]) -> Measure:
    """21: done with its notice kept ÷ planned."""
    return rate_of([one.done and one.notice_kept for one in works])


def report_on_time(deliveries: Iterable[tuple[int, int, date | None]], holidays: Collection[date]) -> Measure:
    """22: reports delivered by the fifth business day of the next month ÷ reports due.

    A delivery is (year, month reported on, day of delivery or None).
    """
    judged = []
    for year, month, delivered in deliveries:
        following = (year + 1, 1) if month == 12 else (year, month + 1)
        judged.append(delivered is not None and delivered <= business_day(*following, REPORT_DAY, holidays))
    return rate_of(judged)


def advice_carried_out(closed: int, agreed: int) -> Measure:
    """23: closed ÷ agreed in the quarter."""
    return rate(closed, agreed)


def automation_governance(runs: Iterable[GovernedRun]) -> Measure:
    """24: runs with all five W's, approval and log ÷ runs."""
    return rate_of([all((one.who, one.what, one.when, one.where, one.why, one.approval, one.log)) for one in runs])
