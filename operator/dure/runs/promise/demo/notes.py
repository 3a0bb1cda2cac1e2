"""What engineers would note of a made-up company's month: reports/CUSTOMER/MONTH.yaml, and a quarter's review."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import yaml

from dure.model.promise.agreement import IndicatorReview, ReviewedIndicator
from dure.model.words import WordPair
from dure.runs.promise.demo.company import CHECKS, MADE_UP, MADE_UP_EN, Company
from dure.runs.promise.demo.history import HOUR, SEOUL, Past, timeline_of
from dure.sla.indicators.catalogue import Tier, indicator
from dure.sla.intervals import Interval, intersection
from dure.sla.periods import month, parsed_month
from dure.sla.quarter import quarter_months, quarter_of
from dure.sla.spans import where
from dure.sla.states import State
from dure.store.promise.months import month_before

Note = dict[str, object]
DAY = timedelta(days=1)
REVIEWED = 4
"""Of every so many companies one agreed to a tighter target."""
TIGHTER = ("90", "95", "99", "99.5")
"""Targets of `request`, from tier to tier."""
HEAD = "# 지어낸 자료입니다. (Made up by `operator demo data`.)\n"


def notes_of(company: Company, number: int, name: str, past: Past) -> str:
    """The file's text: all that an engineer may write but what records fill."""
    period = month(*parsed_month(name), SEOUL)
    first, after = (datetime.fromtimestamp(one, UTC).astimezone(SEOUL).date() for one in period)
    content = {
        "incidents": [*_incidents(company, number, past, period)],
        "prevented": [
            {"what": _both("고장 징후를 보인 디스크를 교체했습니다", "A disk with signs of failure was replaced")}
        ],
        "decisions": [*_decisions(after)],
        "expiries": [_expiry(company, number, after)],
        "visit": {"at": f"{after + 16 * DAY} 14:00", "purpose": _both("정기 방문", "Regular visit")},
        "restores": [_restore(first + 17 * DAY)],
        "patch": _patch(max(company.people // 2, 2), after),
        "backup": _backup(first, after),
        "recommendations": [
            _both("퇴사한 직원의 계정을 정리하시기를 권합니다", "Close the accounts of people who left")
        ],
    }
    return HEAD + yaml.safe_dump(content, allow_unicode=True, sort_keys=False)


def _decisions(after: date) -> Iterator[Note]:
    yield {
        "what": _both("LTE 자동 전환 장비", "A device that switches to LTE by itself"),
        "why": _both("회선이 끊겨도 1분 안에 다시 일하실 수 있습니다", "Work goes on within a minute of a cut line"),
        "price": 330_000,
        "due": after + 12 * DAY,
    }
    yield {
        "what": _both("백업 보관 기간 연장", "Backups kept for longer"),
        "why": _both("1년 전 파일도 되살릴 수 있습니다", "Files of a year ago can be brought back"),
        "price": 22_000,
        "monthly": True,
        "due": after + 19 * DAY,
    }


def _expiry(company: Company, number: int, after: date) -> Note:
    plan = _both("만료되기 3주 전에 갱신합니다", "It is renewed three weeks before")
    return {"kind": "domain", "name": f"{company.id}.example", "day": after + (40 + number % 30) * DAY, "plan": plan}


def _restore(day: date) -> Note:
    return {
        "file": _both("견적서.xlsx", "quotation.xlsx"),
        "site": _both("본사 서버", "head office"),
        "saved": f"{day} 02:30",
        "at": f"{day} 10:20",
        "seconds": 41,
        "bytes": 2_417_664,
        "same": True,
    }


def _patch(hosts: int, after: date) -> Note:
    waiting = {
        "host": _both("설계실 PC 4", "drawing office PC 4"),
        "what": _both("월간 보안 업데이트", "monthly security update"),
        "due": after + 3 * DAY,
    }
    return {"hosts": hosts, "in_time": hosts - 1, "waiting": [waiting]}


def _backup(first: date, after: date) -> Note:
    days = (after - first).days
    failure = {"at": f"{first + 13 * DAY} 02:30", "why": _both("회선이 불안정했습니다", "The line was unstable")}
    return {"planned": days, "succeeded": days - 1, "failures": [failure]}


def _both(ko: str, en: str) -> dict[str, str]:
    return {"ko": f"{ko} {MADE_UP}", "en": f"{en} {MADE_UP_EN}"}


def _incidents(company: Company, number: int, past: Past, period: Interval) -> Iterator[Note]:
    """A note for each service's first interruption of the month that is long enough to be told."""
    for service, checks in CHECKS.items():
        down = intersection(where(timeline_of(company, number, checks[0], past), State.DOWN), (period,))
        start = next((begin for begin, end in down if end - begin > HOUR // 4), None)
        if start is None:
            continue
        local = datetime.fromtimestamp(start, UTC).astimezone(SEOUL)
        yield {
            "service": service,
            "start": f"{local:%Y-%m-%d %H:%M}",
            "severity": 2,
            "cause": _both("저장 공간이 가득 찼습니다", "The disk was full"),
            "action": _both("오래된 기록을 지우고 다시 시작했습니다", "Old logs were removed, and it was restarted"),
            "acknowledged": f"{local + timedelta(minutes=7):%Y-%m-%d %H:%M}",
        }


def review_of(company: Company, number: int, name: str) -> IndicatorReview | None:
    """A tighter target of `request` from that month on, for every fourth company; it still wants signatures."""
    if number % REVIEWED:
        return None
    tier = [*Tier].index(Tier(company.tier))
    known = indicator("request").targets[tier] or TIGHTER[tier]
    reason = WordPair(**_both("6개월 내내 여유 있게 달성했습니다", "met with ease for six months"))
    change = ReviewedIndicator(
        indicator="request", step="tighten", before=known, after=TIGHTER[tier + 1], reason=reason
    )
    return IndicatorReview(
        customer=company.id,
        reason=f"분기 검토 {MADE_UP}",
        quarter=quarter_of(month_before(quarter_months(quarter_of(name))[0])),
        effective=name,
        changes=[change],
    )
