"""What a security console and a monthly reckoning would know of a made-up company: rows as `operator import` reads."""

import random
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, time

from dure.runs.promise.demo.company import FEES, MADE_UP, MADE_UP_EN, Company
from dure.runs.promise.demo.desk import Row
from dure.runs.promise.demo.history import Past
from dure.runs.promise.demo.upkeep import Upkeep, at, hosts_of

LISTED_EVERY = 10
"""Of every so many companies one gives its lists of hosts: a row a host and day takes room and time."""
LIST_AT, RENEWED_AT = time(9, 0), time(6, 15)
HOUR_OF_WORK, DAYS, LEAST, LIKELY, MOST = 20_000, 20, 2, 3, 4
"""Won of an hour, working days of a month, and minutes a day that a user saves."""
PAPER = 4_000
STANDSTILL = 1_200_000
"""Won of paper and toner a person and month, and of a day on which nobody can work."""


def endpoints_of(company: Company, number: int, past: Past, months: Sequence[Upkeep]) -> Iterator[Row]:
    """A list each morning; now and then a PC's protection is off for two days, or it was away and is stale."""
    if number % LISTED_EVERY:
        return
    source = random.Random(f"{past.seed}/{company.id}/hosts")  # noqa: S311 - made up, and the same for a seed
    hosts = hosts_of(company)
    for one in months:
        off, away = source.choice(hosts[1:]), source.choice(hosts[1:])
        first_off, first_away = source.randrange(3, 20), source.randrange(2, 12)
        for place, day in enumerate(one.days):
            for host in hosts:
                is_away = host == away and first_away <= place < first_away + 10
                renewed = at(one.days[first_away - 1] if is_away else day, RENEWED_AT)
                yield {
                    "customer": company.id,
                    "host": host,
                    "listed": _said(at(day, LIST_AT)),
                    "protected": "no" if host == off and first_off <= place < first_off + 2 else "yes",
                    "updated": _said(renewed),
                }


def benefit_of(company: Company, names: Sequence[str], acted: Mapping[str, int]) -> Iterator[Row]:
    """The four axes and the fees; `acted`: month -> people who used the groupware."""
    for name in names:
        users = acted[name]
        saved = [users * minutes * DAYS * HOUR_OF_WORK // 60 for minutes in (LEAST, LIKELY, MOST)]
        paper = company.people * PAPER
        yield _axis(company, name, "productivity", (saved[0], saved[1], saved[2])) | _basis(
            f"그룹웨어를 쓰신 {users}명이 하루 {LEAST}~{MOST}분을 아꼈습니다: 시간당 {HOUR_OF_WORK:,}원, {DAYS}일",
            f"{users} users of the groupware saved {LEAST} to {MOST} minutes a day: {HOUR_OF_WORK:,} won an hour, "
            f"{DAYS} days",
        )
        yield _axis(company, name, "cost", (paper // 2, paper, paper)) | _basis(
            f"종이와 토너를 한 사람에 {PAPER // 2:,}~{PAPER:,}원 덜 썼습니다: {company.people}명",
            f"{PAPER // 2:,} to {PAPER:,} won less of paper and toner a person: {company.people} people",
        )
        yield _axis(company, name, "revenue", (0, 0, 0)) | _basis(
            "매출에 준 영향은 알 수 없어서 넣지 않았습니다", "nobody can tell an effect on sales, so none is reckoned"
        )
        yield _axis(company, name, "risk", (STANDSTILL // 12, STANDSTILL // 6, STANDSTILL // 2)) | _basis(
            f"하루 멈추면 {STANDSTILL:,}원을 잃습니다: 한 해에 한 번에서 여섯 번을 막았다고 보았습니다",
            f"a day of standstill costs {STANDSTILL:,} won: one to six a year averted",
        )
        fees = sum(FEES.values())
        yield _axis(company, name, "spent", (fees, fees, fees)) | _basis("서비스 요금", "the services' fees")


def _axis(company: Company, name: str, axis: str, won: tuple[int, int, int]) -> Row:
    low, likely, high = won
    return {"customer": company.id, "month": name, "axis": axis, "low": low, "likely": likely, "high": high}


def _basis(ko: str, en: str) -> Row:
    return {"basis": f"{ko} {MADE_UP}", "basis_en": f"{en} {MADE_UP_EN}"}


def _said(moment: datetime) -> str:
    return moment.isoformat()
