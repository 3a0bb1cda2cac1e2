"""A closed month and what engineers noted about it -> the report's value. Pure: nothing is read, nothing is guessed."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction
from zoneinfo import ZoneInfo

from dure.model.customer import Customer
from dure.model.msp import Msp
from dure.model.report_notes import ReportNotes
from dure.model.report_style import LoadedStyle, ReportContact
from dure.model.words import WordPair
from dure.report.care import care_of, restore_of, usage_of
from dure.report.corrections import Correction, corrected
from dure.report.data import Front, Happening, Headline, Look, Means, MonthSum, Prevented, Provider, Report
from dure.report.engineers import named
from dure.report.imported import net_benefit
from dure.report.indicators import changes_of, indicator_rows, lacking_indicators
from dure.report.lost import lost_seconds
from dure.report.parts import Bill, Decision, Expiry, Figure, OutageRow, Person, Service, TrendPoint
from dure.report.services import MINUTE, least_coverage, service_of
from dure.report.usage import measured_usage
from dure.sla.credits import VAT, won
from dure.sla.intervals import intersection, length, union
from dure.sla.mttx import mean
from dure.sla.ratio import share
from dure.sla.rollup import Member, Rollup, rollup
from dure.sla.verdict import Verdict
from dure.store.promise.months import CustomerMonth

EXPIRY_DAYS = 90
TOLD = 3


@dataclass(frozen=True, slots=True)
class Source:
    """All that a report is made of. `history` are closed months, oldest first, this one last."""

    month: CustomerMonth
    history: tuple[CustomerMonth, ...]
    notes: ReportNotes
    msp: Msp
    style: LoadedStyle
    customer: Customer | None = None
    engineers: Mapping[str, WordPair] = field(default_factory=dict)
    """Id -> name of those in operator.yaml."""
    unvouched: Collection[int] = ()
    """Revisions of the month that no agreement speaks for, and that a later one mended."""
    corrections: tuple[Correction, ...] = ()
    newest: int = 1
    """The newest revision that there is."""


def report_of(source: Source) -> Report:
    """The report of a month with at least one service. Raises ValueError when the month contradicts itself."""
    month, notes = source.month, source.notes
    last = max(month.services, key=lambda one: one.closed_at)
    replaced = source.newest > month.revision
    services = tuple(
        service_of(one, month, source.history, notes, source.engineers, replaced=replaced) for one in month.services
    )
    return Report(
        made_up=month.made_up,
        customer=month.customer,
        customer_name=WordPair(ko=month.name, en=month.name_en),
        provider=provider_of(source.msp),
        look=Look(
            accent=source.style.style.accent,
            logo=source.style.logo,
            greeting=source.style.style.greeting,
            closing=source.style.style.closing,
        ),
        month=month.month,
        zone=month.zone,
        period=month.period,
        closed_at=int(last.closed_at.timestamp()),
        closed_by=named((last.closed_by,), source.engineers)[0],
        revision=month.revision,
        newest=max(month.revision, source.newest),
        corrections=corrected(source.corrections, source.engineers, source.unvouched),
        front=_front(source, services),
        services=services,
        trend=tuple(customer_trend(one) for one in source.history),
        care=care_of(notes, month),
        means=_means(services, month.period),
        indicators=indicator_rows(month, source.history),
        lacking=lacking_indicators(month),
        changes=changes_of(notes.changes, month, source.engineers),
        usage=tuple(usage_of(one) for one in notes.usage) or measured_usage(month),
        benefit=net_benefit(month),
        bill=_bill(month),
        recommendations=tuple(notes.recommendations),
    )


def provider_of(msp: Msp) -> Provider:
    return Provider(name=WordPair(ko=msp.name, en=msp.name_en), phone=msp.phone, email=msp.email)


def sum_of(month: CustomerMonth) -> Rollup:
    """All services by seconds."""
    return rollup([Member(one.service, one.figures, one.verdict) for one in month.services])


def month_sum(month: CustomerMonth) -> MonthSum:
    """A month as page one compares it."""
    total = sum_of(month)
    return MonthSum(
        month=month.month,
        lost=lost_seconds(month),
        availability=Figure.of(total.availability),
        incidents=counted_incidents(month),
        met=total.met,
        judged=total.judged,
        coverage=Figure.of(share(sum(one.figures.known for one in month.services), sum_agreed(month))),
        least=str(max(least_coverage(one) for one in month.services)),
    )


def counted_incidents(month: CustomerMonth) -> int:
    """Incidents of which some downtime counted: the number in every view."""
    return sum(fact.counted > 0 for one in month.services for fact in one.detail.incidents)


def sum_agreed(month: CustomerMonth) -> int:
    """Agreed seconds of all services."""
    return sum(one.figures.ast for one in month.services)


def customer_trend(month: CustomerMonth) -> TrendPoint:
    """A month of which too little was measured has no point, but what is known to be lost is told."""
    found = month_sum(month)
    return TrendPoint(
        month=month.month,
        availability=found.availability if found.is_known else None,
        down=found.lost if found.is_known or found.lost else None,
    )


def headline(services: Sequence[Service], lost: int) -> tuple[Headline, tuple[WordPair, ...]]:
    """What the verdict's sentence says, and the services that it names."""
    open_ = (Verdict.INDETERMINATE, Verdict.INSUFFICIENT_DATA)
    breached = tuple(one.name for one in services if one.verdict is Verdict.BREACHED)
    undecided = tuple(one.name for one in services if one.verdict in open_)
    if breached:
        return Headline.BREACHED, breached
    if undecided:
        return Headline.UNDECIDED, undecided
    if not any(one.verdict is Verdict.MET for one in services):
        return Headline.NOTHING, ()
    return (Headline.MET if lost else Headline.QUIET), ()


