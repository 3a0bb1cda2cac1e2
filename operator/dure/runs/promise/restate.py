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
from dure.runs.context import Context
from dure.runs.promise.agreed import figures_of, restatement_run
from dure.runs.promise.approval import approved
from dure.runs.promise.book import Book, require_book
from dure.runs.promise.close import (
    ServiceResult,
    computed_indicators,
    frozen_row,
    results_of,
    write_views,
)
from dure.runs.promise.facts import measured_of
from dure.runs.promise.indicators.explaining import ONE
from dure.runs.promise.indicators.freezing import in_revision
from dure.runs.promise.sealing import record_run
from dure.runs.promise.vouching import doubted_customers
from dure.runs.promise.witness import record_signature
from dure.sla.freeze import correction
from dure.sla.intervals import Interval
from dure.store.promise.frozen import newest_indicators, newest_rows
from dure.store.promise.months import seconds_of
from dure.store.promise.seals import Act, seal_rows
from dure.store.promise.spans import series_of
from dure.store.promise.tables import CorrectionLedger, IndicatorValue, MonthFrozen
from dure.store.promise.views import altered_names, keep_views


@dataclass(frozen=True, slots=True)
class Change:
    """What a restatement changes for one service; `seconds` are class -> more or fewer."""

    service: str
    seconds: dict[str, int]
    availability: tuple[str | None, str | None]
    verdict: tuple[str, str]
    credit: tuple[int, int]
    target: tuple[str, str] = ("", "")
    """Shares such as 999/1000."""
    fee: tuple[int, int] = (0, 0)
    """Won."""
    terms: bool = False
    """The contract or what was agreed says something else now, also where no second changes class by it."""
    altered: bool = False
    """The frozen row, or its days, is not as it was closed: somebody changed it in the database."""
    added: bool = False
    """The month was closed without it; what was before is empty, and no second counts as changed."""


@dataclass(frozen=True, slots=True)
class ChangedIndicator:
    """What a restatement changes for one indicator; values exact in its unit, None: it has none."""

    indicator: str
    value: tuple[str | None, str | None]
    verdict: tuple[str, str]
    altered: bool = False
    records: bool = False
    """What it rests on is something else, whether or not the value is."""


@dataclass(frozen=True, slots=True)
class Restated:
    """A proposal (`applied` False: another engineer must sign) or a new revision."""

    customer: str
    month: str
    revision: int
    applied: bool
    signers: tuple[str, ...]
    changes: tuple[Change, ...]
    indicators: tuple[ChangedIndicator, ...] = ()


@dataclass(frozen=True, slots=True)
class Recomputed:
    """The newest frozen rows of a month, and what they would be now: services by name, indicators by key.

    `altered` are names of services and keys of indicators whose frozen rows are not as they were closed.
    """

    rows: dict[str, MonthFrozen]
    results: dict[str, ServiceResult]
    frozen: dict[str, IndicatorValue]
    indicators: dict[str, IndicatorValue]
    altered: frozenset[str]

    @property
    def revision(self) -> int:
        """The one that a restatement would make."""
        known = [*(one.revision for one in self.rows.values()), *(one.revision for one in self.frozen.values())]
        return max(known) + 1

    def figures(self) -> str:
        """Digest of all that would be frozen."""
        services = {name: one.computed.frozen for name, one in self.results.items()}
        return figures_of(services, {key: one.digest for key, one in self.indicators.items()})

    def changed_indicators(self) -> tuple[ChangedIndicator, ...]:
        """Those whose value, verdict or records are others now; one frozen without a digest is left alone."""
        found = []
        for key, now in self.indicators.items():
            before = self.frozen.get(key)
            if before is None or not before.digest:
                continue
            altered = f"{ONE}{key}" in self.altered
            records = before.digest != now.digest
            if altered or records or (before.value, before.verdict) != (now.value, now.verdict):
                values = (before.value, now.value), (before.verdict, now.verdict)
                found.append(ChangedIndicator(key, *values, altered, records))
        return tuple(found)


def restate(context: Context, customer: str, month: str, reason: str, now: int, *, check: bool) -> Restated:
    """Propose, sign or apply the next revision of a customer's month. `check` only says what it would change.

    Raises UsageError when the month is not closed or the reason is missing, Refused when nothing would change or the
    same engineer signs twice.
    """
    book = require_book(context, customer)
    doubted = customer in doubted_customers(context, month, [customer], check=check)
    with context.store.transaction() as session:
        found = _recomputed(context, session, book, month, doubted)
    changes = _changes(found)
    indicators, revision = found.changed_indicators(), found.revision
    if not changes and not indicators:
        why = "contract, agreements, spans and records give what is frozen"
        raise Refused(f"{month} has nothing to restate", where=customer, why=why, mend="operator sla verify " + month)
    proposal = next((one for one in book.restatements if (one.month, one.revision) == (month, revision)), None)
    if check:
        return Restated(customer, month, revision, False, proposal.signers() if proposal else (), changes, indicators)
    if proposal is None:
        if not reason.strip():
            mend = '--reason "why the closed figure is wrong"'
            raise UsageError("a restatement needs a reason", where=customer, why="the customer reads it", mend=mend)
        proposal = Restatement(
            customer=customer, reason=reason, month=month, revision=revision, figures=found.figures()
        )
    _require_same_figures(proposal, found)
    if not proposal.agreed:
        proposal = approved(context, proposal, now)
        record_signature(context, proposal, "sla restate", f"signed by {', '.join(proposal.signers())}")
        write_agreement(context.workspace, proposal)
    if not proposal.agreed:
        return Restated(customer, month, revision, False, proposal.signers(), changes, indicators)
    changes = _apply(context, book, proposal, now, doubted)
    told = f"{proposal.month} revision {proposal.revision} applied, signed by {', '.join(proposal.signers())}"
    run, why = restatement_run(proposal), proposal.reason
    record_run(context, what="sla restate", where=customer, why=why, result=told, run=run)
    return Restated(customer, month, revision, True, proposal.signers(), changes, indicators)


