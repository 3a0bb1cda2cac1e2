"""Indicators of a customer's month whose data are at hand: spans, incidents and windows."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from dure.model.promise.terms import scored
from dure.runs.promise.book import Book
from dure.runs.promise.compute import Computed
from dure.sla.indicators.catalogue import Better
from dure.sla.indicators.desk import PlannedWork, maintenance_done
from dure.sla.indicators.incident import Trouble, mean_time_to_detect, repeat_rate, severe_incidents
from dure.sla.indicators.measure import Lacking, Measure
from dure.sla.indicators.measured import availability, coverage
from dure.sla.intervals import Interval
from dure.sla.mttx import Course
from dure.sla.ratio import share
from dure.store.promise.detail import IncidentFact, WindowFact
from dure.store.promise.tables import IndicatorValue

SEVERITY = 2
"""Of a service that is down: the second worst, until people say otherwise."""
NOT_MEASURED = "not measured"


@dataclass(frozen=True, slots=True)
class ServiceFacts:
    """One service's month as its indicators need it."""

    computed: Computed
    in_hours: bool
    incidents: tuple[IncidentFact, ...]
    windows: tuple[WindowFact, ...]


def indicator_rows(
    book: Book, month: str, period: Interval, services: Sequence[ServiceFacts], earlier: Sequence[IncidentFact]
) -> list[IndicatorValue]:
    """Rows of all scored indicators, and of those that are measured anyhow; `earlier` incidents reach 90 days back."""
    measures = _measures(period, services, earlier)
    targets = {one.indicator.key: (one.indicator.better, one.target) for one in scored(book.contract)}
    known = sum(one.computed.account.figures.known for one in services)
    covered = share(known, sum(one.computed.account.figures.ast for one in services))
    rows = []
    for key in {**measures, **targets}:
        measure = measures.get(key)
        better, target = targets.get(key, (Better.HIGHER, None))
        rows.append(
            IndicatorValue(
                customer=book.customer.id,
                indicator=key,
                period=month,
                revision=1,
                value=None if measure is None or measure.value is None else str(measure.value),
                part=measure.part if measure else 0,
                whole=measure.whole if measure else 0,
                target=None if target is None else str(target),
                verdict=_verdict(measure, better, target),
                coverage=None if covered is None else str(covered),
            )
        )
    return rows


def _measures(
    period: Interval, services: Sequence[ServiceFacts], earlier: Sequence[IncidentFact]
) -> dict[str, Measure]:
    figures = [one.computed.account.figures for one in services]
    found = {"availability": availability(figures), "coverage": coverage(figures)}
    hours = [one.computed.account.figures for one in services if one.in_hours]
    if hours:
        found["business_hours"] = availability(hours)
    own = [fact for one in services for fact in one.incidents if fact.counted]
    troubles = [_trouble(one) for one in (*earlier, *own)]
    found["incidents"] = severe_incidents(troubles, period)
    found["repeats"] = repeat_rate(troubles, period)
    # Data that came as spans do not tell when somebody noticed; they are no part of the mean.
    found["mttd"] = mean_time_to_detect([_trouble(one) for one in own if one.detected is not None], period)
    # A window that was neither cancelled nor put off was done; nobody tells it once more.
    works = {one.id: one for service in services for one in service.windows}
    found["maintenance"] = maintenance_done(
        [PlannedWork(done=True, notice_kept=not one.objection) for one in works.values()]
    )
    return found


def _trouble(one: IncidentFact) -> Trouble:
    detected = one.start if one.detected is None else one.detected
    return Trouble(Course(start=one.start, detect=detected, restore=one.end), SEVERITY, one.cause)


def _verdict(measure: Measure | None, better: Better, target: Fraction | None) -> str:
    if measure is None:
        return NOT_MEASURED
    if measure.value is None:
        return (measure.lacking or Lacking.NOTHING).value
    if target is None:
        return "observed"
    is_met = measure.value >= target if better is Better.HIGHER else measure.value <= target
    return "met" if is_met else "missed"
