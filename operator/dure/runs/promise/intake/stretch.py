"""The stretch of a check's samples that new ones can change: no outage depends on how samples were cut into files.

After as many good samples in a row as the confirmation looks at, no outage is open and no failure is remembered: what
follows such a run does not depend on what came before it. The stretch reaches from the run before the new samples to
the run after them, and is folded anew as a whole.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from dure.runs.context import Context
from dure.runs.promise.sampling import samples_within
from dure.sla.checks import CheckRule
from dure.sla.intervals import Interval
from dure.sla.samples import Sample, distinct, is_silence
from dure.sla.states import State
from dure.store.promise.codes import STATES

DAY = 86400
REACHES = (DAY, 16 * DAY, 400 * DAY)
"""How far kept samples are looked for around the new ones, seconds; the last one is longer than any are kept."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Samples in order, one a second; `until` is the next sample after them, None when there is none."""

    samples: Sequence[Sample]
    until: int | None
    conflicts: int


def stretch_of(
    session: Session, context: Context, customer: str, check: str, given: Sequence[Sample], rule: CheckRule
) -> Stretch:
    """The new samples among the kept ones; `rule` has the shortest interval that the check ever had."""
    first, last = min(given).ts, max(given).ts
    inside = _kept(session, context, customer, check, (first, last + 1))
    middle, conflicts = distinct([*given, *inside])
    before: tuple[Sample, ...] = ()
    after: tuple[Sample, ...] = ()
    start: int = 0
    until: int | None = None
    for reach in REACHES:
        before = distinct(_kept(session, context, customer, check, (first - reach, first)))[0]
        found = _run_at([*reversed(before)], rule)
        if found is not None:
            start = len(before) - 1 - found
            break
    for reach in REACHES:
        after = distinct(_kept(session, context, customer, check, (last + 1, last + 1 + reach)))[0]
        found = _run_at(after, rule)
        if found is not None and found + 1 < len(after):
            after, until = after[: found + 1], after[found + 1].ts
            break
    return Stretch((*before[start:], *middle, *after), until, conflicts)


def _kept(session: Session, context: Context, customer: str, check: str, part: Interval) -> list[Sample]:
    return [Sample(row.ts, STATES[row.state]) for _, row in samples_within(session, context, customer, check, part)]


def _run_at(samples: Iterable[Sample], rule: CheckRule) -> int | None:
    """Where the first run of good samples is complete, forwards or backwards in time. UNKNOWN neither adds nor ends."""
    needed = max(rule.confirmation.m, rule.confirmation.r)
    run = 0
    last: int | None = None
    for index, (ts, state) in enumerate(samples):
        is_gap = last is not None and is_silence(min(last, ts), max(last, ts), rule.interval)
        last = ts
        if state is State.DOWN or is_gap:
            run = 0
        if state in (State.UP, State.DEGRADED):
            run += 1
        if run == needed:
            return index
    return None
