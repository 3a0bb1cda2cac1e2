"""A check's made-up past as spans: flapping by day, quiet weekends, and the events that many share."""

import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from dure.runs.promise.demo.company import SUPPLIERS, Company
from dure.sla.confirmation import Outage
from dure.sla.intervals import Interval
from dure.sla.overlay import overlaid
from dure.sla.spans import Span, Spans, merged, where
from dure.sla.states import State

SEOUL = ZoneInfo("Asia/Seoul")
HOUR, DAY = 3600, 86400
SEOUL_OFFSET = 9 * HOUR
QUIET_WEEKEND = 0.25
"""Part of a working day's disturbances that a day without work sees."""


def at(text: str) -> int:
    """Seconds of a moment in Seoul."""
    return int(datetime.fromisoformat(text).replace(tzinfo=SEOUL).timestamp())


ISP_OUTAGE = (at("2026-03-19T14:07"), at("2026-03-19T15:42"))
GAP = (at("2026-04-09T10:15"), at("2026-04-09T13:45"))
"""The collector itself stood still: nobody knows."""
POWER_OFF = (at("2026-02-13T18:30"), at("2026-02-19T08:40"))
MAINTENANCE = (at("2026-05-13T13:30"), at("2026-05-13T15:30"))
OVERRUN = 50 * 60
"""By so much the maintenance of every third company took longer than agreed."""


@dataclass(frozen=True, slots=True)
class Past:
    """[start, end) that is made up, and the seed that it comes from."""

    period: Interval
    seed: int


def overran(number: int) -> bool:
    """The maintenance of this company took longer than agreed."""
    return number % 3 == 0


def timeline_of(company: Company, number: int, check: str, past: Past) -> Spans:
    """The whole made-up past of one check."""
    source = random.Random(f"{past.seed}/{company.id}/{check}")  # noqa: S311 - made up, and the same for a seed
    bad = [*_flaps(source, past.period), *_events(company, number, check)]
    base: Spans = (Span(*past.period, State.UP),)
    for span in bad:
        start, end = max(span.start, past.period[0]), min(span.end, past.period[1])
        if start < end:
            base = overlaid(base, (Span(start, end, span.state),)).spans
    gap = (max(GAP[0], past.period[0]), min(GAP[1], past.period[1]))
    return unseen(base, gap) if gap[0] < gap[1] else base


def plain_timeline(name: str, past: Past) -> Spans:
    """A made-up past with short disturbances alone, always the same for a name and a seed."""
    source = random.Random(f"{past.seed}/{name}")  # noqa: S311 - made up, and the same for a seed
    base: Spans = (Span(*past.period, State.UP),)
    for span in _flaps(source, past.period):
        base = overlaid(base, (span,)).spans
    return base


def _flaps(source: random.Random, period: Interval) -> Iterable[Span]:
    """About ten short disturbances a month, most of them on working days, and now and then a long one."""
    day = period[0]
    while day < period[1]:
        local = datetime.fromtimestamp(day, UTC).astimezone(SEOUL)
        rate = 0.45 if local.weekday() < 5 else 0.45 * QUIET_WEEKEND
        if source.random() < rate:
            start = day + source.randrange(7 * HOUR, 21 * HOUR)
            state = State.DOWN if source.random() < 0.6 else State.DEGRADED
            long = source.random() < 0.015
            length = source.randrange(30 * 60, 100 * 60) if long else source.randrange(60, 200)
            yield Span(start, start + length, state)
        day += DAY


def _events(company: Company, number: int, check: str) -> Iterable[Span]:
    if check.startswith("line-") and company.supplier == SUPPLIERS[0]:
        yield Span(*ISP_OUTAGE, State.DOWN)
    if check.startswith("files-"):
        if company.powers_off:
            yield Span(*POWER_OFF, State.DOWN)
        late = OVERRUN if overran(number) else 0
        yield Span(MAINTENANCE[0] + 300, MAINTENANCE[1] + late - 300, State.DOWN)


def unseen(spans: Sequence[Span], gap: Interval) -> Spans:
    """The timeline with nothing known in the gap."""
    found = []
    for span in spans:
        found.append(Span(span.start, min(span.end, gap[0]), span.state))
        found.append(Span(max(span.start, gap[1]), span.end, span.state))
    return merged(sorted([*(one for one in found if one.start < one.end), Span(*gap, State.UNKNOWN)]))


def detections(spans: Spans) -> Iterator[Outage]:
    """Its interruptions as a monitor confirms them: a minute or two after they began, and again after they ended."""
    for start, end in where(spans, State.DOWN):
        yield Outage(start, min(start + 45 + start % 90, end - 1), end, end + 60)
