"""A new revision of a closed month: proposed and signed by one engineer, signed and applied by another.

The old revision stays as it was; what changed is told class by class and kept in the correction ledger.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy.orm import Session

from dure.errors import Refused, UsageError
from dure.model.promise.agreement import Restatement
from dure.model.promise.agreement_files import write_agreement
from dure.runs.audit import append
from dure.runs.context import Context
from dure.runs.promise.approval import approved
from dure.runs.promise.book import Book, require_book
from dure.runs.promise.close import ServiceResult, freeze_indicators, frozen_row, results_of, write_views
from dure.sla.freeze import correction, digest
from dure.store.promise.months import newest_rows, seconds_of
from dure.store.promise.spans import series_of
from dure.store.promise.tables import CorrectionLedger, MonthFrozen


@dataclass(frozen=True, slots=True)
class Change:
    """What a restatement changes for one service; `seconds` are class -> more or fewer."""

    service: str
    seconds: dict[str, int]
    availability: tuple[str | None, str | None]
    verdict: tuple[str, str]
    credit: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Restated:
    """A proposal (`applied` False: another engineer must sign) or a new revision."""

    customer: str
    month: str
    revision: int
    applied: bool
    signers: tuple[str, ...]
    changes: tuple[Change, ...]


def restate(context: Context, customer: str, month: str, reason: str, now: int, *, check: bool) -> Restated:
    """Propose, sign or apply the next revision of a customer's month. `check` only says what it would change.

    Raises UsageError when the month is not closed or the reason is missing, Refused when nothing would change or the
    same engineer signs twice.
    """
    book = require_book(context, customer)
    with context.store.transaction() as session:
        rows, results = _both(session, book, month)
    changes = tuple(one for one in map(_change, *_paired(rows, results)) if one is not None)
    revision = max(row.revision for row in rows.values()) + 1
    if not changes:
        why = "contract, agreements and spans give what is frozen"
        raise Refused(f"{month} has nothing to restate", where=customer, why=why, mend="operator sla verify " + month)
    proposal = next((one for one in book.restatements if (one.month, one.revision) == (month, revision)), None)
    if check:
        return Restated(customer, month, revision, False, proposal.signers() if proposal else (), changes)
    if proposal is None:
        if not reason.strip():
            mend = '--reason "why the closed figure is wrong"'
            raise UsageError("a restatement needs a reason", where=customer, why="the customer reads it", mend=mend)
        proposal = Restatement(
            customer=customer, reason=reason, month=month, revision=revision, figures=figures_of(results)
        )
    _require_same_figures(proposal, results)
    if not proposal.agreed:
        proposal = approved(context, proposal, now)
        write_agreement(context.workspace, proposal)
        _audit(context, proposal, "signed")
    if not proposal.agreed:
        return Restated(customer, month, revision, False, proposal.signers(), changes)
    changes = _apply(context, book, proposal, now)
    _audit(context, proposal, "applied")
    return Restated(customer, month, revision, True, proposal.signers(), changes)


def figures_of(results: Mapping[str, ServiceResult]) -> str:
    """Digest of all that would be frozen, service by service."""
    return digest([[name, results[name].computed.frozen.content().decode()] for name in sorted(results)])


def _require_same_figures(proposal: Restatement, results: Mapping[str, ServiceResult]) -> None:
    """Raises Refused when contract, agreements or spans have changed since the proposal was signed."""
    if proposal.figures != figures_of(results):
        raise Refused(
            f"{proposal.id} would give other figures than were signed",
            where=proposal.customer,
            why="contract, agreements or spans have changed since it was proposed",
            mend=f"remove restatements/{proposal.customer}/{proposal.id}.yaml, and propose it anew",
        )


def _both(session: Session, book: Book, month: str) -> tuple[dict[str, MonthFrozen], dict[str, ServiceResult]]:
    """The newest frozen rows and the month as it would be computed now, by service."""
    series = series_of(session, book.customer.id, "service", [one.id for one in book.contract.services])
    by_series = {row.series: row for row in newest_rows(session, month, [book.customer.id])}
    rows = {name: by_series[number] for name, number in series.items() if number in by_series}
    if not rows:
        mend = f"operator sla close {month} {book.customer.id}"
        raise UsageError(
            f"{month} is not closed", where=book.customer.id, why="only a closed month is restated", mend=mend
        )
    first = next(iter(rows.values()))
    results = results_of(session, book, month, (first.period_start, first.period_end), series)
    return rows, {one.name: one for one in results}


def _paired(
    rows: dict[str, MonthFrozen], results: dict[str, ServiceResult]
) -> tuple[Sequence[MonthFrozen], Sequence[ServiceResult]]:
    """A service that left the contract since keeps its last revision."""
    names = [name for name in sorted(rows) if name in results]
    return [rows[name] for name in names], [results[name] for name in names]


def _change(row: MonthFrozen, result: ServiceResult) -> Change | None:
    frozen, now = result.computed.frozen, result.computed
    seconds = correction(seconds_of(row), frozen.seconds)
    change = Change(
        service=result.name,
        seconds=seconds,
        availability=(row.availability, frozen.availability),
        verdict=(row.verdict, frozen.verdict),
        credit=(row.credit, now.credit.amount),
    )
    is_same = frozen.spans == row.spans and change.verdict[0] == change.verdict[1]
    return None if is_same and not seconds and change.credit[0] == change.credit[1] else change


def _apply(context: Context, book: Book, proposal: Restatement, now: int) -> tuple[Change, ...]:
    """Add the rows of the new revision in one transaction; those that are there already stay."""
    with context.store.transaction() as session:
        rows, results = _both(session, book, proposal.month)
        _require_same_figures(proposal, results)
        found = []
        for row, result in zip(*_paired(rows, results), strict=True):
            change = _change(row, result)
            if change is None:
                continue
            found.append(change)
            signers = proposal.signers()
            session.add(
                frozen_row(
                    book, result, proposal.month, proposal.revision, context.engineer, now, proposal.reason, signers
                )
            )
            session.add(
                CorrectionLedger(
                    customer=book.customer.id,
                    series=row.series,
                    month=proposal.month,
                    kind="restated",
                    seconds=dict(change.seconds),
                    reason=proposal.reason,
                    by=", ".join(signers),
                    at=datetime.fromtimestamp(now, UTC),
                )
            )
        changed = {one.service for one in found}
        first = next(iter(rows.values()))
        period = (first.period_start, first.period_end)
        write_views(session, book, period, [one for name, one in results.items() if name in changed])
        freeze_indicators(context, session, book, proposal.month, period, list(results.values()), proposal.revision)
    return tuple(found)


def _audit(context: Context, proposal: Restatement, verb: str) -> None:
    append(
        context,
        what="sla restate",
        where=proposal.customer,
        why=proposal.reason,
        result=f"{proposal.month} revision {proposal.revision} {verb}, signed by {', '.join(proposal.signers())}",
        run=f"restatement {proposal.customer} {proposal.id}",
        plan="",
        commit="",
    )
