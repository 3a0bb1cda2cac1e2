"""Exclusions: what the contract takes out of the agreed time, each with evidence and two engineers' signatures."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

from dure.errors import UsageError
from dure.model.promise.agreement import ExclusionAgreement, ExclusionWord
from dure.model.promise.agreement_files import load_agreement, write_agreement
from dure.runs.context import Context
from dure.runs.promise.approval import approved, moment, require_signed
from dure.runs.promise.book import Book, books_of, require_book
from dure.runs.promise.windows import agreement_id, known_services, local_moment, made
from dure.runs.promise.witness import record, record_signature
from dure.sla.composition import compose
from dure.sla.intervals import Interval, intersection
from dure.sla.spans import where
from dure.sla.states import State
from dure.store.promise.spans import read_spans

THIRD_PARTY: ExclusionWord = "third_party_beyond_control"


@dataclass(frozen=True, slots=True)
class Proposal:
    """What somebody proposes: [from, to) in local time, cause, what shows it, why, and a word for its id."""

    part: tuple[str, str]
    cause: ExclusionWord
    evidence: str
    reason: str
    word: str

    def interval(self, book: Book) -> Interval:
        """In seconds. Raises UsageError when it holds none."""
        zone = ZoneInfo(book.contract.zone)
        start, end = local_moment(self.part[0], zone), local_moment(self.part[1], zone)
        if start >= end:
            why = "it ends where it starts or before"
            raise UsageError("the exclusion holds no second", why=why, mend="swap from and to, or correct them")
        return start, end


def add_exclusion(
    context: Context, customer: str, services: list[str], proposal: Proposal, *, check: bool = False
) -> ExclusionAgreement:
    """Write a proposed exclusion of one customer; it counts once two engineers have signed it. Raises UsageError.

    `check` here and below: nothing is written.
    """
    book = require_book(context, customer)
    proposed = _proposed(book, known_services(book, services), proposal, "")
    _write_new(context, book, proposed, check=check)
    return proposed


def propose_for_supplier(
    context: Context, customers: Sequence[str], supplier: str, proposal: Proposal, *, check: bool = False
) -> list[ExclusionAgreement]:
    """One evidence for every customer whose services hang on that supplier and were down in the interval.

    A proposal that is there already stays. Raises UsageError when no contract names the supplier.
    """
    found, named = [], False
    proposal = replace(proposal, cause=THIRD_PARTY)
    for book in books_of(context, customers):
        services = [one.id for one in book.contract.services if supplier in one.suppliers]
        named = named or bool(services)
        hit = _down_in(context, book, services, proposal.interval(book))
        if hit:
            proposed = _proposed(book, hit, proposal, supplier)
            if all(one.id != proposed.id for one in book.exclusions):
                _write_new(context, book, proposed, check=check)
            found.append(proposed)
    if not named:
        why = "no service of these customers names it"
        raise UsageError(f'unknown supplier "{supplier}"', why=why, mend="add it to `suppliers` of their services")
    return found


def _down_in(context: Context, book: Book, services: list[str], part: Interval) -> list[str]:
    with context.store.transaction() as session:
        timelines = read_spans(session, book.customer.id, part)
    hit = []
    for name in services:
        service = book.service(name)
        lines = [timelines.get(one.check, ()) for one in service.checks if one.critical]
        if intersection(where(compose(lines), State.DOWN), (part,)):
            hit.append(name)
    return hit


def _proposed(book: Book, services: list[str], proposal: Proposal, supplier: str) -> ExclusionAgreement:
    start, end = proposal.interval(book)
    return made(
        ExclusionAgreement,
        customer=book.customer.id,
        id=agreement_id(start, ZoneInfo(book.contract.zone), proposal.word),
        services=[*services],
        start=moment(start),
        end=moment(end),
        reason=proposal.reason,
        cause=proposal.cause,
        evidence=proposal.evidence,
        supplier=supplier,
    )


def _write_new(context: Context, book: Book, proposed: ExclusionAgreement, *, check: bool) -> None:
    if any(one.id == proposed.id for one in book.exclusions):
        what = f"{book.customer.id} has an exclusion {proposed.id}"
        raise UsageError(what, why="its file exists", mend="give it another --name")
    if check:
        return
    told = f"{proposed.start} to {proposed.end}, {proposed.cause}"
    record(context, proposed, "exclude add", told, proposed.content_digest())
    write_agreement(context.workspace, proposed)


def approve_exclusion(
    context: Context, customer: str, name: str, now: int, *, check: bool = False
) -> ExclusionAgreement:
    """Sign an exclusion. Raises Refused when this engineer has signed it already."""
    require_book(context, customer)
    one = approved(context, load_agreement(context.workspace, ExclusionAgreement, customer, name), now)
    require_signed(context.operator, [one])
    if check:
        return one
    record_signature(context, one, "exclude approve", f"signed by {', '.join(one.signers())}")
    write_agreement(context.workspace, one)
    return one