def _require_same_figures(proposal: Restatement, found: Recomputed) -> None:
    """Raises Refused when contract, agreements, spans or records have changed since the proposal was signed."""
    if proposal.figures != found.figures():
        raise Refused(
            f"{proposal.id} would give other figures than were signed",
            where=proposal.customer,
            why="contract, agreements, spans or records have changed since it was proposed",
            mend=f"remove restatements/{proposal.customer}/{proposal.id}.yaml, and propose it anew",
        )


def _recomputed(context: Context, session: Session, book: Book, month: str, doubted: bool) -> Recomputed:
    """The newest frozen rows and the month as it would be computed now.

    `doubted`: the audit chain speaks of another month, so that each of its rows counts as altered.
    """
    customer = book.customer.id
    series = series_of(session, customer, "service", [one.id for one in book.contract.services])
    newest, values = newest_rows(session, month, [customer]), newest_indicators(session, month, [customer])
    by_series = {row.series: row for row in newest}
    rows = {name: by_series[number] for name, number in series.items() if number in by_series}
    if not rows:
        mend = f"operator sla close {month} {customer}"
        raise UsageError(f"{month} is not closed", where=customer, why="only a closed month is restated", mend=mend)
    measured = measured_of(session, book, _period(rows))
    results = results_of(book, month, series, measured)
    indicators = computed_indicators(context, session, book, month, results, measured)
    return Recomputed(
        rows=rows,
        results={one.name: one for one in results},
        frozen={one.indicator: one for one in values},
        indicators={one.indicator: one for one in indicators},
        altered=(
            frozenset(rows) | {f"{ONE}{one.indicator}" for one in values}
            if doubted
            else altered_names(session, month, customer, newest, values)
        ),
    )


def _period(rows: Mapping[str, MonthFrozen]) -> Interval:
    first = next(iter(rows.values()))
    return first.period_start, first.period_end


def _paired(found: Recomputed) -> tuple[Sequence[MonthFrozen], Sequence[ServiceResult]]:
    """A service that left the contract since keeps its last revision."""
    names = [name for name in sorted(found.rows) if name in found.results]
    return [found.rows[name] for name in names], [found.results[name] for name in names]


def _changes(found: Recomputed) -> tuple[Change, ...]:
    told = (_change(row, result, result.name in found.altered) for row, result in zip(*_paired(found), strict=True))
    new = (_added(result) for name, result in sorted(found.results.items()) if name not in found.rows)
    return (*(one for one in told if one is not None), *new)


def _change(row: MonthFrozen, result: ServiceResult, altered: bool) -> Change | None:
    frozen, now = result.computed.frozen, result.computed
    seconds = correction(seconds_of(row), frozen.seconds)
    change = Change(
        service=result.name,
        seconds=seconds,
        availability=(row.availability, frozen.availability),
        verdict=(row.verdict, frozen.verdict),
        credit=(row.credit, now.credit.amount),
        target=(row.target, str(now.case.target)),
        fee=(row.fee, now.credit.fee),
        terms=row.policy != frozen.policy,
        altered=altered,
    )
    pairs = (change.verdict, change.credit, change.target, change.fee, (row.spans, frozen.spans))
    is_same = not seconds and not altered and not change.terms and all(before == after for before, after in pairs)
    return None if is_same else change


def _added(result: ServiceResult) -> Change:
    """A service that the contract names since the month was closed."""
    frozen, credit = result.computed.frozen, result.computed.credit.amount
    return Change(result.name, {}, (None, frozen.availability), ("", frozen.verdict), (0, credit), added=True)


def _apply(context: Context, book: Book, proposal: Restatement, now: int, doubted: bool) -> tuple[Change, ...]:
    """Add the rows of the new revision in one transaction; those that are there already stay."""
    with context.store.transaction() as session:
        now_found = _recomputed(context, session, book, proposal.month, doubted)
        _require_same_figures(proposal, now_found)
        found, signers, new = _changes(now_found), proposal.signers(), {}
        for change in found:
            result = now_found.results[change.service]
            new[change.service] = frozen_row(
                book, result, proposal.month, proposal.revision, context.engineer, now, proposal.reason, signers
            )
            session.add(
                CorrectionLedger(
                    customer=book.customer.id,
                    series=result.series,
                    month=proposal.month,
                    kind="restated",
                    seconds=dict(change.seconds),
                    reason=proposal.reason,
                    by=", ".join(signers),
                    at=datetime.fromtimestamp(now, UTC),
                )
            )
        keep_views(session, [now_found.rows[name] for name in new if name in now_found.rows])
        write_views(session, book, _period(now_found.rows), [now_found.results[name] for name in new])
        values = list(now_found.indicators.values())
        values = in_revision(session, values, book.customer.id, proposal.month, proposal.revision)
        act = Act(restatement_run(proposal), context.engineer, now, proposal.revision, proposal.reason, tuple(signers))
        seal_rows(session, book.customer.id, proposal.month, act, new, values)
    return found
