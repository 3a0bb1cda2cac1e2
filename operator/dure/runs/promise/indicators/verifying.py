"""Frozen indicators looked at again: digest, value from what it rests on, and whether the store still says the same."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from dure.runs.context import Context
from dure.runs.promise.indicators.answer_basis import AnswerBasis
from dure.runs.promise.indicators.basis import Basis, Found, Missing
from dure.runs.promise.indicators.facts import MonthFacts
from dure.runs.promise.indicators.from_samples import Reader, answer_basis, limits_of, reader
from dure.runs.promise.indicators.from_spans import backup_basis, link_basis
from dure.runs.promise.indicators.gather import gather, read_basis
from dure.runs.promise.indicators.rows import row_digest
from dure.runs.promise.indicators.span_basis import BackupBasis, LinkBasis
from dure.sla.freeze import digest
from dure.sla.indicators.catalogue import KEYS
from dure.store.promise.tables import IndicatorValue

NOT_ASKED = ("no-link-check", "no-backup-check", "no-response-limit", "no-answer-times")
"""Reasons that a later change of the contract would end, without anything being wrong with the closed month; the last
one is of versions that could not measure answer times."""
NONE = "none"


@dataclass(frozen=True, slots=True)
class IndicatorDifference:
    """`what` no longer follows: digest, value or records."""

    key: str
    revision: int
    what: str
    frozen: str
    computed: str


def differences(
    session: Session, context: Context, facts: MonthFacts | None, rows: Sequence[IndicatorValue]
) -> Iterator[IndicatorDifference]:
    """All that differs. `facts` None: the contract is gone, so that only the rows themselves are looked at.

    A row without a digest was closed by a version that kept none; there is nothing to compare it with.
    """
    kept = [row for row in rows if row.digest and row.indicator in KEYS]
    now = gather(session, context, facts) if facts is not None and kept else {}
    for row in kept:
        computed = row_digest(row)
        if computed != row.digest:
            yield _difference(row, "digest", row.digest, computed)
        basis = frozen_basis(row) if row.basis else None
        yield from _value(row, basis)
        if facts is not None:
            yield from _records(row, basis, now, facts, reader(session, context.store, facts.customer))


def _difference(row: IndicatorValue, what: str, frozen: str, computed: str) -> IndicatorDifference:
    return IndicatorDifference(row.indicator, row.revision, what, frozen, computed)


def _value(row: IndicatorValue, basis: Basis | None) -> Iterator[IndicatorDifference]:
    if not row.basis:
        return
    if basis is None:
        yield _difference(row, "basis", digest(row.basis), "no basis of that indicator")
        return
    measure = basis.measure()
    value = None if measure.value is None else str(measure.value)
    if (value, measure.part, measure.whole) != (row.value, row.part, row.whole):
        yield _difference(row, "value", str(row.value), str(value))


def frozen_basis(row: IndicatorValue) -> Basis | None:
    """What the value rests on; None: somebody wrote something else there."""
    try:
        return read_basis(row.indicator, row.basis)
    except (KeyError, ValueError):
        return None


def _records(
    row: IndicatorValue, frozen: Basis | None, now: Mapping[str, Found], facts: MonthFacts, read: Reader
) -> Iterator[IndicatorDifference]:
    found: Found = now[row.indicator]
    if not row.basis:
        if row.why not in NOT_ASKED and isinstance(found, Basis) and found.RECORDS:
            measure = found.measure()
            yield _difference(row, "records", NONE, f"{found.records_digest()[:16]} (value {measure.value})")
        return
    if frozen is None or not frozen.RECORDS:
        return
    found = _with_frozen_terms(frozen, found, facts, read)
    if frozen.LET_GO and found == Missing(why=frozen.LET_GO):
        return
    if isinstance(found, Missing):
        yield _difference(row, "records", frozen.records_digest()[:16], NONE)
    elif found.records_digest() != frozen.records_digest():
        computed = f"{found.records_digest()[:16]} (value {found.measure().value})"
        yield _difference(row, "records", f"{frozen.records_digest()[:16]} (value {row.value})", computed)


def _with_frozen_terms(frozen: Basis, found: Found, facts: MonthFacts, read: Reader) -> Found:
    """Lines, backups and limits of answers are those that the contract named at the close."""
    if isinstance(frozen, AnswerBasis):
        limits = limits_of(frozen)
        if isinstance(found, AnswerBasis) and limits_of(found) == limits:
            return found
        return answer_basis(limits, facts, read)
    if isinstance(frozen, LinkBasis):
        return link_basis([one.name for one in frozen.figures], frozen.contract, facts.timelines)
    if isinstance(frozen, BackupBasis):
        return backup_basis(sorted({one.check for one in frozen.days}), frozen.contract, facts)
    return found
