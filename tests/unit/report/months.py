"""Closed months of an invented company, computed by the engine from timelines that are written down in data/."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from pathlib import Path
from zoneinfo import ZoneInfo

import yaml
from dure.model.document import read_document
from dure.model.explain import parse
from dure.model.holiday_calendar import load_calendar
from dure.model.msp import Msp
from dure.model.report_notes import ReportNotes
from dure.model.report_style import LoadedStyle, ReportStyle
from dure.report.build import Source, report_of
from dure.report.data import Report
from dure.sla.case import Account, Case, KnownCheck, account
from dure.sla.classes import classify, masks
from dure.sla.credits import Band, Bands, CreditLine, credit, credited_share, invoice
from dure.sla.exclusions import Exclusion, ExclusionKind
from dure.sla.freeze import ENGINE, digest, span_digest
from dure.sla.hours import business_hours, open_seconds
from dure.sla.incidents import incidents
from dure.sla.indicators.catalogue import Better, indicator
from dure.sla.intervals import intersection, length
from dure.sla.maintenance import MaintenanceWindow, effective_maintenance, objection
from dure.sla.periods import days_of, midnight, month
from dure.sla.spans import Span, Spans, where
from dure.sla.states import State
from dure.store.promise.detail import ExclusionFact, IncidentFact, MonthDetail, WindowFact
from dure.store.promise.months import CustomerMonth, IndicatorFact, ServiceMonth
from dure.store.promise.views import DayFact

DATA = Path(__file__).parent / "data"
ZONE = ZoneInfo("Asia/Seoul")
CUSTOMER = "gaon-machinery"
SERVICES = {
    "internet": ("인터넷 회선", "Internet line", "99.5", False, 120_000),
    "files": ("파일 서버", "File server", "99.5", True, 180_000),
    "groupware": ("그룹웨어와 메일", "Groupware and mail", "99.9", False, 280_000),
    "erp": ("ERP 연결", "ERP access", "99.0", True, 90_000),
}
BANDS = Bands(
    (Band(Fraction(999, 1000), Fraction(0)), Band(Fraction(995, 1000), Fraction(1, 10))),
    Fraction(2, 10),
)
INDICATORS = {
    "availability": ("99.5", "99.711 99.902 99.944 99.520 99.926 99.801", 1_000_000),
    "link": ("99.5", "99.935 99.872 100 99.843 99.944 99.811", 1_000_000),
    "incidents": ("2", "1 1 1 1 1 2", 0),
    "mttd": ("5", "3.2 2.9 3.5 2.4 2.6 2.5", 0),
    "backup": ("99", "100 100 100 100 100 96.774", 31),
    "patch": ("95", "100 92.307 100 100 100 92.857", 14),
    "coverage": ("98", "99.98 99.97 99.99 99.98 99.99 99.87", 1_000_000),
    "request": ("95", "96 97 95.5 98 97.2 98.113", 53),
    "satisfaction": ("4.0", "- - 4.1 - - -", 0),
    "change": ("", "100 100 100 100 90 100", 9),
}
MSP = Msp(id="hanbit-it", name="한빛아이티", name_en="Hanbit IT", phone="02-555-0100", email="help@hanbit-it.example")


def second(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=ZONE).timestamp())


@dataclass(frozen=True, slots=True)
class Agreed:
    """What takes time out of a service's month."""

    windows: tuple[MaintenanceWindow, ...] = ()
    reasons: tuple[str, ...] = ()
    exclusions: tuple[Exclusion, ...] = ()


def agreed(service: str, name: str) -> Agreed:
    if name != "2026-10":
        return Agreed()
    if service == "groupware":
        told, night = second("2026-10-12 10:00"), second("2026-10-18 02:00")
        short = second("2026-10-29 08:00")
        return Agreed(
            (
                MaintenanceWindow(night, night + 7200, told, told + 3600),
                MaintenanceWindow(second("2026-10-29 19:00"), second("2026-10-29 20:00"), short, short),
            ),
            ("메일 서버 버전 올리기", "긴급 설정 변경"),
        )
    if service == "erp":
        power = second("2026-10-20 10:00")
        kind, evidence = ExclusionKind.CUSTOMER_POWER, "건물 관리실 정전 안내문 2026-10-13"
        return Agreed(exclusions=(Exclusion(power, power + 3600, kind, evidence, "kim-minsu"),))
    return Agreed()