def _front(source: Source, services: Sequence[Service]) -> Front:
    month, notes = source.month, source.notes
    restores = [restore_of(one) for one in notes.restores]
    now = month_sum(month)
    kind, named = headline(services, now.lost)
    events = happenings(services)
    longest = sorted(events, key=lambda one: (-one.counted, one.start))[:TOLD]
    taken_out = excluded_happenings(services)
    told = max(taken_out, key=lambda one: one.excluded, default=None)
    if told and any(one.counted >= told.excluded for one in events):
        told = None
    return Front(
        headline=kind,
        named=named,
        now=now,
        before=month_sum(month.previous) if month.previous else None,
        proof=max(restores, key=lambda one: one.at, default=None),
        happened=tuple(one for one in events if one in longest),
        more_happened=len(events) - len(longest),
        excluded=told,
        more_excluded=sum(one.excluded for one in taken_out) - (told.excluded if told else 0),
        prevented=tuple(Prevented(what=one.what, day=one.day) for one in notes.prevented),
        decisions=tuple(_decisions(notes)),
        expiries=_expiries(notes, month),
        visit_at=notes.visit.at if notes.visit else None,
        visit_for=notes.visit.purpose if notes.visit else None,
        contact=person(notes.contact or source.style.style.contact, source.msp),
    )


