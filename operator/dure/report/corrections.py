"""What each later revision of a month changed: from and to, why, and who approved it."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from fractions import Fraction

from dure.model.words import WordPair
from dure.report.engineers import named
from dure.report.indicators import printed
from dure.report.parts import Changed, Corrected
from dure.sla.classes import Seconds
from dure.sla.ratio import percent
from dure.store.promise.months import CustomerMonth, IndicatorFact, Revision, ServiceMonth

TOLD = tuple(one.name for one in fields(Seconds) if one.name not in ("period", "up"))
"""What is up follows from the others."""


@dataclass(frozen=True, slots=True)
class Correction:
    """A revision with the month as it was before and after it; None: a row is not as it was frozen."""

    revision: Revision
    before: CustomerMonth | None
    after: CustomerMonth | None


def corrected(
    corrections: Sequence[Correction], engineers: Mapping[str, WordPair], unvouched: Collection[int] = ()
) -> tuple[Corrected, ...]:
    """As the report tells them, oldest first; of `unvouched` revisions only that they were there.

    What follows such a one is compared with the last that was agreed to.
    """
    found, before = [], corrections[0].before if corrections else None
    for one in corrections:
        at = int(one.revision.at.timestamp()) if isinstance(one.revision.at, datetime) else None
        if one.revision.number in unvouched:
            found.append(
                Corrected(revision=one.revision.number, at=at, reason="", approvals=(), changes=(), agreed=False)
            )
            continue
        found.append(
            Corrected(
                revision=one.revision.number,
                at=at,
                reason=one.revision.reason,
                approvals=named(one.revision.approvals, engineers),
                changes=None if before is None or one.after is None else tuple(changes(before, one.after)),
            )
        )
        before = one.after
    return tuple(found)


def changes(before: CustomerMonth, after: CustomerMonth) -> Iterator[Changed]:
    """Figures, seconds, verdicts and credits of services, then values of indicators; what stayed is left out."""
    old = {one.service: one for one in before.services}
    for service in after.services:
        if service.service in old:
            yield from _of_service(old[service.service], service)
        else:
            yield from _of_new(service)
    known = {one.indicator.key: one for one in before.indicators}
    for fact in after.indicators:
        if fact.indicator.key in known:
            yield from _of_indicator(known[fact.indicator.key], fact)


def _of_service(before: ServiceMonth, after: ServiceMonth) -> Iterator[Changed]:
    name = WordPair(ko=after.detail.service[0], en=after.detail.service[1])
    pairs = {
        "availability": (_percent(before.figures.availability), _percent(after.figures.availability)),
        **{one: (str(getattr(before.seconds, one)), str(getattr(after.seconds, one))) for one in TOLD},
        "verdict": (before.verdict.value, after.verdict.value),
        "target": (_percent(before.target), _percent(after.target)),
        "fee": (str(before.credit.fee), str(after.credit.fee)),
        "credit": (str(before.credit.due), str(after.credit.due)),
    }
    exact = before.figures.availability != after.figures.availability
    for what, (old, new) in pairs.items():
        if old != new or (what == "availability" and exact):
            yield Changed(name=name, what=what, before=old, after=new)


def _of_new(service: ServiceMonth) -> Iterator[Changed]:
    """A service that the month was closed without."""
    name = WordPair(ko=service.detail.service[0], en=service.detail.service[1])
    told = {"availability": _percent(service.figures.availability), "verdict": service.verdict.value}
    for what, now in {**told, "credit": str(service.credit.due)}.items():
        yield Changed(name=name, what=what, before="", after=now)


def _percent(share: Fraction | None) -> str:
    return "" if share is None else percent(share)


def _of_indicator(before: IndicatorFact, after: IndicatorFact) -> Iterator[Changed]:
    one = after.indicator
    name = WordPair(ko=one.ko, en=one.en)
    values = ["" if fact.value is None else printed(fact.value, one) for fact in (before, after)]
    if before.value != after.value:
        yield Changed(name=name, what="value", unit=one.unit, before=values[0], after=values[1])
    if before.verdict != after.verdict and (before.target is not None or after.target is not None):
        yield Changed(name=name, what="judged", before=before.verdict, after=after.verdict)