def timeline(rows: Sequence[Sequence[str]], period: tuple[int, int]) -> Spans:
    found, at = [], period[0]
    for start, end, state in rows:
        found += [Span(at, second(start), State.UP), Span(second(start), second(end), State(state))]
        at = second(end)
    return tuple(one for one in [*found, Span(at, period[1], State.UP)] if one.start < one.end)


def service_month(service: str, name: str, rows: Sequence[Sequence[str]]) -> ServiceMonth:
    """The service's month, as closing it would keep it."""
    _, _, target, office, fee = SERVICES[service]
    period = month(int(name[:4]), int(name[5:]), ZONE)
    spans, kept = timeline(rows, period), agreed(service, name)
    hours = business_hours(load_calendar("KR-2026.r1").days)
    case = Case(
        period=period,
        checks={service: KnownCheck(spans)},
        target=Fraction(target) / 100,
        hours=open_seconds(hours, period, ZONE) if office else None,
        maintenance=kept.windows,
        exclusions=kept.exclusions,
    )
    result = account(case)
    share = credited_share(result.figures.availability, BANDS) if result.verdict == "BREACHED" else Fraction(0)
    return ServiceMonth(
        service=service,
        revision=1,
        seconds=result.seconds,
        figures=result.figures,
        target=case.target,
        budget=result.budget,
        verdict=result.verdict,
        observed=observed(case),
        credit=CreditLine(service, fee, share, credit([share], fee)),
        calendar="KR-2026.r1",
        policy=digest({"target": target}),
        engine=ENGINE,
        digest=span_digest(spans),
        detail=detail(service, case, result, kept),
        days=tuple(day_fact(day, case) for day in days_of(period, ZONE)),
        spans=spans,
        reason="",
        approvals=(),
        closed_by="kim-minsu",
        closed_at=datetime.fromtimestamp(period[1], UTC) + timedelta(days=3, hours=1),
    )


def observed(case: Case) -> Fraction | None:
    """Round the clock, nothing taken out."""
    return account(replace(case, hours=None, maintenance=(), exclusions=())).figures.availability


def detail(service: str, case: Case, result: Account, kept: Agreed) -> MonthDetail:
    ko, en, *_ = SERVICES[service]
    return MonthDetail(
        customer=("가온기계", "Gaon Machinery"),
        service=(ko, en),
        tier="standard",
        zone="Asia/Seoul",
        checks=(service,),
        mode="exclude",
        degraded_weight="0",
        min_coverage="95",
        observed=str(observed(case)),
        incidents=tuple(incident_facts(service, result)),
        windows=tuple(window_facts(case, kept)),
        exclusions=tuple(exclusion_facts(result, kept)),
        blips=3 if service == "internet" else 0,
    )


def incident_facts(service: str, result: Account) -> Iterator[IncidentFact]:
    """What took 72 minutes elsewhere than on the line was the line's supplier."""
    down = tuple(where(result.spans, State.DOWN))
    for one in incidents(result.spans):
        inside = intersection(down, ((one.start, one.end),))
        root = "한국회선" if service != "internet" and one.end - one.start == 72 * 60 else ""
        counted = length(intersection(inside, result.masks.ast))
        yield IncidentFact(one.start, one.end, one.down, counted, one.start + 150, root, (service,))


def window_facts(case: Case, kept: Agreed) -> Iterator[WindowFact]:
    rules = case.maintenance_rules
    counted = effective_maintenance(kept.windows, rules, case.period)
    for at, (one, reason) in enumerate(zip(kept.windows, kept.reasons, strict=True)):
        seconds = length(intersection(counted, ((one.start, one.end),)))
        against = objection(one, rules.notice) or ""
        told = (one.start, one.end, one.announced, one.approved, ("kim-minsu",))
        yield WindowFact(f"w{at}", *told, reason, seconds, against, False)


