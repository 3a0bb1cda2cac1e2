"""What engineers would note of a made-up company's month: reports/CUSTOMER/MONTH.yaml, and a quarter's review."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta

import yaml

from dure.model.promise.agreement import IndicatorReview, ReviewedIndicator
from dure.model.words import WordPair
from dure.runs.promise.demo.company import MADE_UP, Company
from dure.runs.promise.demo.history import SEOUL
from dure.runs.promise.demo.trouble import Trouble, both
from dure.runs.promise.demo.upkeep import BACKUP_AT, RESTORE_BYTES, RESTORE_SECONDS, Upkeep, at, hosts_of
from dure.sla.indicators.catalogue import Tier, indicator
from dure.sla.periods import month, parsed_month
from dure.sla.quarter import quarter_months, quarter_of
from dure.store.promise.months import month_before

Note = dict[str, object]
DAY = timedelta(days=1)
REVIEWED = 4
"""Of every so many companies one agreed to a tighter target."""
TIGHTER = ("90", "95", "99", "99.5")
"""Targets of `request`, from tier to tier."""
HEAD = "# 지어낸 자료입니다. (Made up by `operator demo data`.)\n"


def notes_of(company: Company, number: int, name: str, troubles: Iterable[Trouble], upkeep: Upkeep) -> str:
    """The file's text: all that an engineer may write but what records fill; it tells of the same as they do."""
    period = month(*parsed_month(name), SEOUL)
    after = datetime.fromtimestamp(period[1], UTC).astimezone(SEOUL).date()
    content = {
        "incidents": [_incident(one) for one in troubles if period[0] <= one.part[0] < period[1]],
        "prevented": [
            {"what": both("고장 징후를 보인 디스크를 교체했습니다", "A disk with signs of failure was replaced")}
        ],
        "decisions": [*_decisions(after)],
        "expiries": [_expiry(company, number, after)],
        "visit": {"at": f"{after + 16 * DAY} 14:00", "purpose": both("정기 방문", "Regular visit")},
        "restores": [_restore(upkeep)],
        "patch": _patch(hosts_of(company), after),
        "backup": _backup(upkeep),
        "recommendations": [
            both("퇴사한 직원의 계정을 정리하시기를 권합니다", "Close the accounts of people who left")
        ],
    }
    return HEAD + yaml.safe_dump(content, allow_unicode=True, sort_keys=False)


def _decisions(after: date) -> Iterator[Note]:
    yield {
        "what": both("LTE 자동 전환 장비", "A device that switches to LTE by itself"),
        "why": both("회선이 끊겨도 1분 안에 다시 일하실 수 있습니다", "Work goes on within a minute of a cut line"),
        "price": 330_000,
        "due": after + 12 * DAY,
    }
    yield {
        "what": both("백업 보관 기간 연장", "Backups kept for longer"),
        "why": both("1년 전 파일도 되살릴 수 있습니다", "Files of a year ago can be brought back"),
        "price": 22_000,
        "monthly": True,
        "due": after + 19 * DAY,
    }


def _expiry(company: Company, number: int, after: date) -> Note:
    plan = both("만료되기 3주 전에 갱신합니다", "It is renewed three weeks before")
    return {"kind": "domain", "name": f"{company.id}.example", "day": after + (40 + number % 30) * DAY, "plan": plan}


def _restore(one: Upkeep) -> Note:
    return {
        "file": both("견적서.xlsx", "quotation.xlsx"),
        "site": both("본사 서버", "head office"),
        "saved": f"{one.saved_at:%Y-%m-%d %H:%M}",
        "at": f"{one.restored_at:%Y-%m-%d %H:%M}",
        "seconds": RESTORE_SECONDS,
        "bytes": RESTORE_BYTES,
        "same": True,
    }


def _patch(hosts: Sequence[str], after: date) -> Note:
    waiting = {
        "host": both(hosts[-1], hosts[-1]),
        "what": both("월간 보안 업데이트", "monthly security update"),
        "due": after + 3 * DAY,
    }
    return {"hosts": len(hosts), "in_time": len(hosts) - 1, "waiting": [waiting]}


def _backup(one: Upkeep) -> Note:
    why = both("백업 장치의 저장 공간이 부족했습니다", "The backup's disk was full")
    failures = [{"at": f"{at(day, BACKUP_AT):%Y-%m-%d %H:%M}", "why": why} for day in one.failed]
    return {"planned": len(one.days), "succeeded": len(one.days) - len(failures), "failures": failures}


def _incident(one: Trouble) -> Note:
    local = datetime.fromtimestamp(one.part[0], UTC).astimezone(SEOUL)
    return {
        "service": one.service,
        "start": f"{local:%Y-%m-%d %H:%M}",
        "severity": 2,
        "cause": one.told,
        "action": one.action,
        "acknowledged": f"{local + timedelta(minutes=7):%Y-%m-%d %H:%M}",
    }


def review_of(company: Company, number: int, name: str) -> IndicatorReview | None:
    """A tighter target of `request` from that month on, for every fourth company; it still wants signatures."""
    if number % REVIEWED:
        return None
    tier = [*Tier].index(Tier(company.tier))
    known = indicator("request").targets[tier] or TIGHTER[tier]
    reason = WordPair(**both("6개월 내내 여유 있게 달성했습니다", "met with ease for six months"))
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
