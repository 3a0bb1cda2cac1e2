"""Whether an agreed window will count, told while something can still be done about it: by the engine's own rules."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from pydantic import JsonValue

from dure.model.promise.agreement import Window
from dure.model.promise.contract import Service
from dure.model.promise.terms import maintenance_of
from dure.runs.promise.book import Book
from dure.sla.intervals import Interval, intersection, length
from dure.sla.maintenance import MaintenanceRules, MaintenanceWindow, effective_maintenance, objection
from dure.sla.periods import month

CAP = "cap"


@dataclass(frozen=True, slots=True)
class Doubt:
    """Of a window's `planned` seconds only `counted` count for that service; `why` is the engine's word, or CAP.

    `notice` are the seconds from the notice to the start (None: none was given), `needed` those of the contract.
    """

    service: str
    why: str
    planned: int
    counted: int
    notice: int | None
    needed: int
    cap: int

    def as_json(self) -> JsonValue:
        return asdict(self)


def doubts(book: Book, window: Window) -> tuple[Doubt, ...]:
    """A service each for which less than all of it counts, were it approved in time; none of a cancelled one."""
    if window.cancelled is not None:
        return ()
    found = (_doubt(book, window, one) for one in book.contract.services)
    return tuple(one for one in found if one is not None)


def _doubt(book: Book, window: Window, service: Service) -> Doubt | None:
    if not window.concerns(service.id, window.interval):
        return None
    rules, (start, end) = maintenance_of(book.contract, service), window.interval
    mine = MaintenanceWindow(start, end, window.told, start if window.approved is None else window.approved)
    against, counted = objection(mine, rules.notice), 0
    if against is None:
        counted = sum(_counted(book, window, mine, service, rules))
        if counted == end - start:
            return None
    notice = None if window.told is None else start - window.told
    why = CAP if against is None else against.value
    return Doubt(service.id, why, end - start, counted, notice, rules.notice, rules.cap)


def _counted(
    book: Book, window: Window, mine: MaintenanceWindow, service: Service, rules: MaintenanceRules
) -> Iterator[int]:
    """Its seconds under the cap, month by month: what was agreed for earlier in the month goes first."""
    for period in _months(window.interval, ZoneInfo(book.contract.zone)):
        others = [
            MaintenanceWindow(*one.interval, one.told, one.approved)
            for one in book.windows
            if one.id != window.id and one.cancelled is None and one.concerns(service.id, period)
        ]
        counts = effective_maintenance([*others, mine], rules, period)
        yield length(intersection(counts, ((mine.start, mine.end),)))


def _months(part: Interval, zone: ZoneInfo) -> Sequence[Interval]:
    found, at = [], part[0]
    while at < part[1]:
        local = datetime.fromtimestamp(at, UTC).astimezone(zone)
        found.append(month(local.year, local.month, zone))
        at = found[-1][1]
    return found