def exclusion_facts(result: Account, kept: Agreed) -> Iterator[ExclusionFact]:
    for one in kept.exclusions:
        seconds = length(intersection(result.masks.excluded, ((one.start, one.end),)))
        told = (one.start, one.end, one.kind.value, one.evidence, ("kim-minsu", "lee-jiwon"))
        yield ExclusionFact("e1", *told, seconds)


def day_fact(day: date, case: Case) -> DayFact:
    period = (midnight(day, ZONE), midnight(day + timedelta(days=1), ZONE))
    rules = case.maintenance_rules
    parts = masks(
        period,
        None,
        case.hours,
        effective_maintenance(case.maintenance, rules, period),
        [(one.start, one.end) for one in case.exclusions],
        rules.mode,
    )
    (check,) = case.checks.values()
    assert isinstance(check, KnownCheck)
    return DayFact(day.isoformat(), classify(check.spans, parts, rules.mode))


def indicator_facts(position: int) -> tuple[IndicatorFact, ...]:
    found = []
    for key, (target, values, whole) in INDICATORS.items():
        one, text = indicator(key), values.split()[position]
        goal = Fraction(target) if target else None
        value = None if text == "-" else Fraction(text)
        verdict = "nothing to judge"
        if value is not None and goal is not None:
            better = value >= goal if one.better is Better.HIGHER else value <= goal
            verdict = "met" if better else "missed"
        part = round(value * whole / 100) if value is not None and one.unit == "%" else 0
        found.append(IndicatorFact(one, value, part, whole, goal, verdict, Fraction(1)))
    return tuple(sorted(found, key=lambda fact: fact.indicator.number))


def history(customer: str = CUSTOMER) -> tuple[CustomerMonth, ...]:
    """Six months, oldest first, each with the one before it."""
    months: list[CustomerMonth] = []
    written = yaml.safe_load((DATA / "timelines.yaml").read_text(encoding="utf-8"))
    for position, (name, services) in enumerate(written.items()):
        found = tuple(service_month(service, name, rows) for service, rows in sorted(services.items()))
        months.append(
            CustomerMonth(
                customer=customer,
                name="가온기계",
                name_en="Gaon Machinery",
                month=name,
                zone="Asia/Seoul",
                period=month(int(name[:4]), int(name[5:]), ZONE),
                tier="standard",
                services=found,
                indicators=indicator_facts(position),
                invoice=invoice([one.credit for one in found]),
                made_up=True,
                previous=months[-1] if months else None,
            )
        )
    return tuple(months)


def notes() -> ReportNotes:
    document = read_document(DATA, DATA / "2026-10.yaml")
    found, problems = parse(ReportNotes, document)
    assert found is not None, [one.text() for one in problems]
    assert not document.problems
    return found


def source() -> Source:
    months = history()
    return Source(months[-1], months, notes(), MSP, LoadedStyle(style(), ""))


def style() -> ReportStyle:
    document = read_document(DATA, DATA / "style.yaml")
    found, problems = parse(ReportStyle, document)
    assert found is not None, [one.text() for one in problems]
    return found


def october() -> Report:
    """The report that the tests and the pictures show."""
    return report_of(source())


def first_month() -> Source:
    """A month with hours, minutes and seconds of interruption that is the first one: nothing stands beside it."""
    last = replace(history()[-1], previous=None)
    return Source(last, (last,), ReportNotes(), MSP, LoadedStyle(ReportStyle(), ""))


def bare_month() -> Source:
    """The first month, without anything that engineers add, and nothing before it."""
    first = history()[0]
    bare = replace(first, services=tuple(replace(one, days=()) for one in first.services), indicators=())
    return Source(bare, (bare,), ReportNotes(), MSP, LoadedStyle(ReportStyle(), ""))
