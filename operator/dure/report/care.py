"""Patches, backups, restores and use: from the month's indicators, and what engineers noted beside them."""

from fractions import Fraction

from dure.model.report_notes import ReportNotes, RestoreNote, UsageNote
from dure.report.data import Care, Failure, Share
from dure.report.imported import last_hosts
from dure.report.parts import Figure, Restore, Usage
from dure.sla.indicators.use import LEAST_USERS
from dure.sla.utilisation import LOW
from dure.store.promise.months import CustomerMonth


def care_of(notes: ReportNotes, month: CustomerMonth) -> Care:
    """What was done to keep things well; a part without data is None.

    What was frozen comes before what is noted, so that text and indicator never tell two figures.
    """
    patch = measured(month, "patch") or (share(notes.patch.in_time, notes.patch.hosts) if notes.patch else None)
    noted = share(notes.backup.succeeded, notes.backup.planned) if notes.backup else None
    backup = measured(month, "backup") or noted
    failures = notes.backup.failures if notes.backup else []
    return Care(
        patch=patch,
        waiting=notes.patch,
        backup=backup,
        failures=tuple(Failure(at=one.at, why=one.why) for one in failures),
        restores=tuple(restore_of(one) for one in sorted(notes.restores, key=lambda one: one.at)),
        hosts=last_hosts(month),
    )


def share(part: int, whole: int) -> Share:
    return Share(part=part, whole=whole, share=Figure.of(Fraction(part, whole)) if whole else None)


def measured(month: CustomerMonth, key: str) -> Share | None:
    """An indicator's part of the whole, when it was measured."""
    found = next((one for one in month.indicators if one.indicator.key == key), None)
    return share(found.part, found.whole) if found and found.value is not None else None


def restore_of(one: RestoreNote) -> Restore:
    return Restore(
        file=one.file,
        site=one.site,
        saved=one.saved,
        at=one.at,
        seconds=one.seconds,
        bytes=one.bytes,
        same=one.same,
    )


def usage_of(one: UsageNote) -> Usage:
    """Counts of 1 or 2 people are suppressed, for they would name them."""
    if one.entitled < LEAST_USERS:
        return Usage(
            service=one.service, entitled=None, active=None, share=None, before=None, low=False, remark=one.remark
        )
    now = Fraction(one.active, one.entitled)
    small = 0 < one.active < LEAST_USERS
    return Usage(
        service=one.service,
        entitled=one.entitled,
        active=None if small else one.active,
        share=None if small else Figure.of(now),
        before=_before(one),
        low=now < LOW,
        remark=one.remark,
    )


def _before(one: UsageNote) -> Figure | None:
    if one.before is None or 0 < one.before < LEAST_USERS:
        return None
    return Figure.of(Fraction(min(one.before, one.entitled), one.entitled))
