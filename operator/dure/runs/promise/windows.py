"""Maintenance windows: agreed in the workspace, approved before they start, or late by two engineers."""

import hashlib
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from pydantic import JsonValue, ValidationError
from sqlalchemy import select

from dure.errors import Refused, UsageError
from dure.model.promise.agreement import Approval, Window
from dure.model.promise.agreement_files import load_agreement, write_agreement
from dure.model.text import printable
from dure.runs.context import Context
from dure.runs.promise.approval import (
    AgreementT,
    approved,
    cancelled_content,
    moment,
    require_own_key,
    require_signed,
)
from dure.runs.promise.book import Book, require_book
from dure.runs.promise.witness import record, record_signature, witnessed
from dure.runs.signature import AGREEMENT, sign
from dure.store.promise.tables import CorrectionLedger, MonthFrozen, Series


def local_moment(text: str, zone: ZoneInfo) -> int:
    """Seconds of a moment on a command line; without an offset it is the contract's local time. Raises UsageError."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        mend = "write it as in 2026-06-11T10:00, or with an offset"
        raise UsageError(f'"{printable(text)}" is not a moment', why="it is a date and a time", mend=mend) from error
    return int((found if found.tzinfo else found.replace(tzinfo=zone)).timestamp())


def agreement_id(start: int, zone: ZoneInfo, word: str) -> str:
    """Date and word, such as 2026-06-11-kernel."""
    day: date = datetime.fromtimestamp(start, UTC).astimezone(zone).date()
    return f"{day.isoformat()}-{word}"


def made(kind: type[AgreementT], **values: JsonValue) -> AgreementT:
    """The agreement of words from a command line. Raises UsageError for a word that does not fit."""
    try:
        return kind.model_validate(values)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        name = ".".join(str(step) for step in first["loc"]) or kind.kind
        shown, context = printable(str(first["input"])), first.get("ctx", {})
        what = str(context.get("what") or f'{name} "{shown}" does not fit')
        why, mend = str(context.get("why") or first["msg"]), str(context.get("mend") or "write it in plain words")
        raise UsageError(what, why=why, mend=mend) from error


def known_services(book: Book, services: list[str]) -> list[str]:
    """The services as given. Raises UsageError for one that the contract lacks."""
    return [book.service(one).id for one in services]


def add_window(
    context: Context,
    customer: str,
    services: list[str],
    part: tuple[str, str],
    word: str,
    reason: str,
    told: str,
    now: int,
    *,
    check: bool = False,
) -> Window:
    """Write a new window, not approved yet. `told`: when the customer was told; empty: now. Raises UsageError.

    `check` here and below: nothing is written.
    """
    book = require_book(context, customer)
    zone = ZoneInfo(book.contract.zone)
    begins, ends = local_moment(part[0], zone), local_moment(part[1], zone)
    if begins >= ends:
        why = f"its end {part[1]} is not after its start {part[0]}"
        raise UsageError("the window holds no second", why=why, mend="swap the two, or correct them")
    announced = local_moment(told, zone) if told else now
    if announced > now:
        why = "the customer cannot have been told in the future"
        raise UsageError(f"{told} lies ahead", why=why, mend="leave --announced out, and it is now")
    window = made(
        Window,
        customer=customer,
        id=agreement_id(begins, zone, word),
        services=[*known_services(book, services)],
        start=moment(begins),
        end=moment(ends),
        reason=reason,
        announced=moment(announced),
    )
    if any(one.id == window.id for one in book.windows):
        mend = "give it another --name"
        raise UsageError(f"{customer} has a window {window.id}", why="its file exists", mend=mend)
    if check:
        return window
    record(context, window, "window add", f"{window.start} to {window.end}", window.content_digest())
    write_agreement(context.workspace, window)
    return window


def approve_window(context: Context, customer: str, name: str, now: int, *, check: bool = False) -> Window:
    """Sign a window. After it has started this is a correction that needs two engineers. Raises Refused."""
    require_book(context, customer)
    window = load_agreement(context.workspace, Window, customer, name)
    if window.cancelled is not None:
        why = f"{window.cancelled.by} called it off"
        raise Refused(f"{name} is cancelled", where=customer, why=why, mend="operator window add")
    window = approved(context, window, now)
    require_signed(context.operator, [window])
    mine = window.approvals[-1]
    digest = window.content_digest(mine.by, mine.at)
    if check:
        return window.seen_by({(digest, mine.by): now})
    late = now > window.interval[0]
    # The link comes first: a signature in the file without one would count as late, and could not be given again.
    record_signature(context, window, "window approve", "late, as a correction" if late else "before it started")
    write_agreement(context.workspace, window)
    [window] = witnessed(context, customer, [window])
    if window.late:
        _note_closed_months(context, window, now)
    return window


def _note_closed_months(context: Context, window: Window, now: int) -> None:
    """The correction ledger says which closed months a late approval is about; they change by restating alone."""
    start, end = window.interval
    query = (
        select(MonthFrozen.series, MonthFrozen.month, Series.name)
        .join(Series, Series.id == MonthFrozen.series)
        .where(MonthFrozen.customer == window.customer, MonthFrozen.period_start < end, MonthFrozen.period_end > start)
        .distinct()
    )
    with context.store.transaction() as session:
        for series, month, name in session.execute(query).all():
            if window.services and name not in window.services:
                continue
            session.add(
                CorrectionLedger(
                    customer=window.customer,
                    series=series,
                    month=month,
                    kind="late_approval",
                    seconds={},
                    reason=f"window {window.id}",
                    by=", ".join(window.signers()),
                    at=datetime.fromtimestamp(now, UTC),
                )
            )


def cancel_window(context: Context, customer: str, name: str, reason: str, now: int, *, check: bool = False) -> Window:
    """Call a window off before it starts. Raises Refused afterwards: what was is not undone."""
    require_book(context, customer)
    window = load_agreement(context.workspace, Window, customer, name)
    if window.cancelled is not None:
        return window
    if now >= window.interval[0]:
        why = f"it started at {window.start}"
        raise Refused(f"{name} cannot be cancelled", where=customer, why=why, mend="leave it; what was agreed stays")
    at = moment(now)
    content = cancelled_content(window, context.engineer, at)
    signature = sign(context, content, AGREEMENT)
    require_own_key(context, content, signature, now)
    called_off = Approval(by=context.engineer, at=at, signature=signature)
    window = window.model_copy(update={"cancelled": called_off})
    if check:
        return window
    record(context, window, "window cancel", reason or "called off", hashlib.sha256(content).hexdigest())
    write_agreement(context.workspace, window)
    return window
