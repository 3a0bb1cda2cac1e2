"""A review signed: by two different engineers, before the month begins in which it counts, and never backwards."""

from sqlalchemy import select

from dure.errors import Refused, UsageError
from dure.model.promise.agreement import IndicatorReview
from dure.model.promise.agreement_files import load_agreement, write_agreement
from dure.model.promise.standing import scored_in
from dure.model.text import printable
from dure.runs.context import Context
from dure.runs.promise.approval import approved, require_signed
from dure.runs.promise.book import Book, require_book
from dure.runs.promise.policy import period_of
from dure.runs.promise.witness import record_signature
from dure.sla.faults import SlaError
from dure.sla.indicators.catalogue import CATALOGUE, Tier, checked_selection
from dure.store.promise.tables import IndicatorValue


def approve_review(context: Context, name: str, now: int) -> IndicatorReview:
    """Sign CUSTOMER/QUARTER. Raises UsageError when there is none, Refused when it is too late or signed already."""
    customer, slash, quarter = name.partition("/")
    if not (customer and slash and quarter):
        why = "a review is named by customer and quarter"
        raise UsageError(
            f'"{printable(name)}" names no review', why=why, mend="operator sla review approve CUSTOMER/2026-Q3"
        )
    book = require_book(context, customer)
    proposal = load_agreement(context.workspace, IndicatorReview, customer, quarter)
    _require_time(context, book, proposal, now)
    _require_fit(book, proposal)
    one = approved(context, proposal, now)
    require_signed(context.operator, [one])
    record_signature(context, one, "sla review", f"signed by {', '.join(one.signers())}")
    write_agreement(context.workspace, one)
    return one


def _require_time(context: Context, book: Book, one: IndicatorReview, now: int) -> None:
    start = period_of(book.contract.zone, one.effective)[0]
    closed = select(IndicatorValue.period).where(
        IndicatorValue.customer == one.customer, IndicatorValue.period >= one.effective
    )
    with context.store.transaction() as session:
        frozen = session.scalar(closed.limit(1))
    if frozen is None and now < start:
        return
    why = f"{frozen} is closed" if frozen is not None else "that month has begun"
    again = f"operator sla review {one.customer} --quarter {one.quarter} --propose"
    raise Refused(
        f"the review counts from {one.effective}",
        where=f"reviews/{one.customer}/{one.id}.yaml",
        why=f"{why}, and a review never changes what has been",
        mend=f"remove the file, and propose it anew: {again}",
    )


def _require_fit(book: Book, one: IndicatorReview) -> None:
    """The set that would be scored must still fit the tier; so must one that was edited by hand."""
    agreed = scored_in(book.contract, book.reviews, one.effective)
    keys = dict.fromkeys(agreed)
    for change in one.changes:
        if change.step in ("watch", "retire"):
            keys.pop(change.indicator, None)
        else:
            keys[change.indicator] = None
    chosen = [each.key for each in CATALOGUE if each.key in keys]
    try:
        checked_selection(chosen, Tier(book.contract.tier))
    except SlaError as error:
        raise Refused(
            "the scored indicators would no longer fit the tier",
            where=f"reviews/{one.customer}/{one.id}.yaml",
            why=str(error),
            mend="take out the change that does it",
        ) from error
