"""Long interruptions of a made-up company with their causes: what tickets and notes both tell of."""

import random
from collections.abc import Mapping
from dataclasses import dataclass

from dure.runs.promise.demo.company import CHECKS, MADE_UP, MADE_UP_EN, Company
from dure.runs.promise.demo.history import ISP_OUTAGE, MAINTENANCE, POWER_OFF, Past
from dure.sla.intervals import Interval
from dure.sla.spans import Spans, where
from dure.sla.states import State

NOTICED = 600
"""An interruption that lasts so many seconds has somebody call."""
Words = dict[str, str]


def both(ko: str, en: str) -> Words:
    """A text that says that it is made up."""
    return {"ko": f"{ko} {MADE_UP}", "en": f"{en} {MADE_UP_EN}"}


CAUSES: dict[str, tuple[Words, Words]] = {
    "disk": (
        both("저장 공간이 가득 찼습니다", "The disk was full"),
        both("오래된 기록을 지우고 다시 시작했습니다", "Old logs were removed, and it was restarted"),
    ),
    "power": (
        both("전원 장치가 고장 났습니다", "A power supply failed"),
        both("예비 전원 장치로 바꿨습니다", "It was replaced by the spare one"),
    ),
    "update": (
        both("업데이트 뒤에 서비스가 시작되지 않았습니다", "The service did not start after an update"),
        both("업데이트를 되돌렸습니다", "The update was taken back"),
    ),
    "network": (
        both("사무실 스위치가 멈췄습니다", "A switch in the office hung"),
        both("스위치를 다시 시작하고 펌웨어를 올렸습니다", "It was restarted and its firmware renewed"),
    ),
}
CARRIER = (
    both("통신사 구간의 장애였습니다", "An outage of the carrier"),
    both("통신사에 접수하고 복구를 확인했습니다", "It was reported to the carrier, and the recovery was checked"),
)
OVERRUN = (
    both("저장 장치 교체가 약속한 시간보다 길어졌습니다", "The exchange of the storage took longer than agreed"),
    both("교체를 마치고 자료를 모두 확인했습니다", "It was finished, and all data were checked"),
)
OF_LINE, OF_SERVER = ("network", "power"), ("disk", "power", "update")
"""Causes that fit what was down."""
OF_EVENTS = {"carrier": CARRIER, "overrun": OVERRUN}


@dataclass(frozen=True, slots=True)
class Trouble:
    """`cause` is the word that its ticket gives; `told` and `action` are what an engineer writes of it."""

    service: str
    part: Interval
    cause: str
    told: Words
    action: Words


def troubles_of(company: Company, past: Past, timelines: Mapping[str, Spans]) -> tuple[Trouble, ...]:
    """Interruptions long enough to be told, service by service; planned work and what the company itself turned off
    are none."""
    source = random.Random(f"{past.seed}/{company.id}/causes")  # noqa: S311 - made up, and the same for a seed
    found = []
    for service, checks in CHECKS.items():
        for part in where(timelines[checks[0]], State.DOWN):
            word = source.choice(OF_LINE if service == "internet" else OF_SERVER)
            if part[1] - part[0] < NOTICED or part[1] >= past.period[1] or _is_planned(service, part):
                continue
            event = _event(service, part)
            told, action = OF_EVENTS[event] if event else CAUSES[word]
            found.append(Trouble(service, part, event or word, told, action))
    return tuple(found)


def _is_planned(service: str, part: Interval) -> bool:
    return service == "files" and any(one[0] <= part[0] and part[1] <= one[1] for one in (POWER_OFF, MAINTENANCE))


def _event(service: str, part: Interval) -> str:
    """The event of the made-up past that it is; empty: a disturbance of its own."""
    for name, where_, event in (("internet", "carrier", ISP_OUTAGE), ("files", "overrun", MAINTENANCE)):
        if service == name and part[0] < event[1] and event[0] < part[1]:
            return where_
    return ""
