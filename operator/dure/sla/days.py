"""The account of a period split by days, for a calendar of the month: the days sum to the period."""

from collections.abc import Iterable, Sequence
from dataclasses import fields

from dure.sla.classes import Masks, Seconds
from dure.sla.intervals import Interval, Intervals, difference
from dure.sla.maintenance import MaintenanceMode
from dure.sla.spans import Spans, where, within
from dure.sla.states import State


def by_day(service: Spans, parts: Masks, mode: MaintenanceMode, days: Sequence[Interval]) -> tuple[Seconds, ...]:
    """Seconds per class of each day; `days` are in order, adjacent, and cover the period."""
    as_up = parts.maintenance if mode is MaintenanceMode.AS_UP else ()
    judged = within(service, difference(parts.ast, as_up))
    classes: dict[str, Intervals] = {
        "period": (parts.period,),
        "not_monitored": parts.not_monitored,
        "out_of_hours": parts.out_of_hours,
        "maintenance": parts.maintenance,
        "excluded": parts.excluded,
        "ast": parts.ast,
        "degraded": where(judged, State.DEGRADED),
        "down": where(judged, State.DOWN),
        "up": tuple(sorted((*where(judged, State.UP), *as_up))),
    }
    counts = {name: _split(intervals, days) for name, intervals in classes.items()}
    counts["unknown"] = [
        ast - up - degraded - down
        for ast, up, degraded, down in zip(*(counts[name] for name in ("ast", "up", "degraded", "down")), strict=True)
    ]
    order = [one.name for one in fields(Seconds)]
    return tuple(Seconds(*(counts[name][index] for name in order)) for index in range(len(days)))


def _split(intervals: Iterable[Interval], days: Sequence[Interval]) -> list[int]:
    """Seconds of sorted, disjoint intervals in each day."""
    found = [0] * len(days)
    index = 0
    for start, end in intervals:
        while index < len(days) and days[index][1] <= start:
            index += 1
        at = index
        while at < len(days) and days[at][0] < end:
            found[at] += min(end, days[at][1]) - max(start, days[at][0])
            at += 1
    return found
