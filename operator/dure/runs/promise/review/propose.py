"""What a quarter's review proposes for a customer, and the file that two engineers sign."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from fractions import Fraction
from zoneinfo import ZoneInfo

from dure.errors import Refused, UsageError
from dure.model.promise.agreement import IndicatorReview, ReviewedIndicator
from dure.model.promise.agreement_files import write_agreement
from dure.model.promise.standing import positions
from dure.model.words import WordPair
from dure.model.workspace import read_operator
from dure.runs.context import Context
from dure.runs.promise.book import Book, load_book
from dure.runs.promise.policy import period_of
from dure.runs.promise.review.history import (
    can_be_proved,
    candidates_of,
    fleet_trials,
    read_history,
    subject_of,
    unscaled,
)
from dure.runs.promise.witness import record
from dure.sla.faults import SlaError
from dure.sla.indicators.catalogue import CATALOGUE, Tier
from dure.sla.low_use import month_after
from dure.sla.periods import parsed_month
from dure.sla.quarter import Finding, quarter_months, quarter_of, quarter_review
from dure.sla.review import Stage, Step
from dure.store.promise.months import month_before
from dure.text.review import finding_words

INDICATORS = {one.key: one for one in CATALOGUE}
LOOKED_BACK = 12
"""Months in which tickets are asked for complaints."""


@dataclass(frozen=True, slots=True)
class Reviewed:
    """One customer's review; `targets` are the present ones in their unit, `months` those that were closed."""

    customer: str
    quarter: str
    effective: str
    months: tuple[str, ...]
    missing: tuple[str, ...]
    findings: tuple[Finding, ...]
    targets: Mapping[str, Fraction]
    agreement: IndicatorReview | None


def checked_quarter(text: str, now: int, zone: str = "Asia/Seoul") -> str:
    """The quarter as written, else the last one that is over. Raises UsageError."""
    if not text:
        month = datetime.fromtimestamp(now, UTC).astimezone(ZoneInfo(zone)).strftime("%Y-%m")
        first = quarter_months(quarter_of(month))[0]
        return quarter_of(month_before(first))
    try:
        quarter_months(text)
    except SlaError as error:
        raise UsageError(str(error), why="a quarter is a year and a number", mend="--quarter 2026-Q3") from error
    return text


def review_customers(
    context: Context, customers: Sequence[str], quarter: str, effective: str, now: int
) -> list[Reviewed]:
    """All reviews of these customers in order; none of those without a contract."""
    ground = read_operator(context.workspace)[2]
    until = quarter_months(quarter)[-1]
    with context.store.transaction() as session:
        fleet = fleet_trials(session, until, INDICATORS)
    found = []
    for name in customers:
        book = load_book(context, name, ground)
        if book is not None:
            found.append(_review(context, book, quarter, effective or next_month(book, now), fleet))
    return found


def next_month(book: Book, now: int) -> str:
    """The month after the present one: the first that a change can still count in."""
    zone = ZoneInfo(book.contract.zone)
    return month_after(datetime.fromtimestamp(now, UTC).astimezone(zone).strftime("%Y-%m"))


def _review(
    context: Context, book: Book, quarter: str, effective: str, fleet: Mapping[str, Sequence[Fraction]]
) -> Reviewed:
    contract, months = book.contract, quarter_months(quarter)
    until = months[-1]
    looked = [until]
    while len(looked) < LOOKED_BACK:
        looked.append(month_before(looked[-1]))
    with context.store.transaction() as session:
        history = read_history(session, book, until, {one: period_of(contract.zone, one) for one in looked})
    standing = positions(contract, book.reviews, effective)
    subjects = [one for one in (subject_of(each, history) for each in standing.values()) if one is not None]
    trials = candidates_of(book, subjects, history, fleet)

    def proved(key: str, target: Fraction) -> bool:
        return can_be_proved(contract, book, key, target)

    findings = quarter_review(Tier(contract.tier), subjects, trials, proved)
    targets = {key: one.target for key, one in standing.items() if one.target is not None}
    return Reviewed(
        customer=book.customer.id,
        quarter=quarter,
        effective=effective,
        months=history.months,
        missing=tuple(one for one in months if one not in history.months),
        findings=findings,
        targets=targets,
        agreement=next((one for one in book.reviews if one.quarter == quarter), None),
    )


def changes_of(one: Reviewed) -> list[ReviewedIndicator]:
    """What of the findings changes the contract; a plan to improve and what stays as it is change nothing."""
    return [change for finding in one.findings if (change := _change(one, finding)) is not None]


def _change(one: Reviewed, finding: Finding) -> ReviewedIndicator | None:
    indicator, before = INDICATORS[finding.key], one.targets[finding.key]
    reason = WordPair(ko=finding_words(finding, "ko"), en=finding_words(finding, "en"))
    if finding.step is Step.TIGHTEN and finding.target is not None:
        after = decimal(unscaled(indicator, finding.target))
        return ReviewedIndicator(
            indicator=finding.key, step="tighten", before=decimal(before), after=after, reason=reason
        )
    if finding.step is Step.WATCH:
        return ReviewedIndicator(indicator=finding.key, step="watch", before=decimal(before), reason=reason)
    if finding.step is Step.RETIRE:
        return ReviewedIndicator(indicator=finding.key, step="retire", before=decimal(before), reason=reason)
    if finding.step is Step.REACTIVATE:
        return ReviewedIndicator(indicator=finding.key, step="reactivate", after=decimal(before), reason=reason)
    if finding.stage is Stage.TRIAL and finding.replaces is not None:
        return ReviewedIndicator(indicator=finding.key, step="promote", after=decimal(before), reason=reason)
    return None


def decimal(number: Fraction) -> str:
    """A target as short decimal text; targets have at most three places."""
    thousandths = int(number * 1000)
    text = f"{thousandths // 1000}.{thousandths % 1000:03}".rstrip("0").rstrip(".")
    return text if Fraction(text) == number else str(number)


def propose(context: Context, one: Reviewed, reason: str) -> IndicatorReview | None:
    """Write the file that waits for two signatures; None where nothing is to change.

    Raises Refused when the quarter is not closed, or has a review already.
    """
    changes = changes_of(one)
    if not changes:
        return None
    if one.missing:
        raise Refused(
            f"{', '.join(one.missing)} is not closed",
            where=one.customer,
            why="a review rests on whole quarters",
            mend=f"operator sla close {one.missing[0]} {one.customer}",
        )
    if one.agreement is not None:
        mend = f"operator sla review approve {one.customer}/{one.quarter}, or remove the file and propose anew"
        why = f"reviews/{one.customer}/{one.quarter}.yaml exists"
        raise Refused(f"{one.quarter} has a review already", where=one.customer, why=why, mend=mend)
    proposal = IndicatorReview(
        customer=one.customer,
        reason=reason or f"quarterly review of {one.quarter}",
        quarter=one.quarter,
        effective=one.effective,
        changes=changes,
    )
    told = f"{len(changes)} changes proposed, from {proposal.effective} on"
    record(context, proposal, "sla review", told, proposal.content_digest())
    write_agreement(context.workspace, proposal)
    return proposal


def checked_effective(text: str) -> str:
    """A month, or empty. Raises UsageError."""
    try:
        if text:
            parsed_month(text)
    except SlaError as error:
        raise UsageError(str(error), why="a change counts from a whole month on", mend="--from 2026-11") from error
    return text
