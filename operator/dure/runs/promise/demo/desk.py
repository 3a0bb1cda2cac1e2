"""What a service desk, questionnaires and consoles would know of a made-up company: rows as `operator import` reads."""

import random
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta

from dure.runs.promise.demo.company import Company
from dure.runs.promise.demo.history import HOUR, SEOUL, Past
from dure.runs.promise.demo.trouble import Trouble
from dure.sla.periods import month, parsed_month

Row = dict[str, str | int]
MINUTE = 60
ITEMS = {"information": 5, "servqual": 5, "satisfaction": 1, "intention": 3}
"""Questions of each kind of survey."""
LOW_USE = 3
"""Of every so many companies one hardly uses its groupware any more."""
FEWEST = 6
"""People who are entitled at least: fewer open no case."""


def uses_little(number: int) -> bool:
    """The company's use falls below one half in the last two months."""
    return number % LOW_USE == 0


def tickets_of(company: Company, past: Past, names: Sequence[str], troubles: Iterable[Trouble]) -> Iterator[Row]:
    """Requests and an advice a month, and an incident for each long interruption, in order of kind."""
    source = _source(company, past, "tickets")
    for name in names:
        start, end = month(*parsed_month(name), SEOUL)
        for count in range(source.randint(3, 6)):
            opened = _working(source, start, end)
            quick = source.random() < 0.9
            yield _ticket(company, f"{name}-{count + 1}", "request", opened, source.randint(5, 50) * MINUTE) | {
                "closed": _said(opened + (source.randint(1, 4) if quick else 90) * HOUR),
                "escalated": "no" if source.random() < 0.8 else "yes",
            }
        opened = _working(source, start, start + (end - start) // 2)
        yield _ticket(company, f"{name}-advice", "advice", opened, HOUR) | {"closed": _said(opened + 150 * HOUR)}
    for one in troubles:
        start, end = one.part
        called = _ticket(company, f"I-{one.service}-{start}", "incident", start + 3 * MINUTE, 4 * MINUTE)
        found: Row = {"severity": 2, "service": one.service, "cause": one.cause}
        yield called | {"closed": _said(end + 5 * MINUTE)} | found


def surveys_of(company: Company, past: Past, names: Sequence[str]) -> Iterator[Row]:
    """One of each kind, in the first month; seven of ten answer."""
    source = _source(company, past, "surveys")
    asked = max(company.people, FEWEST)
    for kind, questions in ITEMS.items():
        shared: Row = {"customer": company.id, "survey": names[0][:4], "kind": kind, "held": f"{names[0]}-20"}
        for answer in range(asked * 7 // 10):
            marks = ";".join(str(source.choice((3, 4, 4, 5, 5))) for _ in range(questions))
            yield shared | {"asked": asked, "answer": answer + 1, "marks": marks}


def usage_of(company: Company, number: int, past: Past, names: Sequence[str]) -> Iterator[Row]:
    """Use of the groupware a month; where it falls a case of low utilisation opens in the last month."""
    source = _source(company, past, "usage")
    entitled = max(company.people, FEWEST)
    for back, name in enumerate(reversed(names)):
        share = 0.42 if uses_little(number) and back < 2 else source.uniform(0.72, 0.9)
        acted = int(entitled * share)
        never = (entitled - acted) // 3
        yield {
            "customer": company.id,
            "service": "groupware",
            "month": name,
            "entitled": entitled,
            "acted": acted,
            "purchased": entitled + 2,
            "habitual": acted // 2,
            "dormant": entitled - acted - never,
            "never": never,
        }


def _source(company: Company, past: Past, word: str) -> random.Random:
    return random.Random(f"{past.seed}/{company.id}/{word}")  # noqa: S311 - made up, and the same for a seed


def _ticket(company: Company, name: str, kind: str, opened: int, answered: int) -> Row:
    responded = _said(opened + answered)
    return {"customer": company.id, "ticket": name, "kind": kind, "opened": _said(opened), "responded": responded}


def _working(source: random.Random, start: int, end: int) -> int:
    """A second between ten and three of a weekday, at least a week before the end; they lie two weeks apart."""
    while True:
        day = datetime.fromtimestamp(source.randrange(start, end - 7 * 24 * HOUR), UTC).astimezone(SEOUL)
        if day.weekday() < 5:
            opened = day.replace(hour=10, minute=0, second=0, microsecond=0)
            return int((opened + timedelta(minutes=source.randrange(300))).timestamp())


def _said(second: int) -> str:
    return datetime.fromtimestamp(second, UTC).astimezone(SEOUL).isoformat()
