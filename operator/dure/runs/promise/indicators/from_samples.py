"""Gathers how fast checks answered, from kept samples: 14 days whole, then packed, until their month is closed."""

import hashlib
import sys
from array import array
from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction

from sqlalchemy.orm import Session

from dure.model.promise.contract import ContractCheck
from dure.runs.promise.indicators.answer_basis import AnswerBasis, CheckAnswers
from dure.runs.promise.indicators.basis import Found, Missing
from dure.runs.promise.indicators.facts import MonthFacts
from dure.sla.indicators.measured import response_in_time
from dure.sla.intervals import Interval, Intervals
from dure.sla.spans import seconds_by_state, within
from dure.sla.states import State
from dure.store.database import Store
from dure.store.promise.answers import NOT_TOLD, Answer, read_answers
from dure.store.promise.codes import CODES

UP = CODES[State.UP]
Limit = tuple[str, str, int, int, int]
"""Service, check, milliseconds, the check's interval in seconds, and how far apart samples count by themselves."""
APART = Fraction(4, 5)
"""Of the shortest interval: a prober's samples come a little early or late."""
Reader = Callable[[str, Interval], Sequence[Answer]]


def from_samples(session: Session, store: Store, facts: MonthFacts) -> dict[str, Found]:
    """By key."""
    limits = [
        (service.id, one.check, one.response_ms, *_intervals(facts.book.checks[one.check]))
        for service in facts.book.contract.services
        for one in service.checks
        if one.response_ms is not None
    ]
    if not limits:
        return {"response": Missing(why="no-response-limit")}
    return {"response": answer_basis(limits, facts, reader(session, store, facts.customer))}


def reader(session: Session, store: Store, customer: str) -> Reader:
    """Reads a check's samples of some time."""
    return lambda check, part: read_answers(session, store, customer, check, part)


def _intervals(check: ContractCheck) -> tuple[int, int]:
    """The longest that the check ever had, so that no sample is missed that was never to come; and `apart`."""
    every = [check.interval_seconds, *(one.interval_seconds for one in check.earlier_intervals)]
    return max(every), int(min(every) * APART)


def answer_basis(limits: Iterable[Limit], facts: MonthFacts, read: Reader) -> Found:
    """The samples of each check in the agreed time of its service."""
    agreed = {one.name: one.agreed for one in facts.services}
    found = [_answers(one, agreed.get(one[0], ()), facts, read) for one in limits]
    if not any(one.up for one in found):
        return Missing(why=AnswerBasis.LET_GO)
    if not any(one.timed for one in found):
        return Missing(why="no-latency")
    return AnswerBasis(checks=found)


def limits_of(basis: AnswerBasis) -> list[Limit]:
    """What the basis was gathered by."""
    return [(one.service, one.check, one.limit_ms, one.interval, one.apart) for one in basis.checks]


def _answers(limit: Limit, agreed: Intervals, facts: MonthFacts, read: Reader) -> CheckAnswers:
    service, check, most, interval, apart = limit
    by_state = seconds_by_state(within(facts.timelines.get(check, ()), agreed))
    starts = [start for start, _ in agreed]
    up = [
        (ts, took)
        for ts, state, took in (read(check, facts.period) if agreed else ())
        if state == UP and (place := bisect_right(starts, ts)) and ts < agreed[place - 1][1]
    ]
    counted = thinned(up, apart)
    timed = [took for _, took in counted if took != NOT_TOLD]
    return CheckAnswers(
        service=service,
        check=check,
        limit_ms=most,
        interval=interval,
        expected=by_state[State.UP] // interval,
        up=len(counted),
        timed=len(timed),
        in_time=response_in_time(timed, most).part,
        samples=_digest(up),
        apart=apart,
    )


def thinned(samples: Iterable[tuple[int, int]], apart: int) -> list[tuple[int, int]]:
    """(ts, milliseconds) in order, those less than `apart` seconds after a counted one joined to it: the longest holds.

    NOT_TOLD is less than every time.
    """
    found: list[tuple[int, int]] = []
    for ts, took in samples:
        if found and ts - found[-1][0] < apart:
            found[-1] = found[-1][0], max(found[-1][1], took)
        else:
            found.append((ts, took))
    return found


def _digest(up: Iterable[tuple[int, int]]) -> str:
    """sha256 of the numbers of all UP samples: seconds and milliseconds in turn, 8 bytes each, low byte first."""
    numbers = array("q", [number for pair in up for number in pair])
    if sys.byteorder == "big":
        numbers.byteswap()
    return hashlib.sha256(numbers.tobytes()).hexdigest()
