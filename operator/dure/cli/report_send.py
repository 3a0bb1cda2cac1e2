"""operator report --send and --sent: reports as mail, and who got which."""

from pathlib import Path
from typing import TYPE_CHECKING

import typer
from pydantic import JsonValue

from dure.cli.common import print_json, workspace_root
from dure.errors import DureError, Refused, UsageError

if TYPE_CHECKING:
    from dure.runs.context import Context
    from dure.text.writing import Language


def send(
    customer: str,
    month: str,
    language: "Language | None",
    workspace: Path | None,
    *,
    again: bool,
    check: bool,
    reason: str,
) -> None:
    """Send one customer's report, or with no customer everyone's; `check` only says to whom.

    Of everyone's, one that fails stops no other, and the command ends with 1.
    """
    from dure.report.collect import NotClosed, closed_customers
    from dure.runs.context import open_context
    from dure.store.promise.frozen import Altered
    from dure.text.writing import filled

    context = open_context(workspace_root(workspace))
    if customer:
        if _one(context, customer, month, language, again=again, check=check, reason=reason) and check:
            raise typer.Exit(3)
        return
    customers = closed_customers(context.store, month)
    if not customers:
        raise NotClosed(f"{month} is not closed", why="no customer has it closed", mend=f"operator sla close {month}")
    count = failed = 0
    for name in customers:
        try:
            count += _one(context, name, month, language, again=again, check=check, reason=reason)
        except DureError as error:
            # Refused is who has nothing to get, or has got it; a month that was altered is nobody's wish.
            failed += isinstance(error, Altered) or not isinstance(error, Refused)
            typer.echo(f"error: {error.line()}", err=True)
    told = "{count} would be sent, {failed:customer} failed" if check else "{count} sent, {failed:customer} failed"
    typer.echo(filled(told, {"count": count, "failed": failed}))
    if failed or (check and count):
        raise typer.Exit(1 if failed else 3)


def _one(
    context: "Context", customer: str, month: str, language: "Language | None", *, again: bool, check: bool, reason: str
) -> int:
    """How many got it, or would get it."""
    from dure.runs.promise import clock
    from dure.runs.promise.mailing import mailing_of, send_report

    mailing = mailing_of(context, customer, month, language)
    shown = f"{customer} {month} revision {mailing.report.revision}"
    if check:
        wanted = mailing.recipients if again else mailing.missing
        for contact in wanted:
            doubt = " (nobody knows whether it arrived already)" if contact.email in mailing.unsure else ""
            typer.echo(f"{shown} would be sent to {contact.email}{doubt}")
        return len(wanted)
    addresses = send_report(context, mailing, clock.now(), again=again, reason=reason)
    for address in addresses:
        typer.echo(f"{shown} is sent to {address}")
    return len(addresses)


def show_sent(customer: str, month: str, workspace: Path | None, *, as_json: bool) -> None:
    """Who got which report when, oldest first."""
    from dure.model.report_notes import checked_month
    from dure.runs.context import open_context
    from dure.store.promise.mails import SENT, mails

    context = open_context(workspace_root(workspace))
    with context.store.transaction() as session:
        rows = mails(session, [customer] if customer else [], checked_month(month) if month else "")
    if as_json:
        print_json({"sent": [_as_json(one.__dict__) for one in rows]})
        return
    for one in rows:
        state = "sent" if one.state == SENT else "not known whether it arrived"
        typer.echo(
            f"{one.at:%Y-%m-%d %H:%M} UTC  {one.customer} {one.month} revision {one.revision} ({one.language}) "
            f"to {one.recipient} by {one.by}, digest {one.digest[:16]}: {state}"
        )
    if not rows:
        typer.echo("nothing was sent; next: operator report CUSTOMER --month MONTH --send")


def _as_json(row: dict[str, object]) -> JsonValue:
    return {name: str(value) for name, value in row.items() if not name.startswith("_") and name != "id"}


def check_sending(customer: str, everyone: bool, fleet: bool, kept: bool, output: str) -> None:
    """`--send` goes with a customer or --all, and writes no file. Raises UsageError."""
    if fleet or kept or output or not (customer or everyone):
        raise UsageError(
            "--send does not fit the rest",
            why="a report of one CUSTOMER or of --all is sent as PDF to the customer's contacts, and to no file",
            mend="operator report hansol-plastics --month 2026-10 --send",
        )