def happenings(services: Sequence[Service]) -> tuple[Happening, ...]:
    """What counted, in order of time; what several services lived through together is one event."""
    together: dict[int, list[tuple[Service, OutageRow]]] = {}
    for one in services:
        for row in one.outages:
            if row.counted:
                together.setdefault(row.start // MINUTE, []).append((one, row))
    return tuple(_happening(together[minute]) for minute in sorted(together))


def excluded_happenings(services: Sequence[Service]) -> tuple[Happening, ...]:
    """Interruptions that the contract takes out whole or in part, in order of time, told together as above."""
    together: dict[int, list[tuple[Service, OutageRow]]] = {}
    for one in services:
        for row in one.outages:
            if "excluded" in row.left_out and row.down > row.counted:
                together.setdefault(row.start // MINUTE, []).append((one, row))
    return tuple(_excluded(together[minute]) for minute in sorted(together))


def _excluded(rows: Sequence[tuple[Service, OutageRow]]) -> Happening:
    kinds = [
        out.kind
        for one, row in rows
        for out in one.exclusions
        if out.counted and out.start < row.end and row.start < out.end
    ]
    seconds = max(_excluded_seconds(one, row) for one, row in rows)
    return _happening(rows).model_copy(update={"excluded": seconds, "excluded_for": tuple(dict.fromkeys(kinds))})


def _excluded_seconds(service: Service, row: OutageRow) -> int:
    taken_out = union((out.start, out.end) for out in service.exclusions if out.counted)
    return min(row.down - row.counted, length(intersection(((row.start, row.end),), taken_out)))


def _happening(rows: Sequence[tuple[Service, OutageRow]]) -> Happening:
    """The longest of them counts; the cause is the first that somebody wrote down."""
    _, longest = max(rows, key=lambda pair: pair[1].counted)
    return Happening(
        services=tuple(one.name for one, _ in rows),
        start=min(row.start for _, row in rows),
        counted=longest.counted,
        lasted=longest.down,
        carried=all(row.carried for _, row in rows),
        cause=next((row.cause for _, row in rows if row.cause is not None), None),
        root=next((row.root for _, row in rows if row.root), ""),
        root_name=next((row.root_name for _, row in rows if row.root), None),
    )


def _decisions(notes: ReportNotes) -> Iterable[Decision]:
    for one in sorted(notes.decisions, key=lambda decision: decision.due):
        vat = won(VAT, one.price)
        yield Decision(
            what=one.what,
            why=one.why,
            supply=one.price,
            vat=vat,
            total=one.price + vat,
            monthly=one.monthly,
            due=one.due,
        )


def _expiries(notes: ReportNotes, month: CustomerMonth) -> tuple[Expiry, ...] | None:
    """What ends within 90 days of the month's end; None when nobody looked."""
    if notes.expiries is None:
        return None
    end = datetime.fromtimestamp(month.period[1], ZoneInfo(month.zone)).date()
    found = [
        Expiry(kind=one.kind, name=one.name, day=one.day, days_left=(one.day - end).days, plan=one.plan)
        for one in notes.expiries
        if (one.day - end).days <= EXPIRY_DAYS
    ]
    return tuple(sorted(found, key=lambda one: one.day))


def person(contact: ReportContact | None, msp: Msp) -> Person:
    """The named contact, else the MSP's support."""
    if contact is None:
        return Person(name=WordPair(ko=msp.name, en=msp.name_en), role=None, phone=msp.phone, email=msp.email)
    return Person(name=contact.name, role=contact.role, phone=contact.phone, email=contact.email or msp.email)


def _means(services: Sequence[Service], period: tuple[int, int]) -> Means:
    """MTTD and MTTA over incidents started in the month, MTTR over those restored in it.

    Of what did not count nothing is told, as the indicators leave it out too.
    """
    rows = [row for one in services for row in one.outages if row.is_counted]
    noticed = [row.detected - row.start for row in rows if row.detected is not None]
    taken = [
        row.acknowledged - row.detected for row in rows if row.acknowledged is not None and row.detected is not None
    ]
    return Means(
        incidents=len(rows),
        detect=_floor(mean(noticed)),
        detected=len(noticed),
        acknowledge=_floor(mean(taken)),
        acknowledged=len(taken),
        restore=_floor(mean(row.end - row.start for row in rows if row.end <= period[1])),
    )


def _floor(value: Fraction | None) -> int | None:
    return None if value is None else value.numerator // value.denominator


def _bill(month: CustomerMonth) -> Bill:
    one = month.invoice
    return Bill(fees=one.fees, credits=one.credits, supply=one.supply_value, vat=one.vat, total=one.total)
