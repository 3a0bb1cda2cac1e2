"""What a closed month tells besides its seconds: incidents with causes, windows and exclusions with what counted."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from dure.model.promise.agreement import ExclusionAgreement, Window
from dure.model.promise.contract import Service
from dure.runs.promise.book import Book
from dure.runs.promise.compute import Computed, margin
from dure.sla.dependency import ancestors
from dure.sla.incidents import Incident
from dure.sla.intervals import Interval, Intervals, difference, intersection, length, union
from dure.sla.maintenance import MaintenanceMode, MaintenanceWindow, objection
from dure.sla.spans import Spans, where
from dure.sla.states import State
from dure.store.promise.detail import ExclusionFact, IncidentFact, MonthDetail, WindowFact
from dure.store.promise.spans import count_blips, read_outages, read_spans

Outages = Mapping[str, Sequence[tuple[int, int, int | None]]]


@dataclass(frozen=True, slots=True)
class Measured:
    """A customer's data around a month: check -> spans, -> (start, detected, end) of outages, -> number of blips."""

    timelines: Mapping[str, Spans]
    outages: Outages
    blips: Mapping[str, int]


def measured_of(session: Session, book: Book, period: Interval) -> Measured:
    """What the store has now of the customer around the month."""
    return measured_around(session, book.customer.id, period)


def measured_around(session: Session, customer: str, period: Interval) -> Measured:
    """The same of a customer that may have no contract any more."""
    part = margin(period)
    return Measured(
        read_spans(session, customer, part),
        read_outages(session, customer, part),
        count_blips(session, customer, period),
    )


@dataclass(frozen=True, slots=True)
class _Downtime:
    """Where the service was down in agreed time, and where each of its checks was."""

    counted: Intervals
    checks: Mapping[str, Intervals]


def detail_of(
    book: Book, service: Service, found: Computed, measured: Measured, others: Mapping[str, Sequence[Incident]]
) -> MonthDetail:
    """`others` are the incidents of the customer's other services, from which causes are told."""
    contract = book.contract
    period = found.case.period
    down = _downtime(service, found, measured)
    return MonthDetail(
        customer=(book.customer.name, book.customer.name_en),
        service=(service.name, service.name_en),
        tier=contract.tier,
        zone=contract.zone,
        checks=tuple(one.check for one in service.checks),
        mode=found.case.maintenance_rules.mode.value,
        degraded_weight=service.degraded_weight or contract.degraded_weight,
        min_coverage=contract.min_coverage,
        observed=None if found.observed is None else str(found.observed),
        incidents=tuple(_incident(one, down, measured, _cause(book, service, one, others)) for one in found.incidents),
        windows=tuple(_windows(book, service, found, period)),
        exclusions=tuple(_exclusions(book, service, found, period)),
        blips=sum(measured.blips.get(one.check, 0) for one in service.checks),
    )


def _downtime(service: Service, found: Computed, measured: Measured) -> _Downtime:
    ast = found.account.masks.ast
    if found.case.maintenance_rules.mode is MaintenanceMode.AS_UP:
        ast = difference(ast, found.account.masks.maintenance)
    checks = {one.check: where(measured.timelines.get(one.check, ()), State.DOWN) for one in service.checks}
    return _Downtime(intersection(where(found.spans, State.DOWN), ast), checks)


def _incident(one: Incident, downtime: _Downtime, measured: Measured, cause: str) -> IncidentFact:
    part = ((one.start, one.end),)
    down = tuple(name for name, intervals in downtime.checks.items() if intersection(intervals, part))
    detections = [
        detected
        for name in down
        for start, detected, _ in measured.outages.get(name, ())
        if one.start <= start < one.end
    ]
    counted = length(intersection(downtime.counted, part))
    return IncidentFact(one.start, one.end, one.down, counted, min(detections, default=None), cause, down)


def _cause(book: Book, service: Service, one: Incident, others: Mapping[str, Sequence[Incident]]) -> str:
    """A supplier whose disturbance was agreed on, else the farthest service that this one hangs on and was down too."""
    for exclusion in book.exclusions:
        meets = exclusion.interval[0] < one.end and one.start < exclusion.interval[1]
        if exclusion.supplier and exclusion.agreed and meets and exclusion.concerns(service.id, exclusion.interval):
            return exclusion.supplier
    depends_on = {each.id: each.depends_on for each in book.contract.services if each.depends_on is not None}
    above = [
        name
        for name in ancestors(service.id, depends_on)
        if any(one.start < other.end and other.start < one.end for other in others.get(name, ()))
    ]
    return above[-1] if above else ""


def shares_in_turn(mask: Intervals, parts: Iterable[Interval]) -> Iterator[int]:
    """Seconds of the mask that each part, in order of its start, brings beyond the ones before it: they sum to what all
    of them bring together, where the parts overlap too.
    """
    taken: Intervals = ()
    for one in parts:
        share = intersection(mask, (one,))
        yield length(difference(share, taken))
        taken = union((*taken, *share))


def _brought(mask: Intervals, agreed: Iterable[Window | ExclusionAgreement]) -> dict[str, int]:
    """Agreement -> seconds of the mask that are told as its own."""
    ordered = sorted(agreed, key=lambda one: (one.interval, one.id))
    shares = shares_in_turn(mask, (one.interval for one in ordered))
    return dict(zip((one.id for one in ordered), shares, strict=True))


def _windows(book: Book, service: Service, found: Computed, period: Interval) -> list[WindowFact]:
    facts = []
    concerned = [one for one in book.windows if one.cancelled is None and one.concerns(service.id, period)]
    notice = found.case.maintenance_rules.notice
    objections = {
        one.id: objection(MaintenanceWindow(*one.interval, one.told, one.approved), notice) for one in concerned
    }
    brought = _brought(found.account.masks.maintenance, [one for one in concerned if objections[one.id] is None])
    for one in concerned:
        against = objections[one.id]
        facts.append(
            WindowFact(
                id=one.id,
                start=one.interval[0],
                end=one.interval[1],
                announced=one.told,
                approved=one.approved,
                approvers=one.signers(),
                reason=one.reason,
                counted=brought.get(one.id, 0),
                objection="" if against is None else against.value,
                late=one.late,
            )
        )
    return facts


def _exclusions(book: Book, service: Service, found: Computed, period: Interval) -> list[ExclusionFact]:
    agreed = [one for one in book.exclusions if one.agreed and one.concerns(service.id, period)]
    brought = _brought(found.account.masks.excluded, agreed)
    return [
        ExclusionFact(
            id=one.id,
            start=one.interval[0],
            end=one.interval[1],
            kind=one.cause,
            evidence=one.evidence,
            reason=one.reason,
            approvers=one.signers(),
            counted=brought[one.id],
        )
        for one in agreed
    ]
