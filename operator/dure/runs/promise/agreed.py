"""What two engineers agreed to, beside what a closed month says: nobody else may make a revision or waive a credit."""

import re
from collections.abc import Mapping

from dure.model.promise.agreement import CreditWaiver, Restatement
from dure.runs.promise.book import Book
from dure.sla.freeze import Frozen, digest
from dure.store.promise.seals import MonthSeal
from dure.store.promise.tables import MonthFrozen

NOT_AGREED = "no agreement that two engineers signed"
FIRST = 1


def restatement_run(one: Restatement) -> str:
    """The name of a restatement in the audit chain."""
    return f"restatement {one.customer} {one.id}"


def waiver_run(one: CreditWaiver) -> str:
    """The name of a waiver in the audit chain, once it has that many signatures."""
    return f"waiver {one.customer} {one.id} {len(one.approvals)}"


def figures_of(services: Mapping[str, Frozen], indicators: Mapping[str, str]) -> str:
    """Digest of all that a restatement would freeze: services by name, digests of indicators by key."""
    told = [[name, one.content().decode()] for name, one in sorted(services.items())]
    return digest([told, [[key, kept] for key, kept in sorted(indicators.items())]])


def restatement_of(book: Book | None, act: MonthSeal) -> Restatement | None:
    """The agreement that an act carries out, with its revision, reason and signers."""
    for one in book.restatements if book else ():
        same = (restatement_run(one), one.revision) == (act.run, act.revision)
        if same and _says(one, act.month, act.reason, act.approvals):
            return one
    return None


def waiver_of(book: Book | None, act: MonthSeal) -> CreditWaiver | None:
    """The agreement that an act carries out, with its reason and signers."""
    for one in book.waivers if book else ():
        if waiver_run(one) == act.run and _says(one, act.month, act.reason, act.approvals):
            return one
    return None


def act_objection(book: Book | None, act: MonthSeal) -> str:
    """Why nobody may have done that; empty for a close, and for what two engineers signed as the act tells it."""
    kind = act.run.split(" ")[0]
    if kind == "close":
        is_close = re.fullmatch(rf"close {re.escape(act.month)} at \d+", act.run) and act.revision == FIRST
        return "" if is_close and not act.reason and not act.approvals else NOT_AGREED
    found = restatement_of(book, act) if kind == "restatement" else waiver_of(book, act)
    return "" if found else NOT_AGREED


def row_objection(book: Book | None, row: MonthFrozen, service: str) -> str:
    """Why a row may not say its revision, reason, approvals and waiver; empty when it may."""
    waived = book.waived(service, row.month, row.credit) if book else ""
    if row.waived and row.waived != waived:
        return f"the credit is waived by {NOT_AGREED}"
    if row.revision == FIRST:
        return "a first revision has neither reason nor approvals" if row.reason or row.approvals else ""
    given: list[Restatement | CreditWaiver] = []
    if book:
        given += [one for one in book.restatements if one.revision == row.revision]
        given += [one for one in book.waivers if one.service == service and row.waived]
    is_agreed = any(_says(one, row.month, row.reason, row.approvals) for one in given)
    return "" if is_agreed else NOT_AGREED


def _says(one: Restatement | CreditWaiver, month: str, reason: str, approvals: list[str]) -> bool:
    return one.agreed and (one.month, one.reason, list(one.signers())) == (month, reason, approvals)
