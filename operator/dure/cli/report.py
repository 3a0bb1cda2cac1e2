"""operator report: what customers get for a closed month, and the MSP's own view of all of them."""

import sys
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dure.cli.common import CheckOption, JsonOption, ReasonOption, Tongue, WorkspaceOption, workspace_root
from dure.cli.report_send import check_sending, show_sent
from dure.cli.report_send import send as send_mail
from dure.errors import DureError, UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dure.report.batch import Order
    from dure.report.data import Report
    from dure.report.files import Format
    from dure.text.writing import Language


class Form(StrEnum):
    """What can be written."""

    HTML = "html"
    PDF = "pdf"
    JSON = "json"
    CSV = "csv"


def report(
    customer: Annotated[str, typer.Argument(help="Customer; none with --all or --fleet.")] = "",
    month: Annotated[str, typer.Option("--month", help="A closed month, such as 2026-10.")] = "",
    language: Annotated[
        Tongue | None, typer.Option("--language", help="Language of the report; the customer's when absent.")
    ] = None,
    form: Annotated[Form, typer.Option("--format", help="What to write.")] = Form.HTML,
    output: Annotated[
        str,
        typer.Option("--output", "-o", help="File, directory (also one that ends in /), or `-` for standard output."),
    ] = "",
    everyone: Annotated[bool, typer.Option("--all", help="Every customer who has the month closed.")] = False,
    fleet: Annotated[bool, typer.Option("--fleet", help="All services in one report, for ourselves.")] = False,
    revision: Annotated[
        str, typer.Option("--revision", help="An older revision of the month, such as r1; the newest when left out.")
    ] = "",
    kept: Annotated[
        Path | None, typer.Option("--from", help="Write a report again that was kept with --format json.")
    ] = None,
    send: Annotated[bool, typer.Option("--send", help="Mail it as PDF to the customer's contacts.")] = False,
    again: Annotated[bool, typer.Option("--again", help="With --send: also to those who have this revision.")] = False,
    sent: Annotated[bool, typer.Option("--sent", help="Show which reports were sent: who, when, which.")] = False,
    check: CheckOption = False,
    reason: ReasonOption = "",
    as_json: JsonOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Write the report of a closed month as HTML, PDF, JSON or CSV, or send it.

    Example: operator report hansol-plastics --month 2026-10 --format pdf

    Example: operator report hansol-plastics --month 2026-10 --send
    """
    if sent:
        show_sent(customer, month, workspace, as_json=as_json)
        return
    form = Form.JSON if as_json else form
    check_choice(customer, month, everyone, fleet, kept)
    if (again or check) and not send:
        raise UsageError("--again and --check go with --send", why="a file is written as it is", mend="add --send")
    spoken: Language | None = None if language is None else language.value
    number = revision_number(revision)
    if number is not None and (send or not customer):
        why = "all others are of the newest revisions"
        raise UsageError("--revision goes with one CUSTOMER's file", why=why, mend="leave --revision out")
    if send:
        check_sending(customer, everyone, fleet, kept is not None, output)
        send_mail(customer, month, spoken, workspace, again=again, check=check, reason=reason)
    elif kept is not None:
        deliver(read_kept(kept), spoken or "ko", form.value, output)
    elif everyone:
        write_all(month, spoken, form.value, output, workspace)
    elif fleet:
        write_fleet(month, spoken or "ko", form.value, output, workspace)
    else:
        found, own = read_report(customer, month, workspace, number)
        deliver(found, spoken or own, form.value, output, number)


def check_choice(customer: str, month: str, everyone: bool, fleet: bool, kept: Path | None) -> None:
    """One thing is asked for, and its month is one. Raises UsageError."""
    from dure.model.report_notes import checked_month

    asked = [bool(customer), everyone, fleet, kept is not None]
    if sum(asked) != 1:
        raise UsageError(
            "nothing to report on" if not any(asked) else "more than one report is asked for",
            why="a report is of one CUSTOMER, of --all customers one by one, of the --fleet, or --from a kept file",
            mend="operator report hansol-plastics --month 2026-10",
        )
    if kept is not None:
        return
    if not month:
        raise UsageError("--month is missing", why="a report is of a closed month", mend="add --month 2026-10")
    checked_month(month)


def revision_number(text: str) -> int | None:
    """2 of r2 or 2; None of nothing. Raises UsageError."""
    digits = text.removeprefix("r")
    if not text:
        return None
    if not (digits.isascii() and digits.isdigit() and 0 < int(digits) < 10_000):
        from dure.model.text import printable

        what = f'"{printable(text, 30)}" is no revision'
        raise UsageError(what, why="revisions are r1, r2 and so on", mend="--revision r1")
    return int(digits)


def read_report(
    customer: str, month: str, workspace: Path | None, revision: int | None = None
) -> "tuple[Report, Language]":
    """The report, of that revision or the newest, and the customer's language."""
    from dure.report.build import report_of
    from dure.report.collect import TREND_MONTHS, collect, language_of, open_shelf
    from dure.runs.context import open_context
    from dure.runs.promise.vouched import require_agreed

    context = open_context(workspace_root(workspace))
    source = collect(open_shelf(context.workspace, context.store), customer, month, revision)
    unvouched = require_agreed(context, customer, month, revision, before=TREND_MONTHS - 1)
    note_unvouched(customer, month, unvouched)
    try:
        return report_of(replace(source, unvouched=unvouched)), language_of(context.workspace, customer)
    except ValueError as error:
        raise DureError(
            f"{month} of {customer} contradicts itself",
            why=str(error).splitlines()[0],
            mend=f"operator sla verify {month}",
        ) from error


def note_unvouched(customer: str, month: str, revisions: "Sequence[int]") -> None:
    """Name what somebody wrote into the database, although a later revision mended it."""
    for number in revisions:
        told = f"{customer} {month}: nobody agreed to revision {number}, and a later one mended it"
        typer.echo(f"note: {told}; see: operator sla verify {month} {customer}", err=True)


def read_kept(file: Path) -> "Report":
    from dure.model.text import printable, read_bytes
    from dure.report.data import report_from_json

    name = printable(str(file), 200)
    raw = read_bytes(name, file, 32 * 1024 * 1024)
    if not isinstance(raw, bytes):
        raise UsageError(raw.what, why=raw.why, mend=raw.mend)
    return report_from_json(raw.decode("utf-8", "replace"), name)


def deliver(report: "Report", language: "Language", form: "Format", output: str, revision: int | None = None) -> None:
    """To a file, or to standard output: JSON and CSV when no place is named. A revision asked for is in the name."""
    from dure.report.files import file_name, rendered, write_report

    if output == "-" or (not output and form in ("json", "csv")):
        to_stdout(rendered(report, language, form))
        return
    month = report.month if revision is None else f"{report.month}-r{revision}"
    name = file_name(report.customer, month, language, form)
    file = place_of(output, name)
    written = write_report(report, language, form, file)
    typer.echo(f"{file}" + ("" if written else "  (current already)"))


def place_of(output: str, name: str) -> Path:
    """The file that is meant; `output` may be a directory, and is one when it ends in a slash.

    Raises UsageError when the directory is not there: a typing error would make one.
    """
    if output.endswith("/"):
        return Path(output) / name  # whoever writes a file makes its directory
    file = Path(output) / name if Path(output).is_dir() else Path(output)
    if not file.parent.exists():
        what, why = f"{file} cannot be written", f"there is no directory {file.parent}"
        raise UsageError(what, why=why, mend=f"mkdir -p {file.parent}, or give another --output")
    return file


def to_stdout(content: bytes) -> None:
    """Text is text for whoever catches the stream; a PDF is bytes."""
    try:
        sys.stdout.write(content.decode("utf-8"))
    except UnicodeDecodeError:
        sys.stdout.buffer.write(content)


def write_fleet(month: str, language: "Language", form: "Format", output: str, workspace: Path | None) -> None:
    from dure.model.report_style import load_report_style
    from dure.report.collect import NotClosed
    from dure.report.files import file_name, write_whole
    from dure.report.fleet import fleet_report
    from dure.report.fleet_page import rendered_fleet
    from dure.runs.context import open_context
    from dure.runs.promise.vouched import require_all_agreed, vouched
    from dure.store.promise.months import fleet_month

    context = open_context(workspace_root(workspace))
    style = load_report_style(context.workspace).style
    months = fleet_month(context.store, month)
    require_all_agreed(vouched(context, month, before=1).objections)
    if not months:
        why = "no customer has it closed"
        raise NotClosed(f"{month} is not closed", why=why, mend=f"operator sla close {month}")
    content = rendered_fleet(fleet_report(months, context.operator.msp), language, form, style.accent)
    if output == "-" or (not output and form in ("json", "csv")):
        to_stdout(content)
        return
    name = file_name("fleet", month, language, form)
    file = place_of(output, name)
    write_whole(file, content)
    typer.echo(str(file))


def write_all(month: str, language: "Language | None", form: "Format", output: str, workspace: Path | None) -> None:
    """Every customer's file into one directory; exit 1 when one could not be made."""
    from dure.report.batch import Order
    from dure.report.collect import TREND_MONTHS, NotClosed, closed_customers
    from dure.runs.context import open_context
    from dure.runs.promise.vouched import vouched

    if not output or (Path(output).exists() and not Path(output).is_dir()):
        what = f"{output} is not a directory" if output else "--output is missing"
        raise UsageError(what, why="--all writes one file a customer", mend="add --output DIR")
    context = open_context(workspace_root(workspace))
    customers = closed_customers(context.store, month)
    if not customers:
        raise NotClosed(f"{month} is not closed", why="no customer has it closed", mend=f"operator sla close {month}")
    found = vouched(context, month, before=TREND_MONTHS - 1)
    for name, revisions in found.unvouched.items():
        note_unvouched(name, month, revisions)
    url, directory = context.settings.store_url, Path(output)
    order = Order(context.workspace, url, month, language, form, directory, found.unvouched)
    watch(order, customers, found.objections)


def watch(order: "Order", customers: "Sequence[str]", refused: "Mapping[str, DureError]") -> None:
    """Progress as a bar on a terminal and as lines elsewhere; a summary at the end. No report of `refused` is made."""
    from rich.console import Console
    from rich.progress import Progress

    from dure.report.batch import make_all

    console = Console(stderr=True, highlight=False)
    written, current, failed = 0, 0, len(refused)
    for name, error in refused.items():
        console.print(f"error: {name}: {error.line()}", markup=False, soft_wrap=True)
    customers = [one for one in customers if one not in refused]
    with Progress(console=console, disable=not console.is_terminal, transient=True) as progress:
        task = progress.add_task(f"{order.month} {order.form}", total=len(customers))
        for count, one in enumerate(make_all(order, customers), 1):
            written += one.written
            failed += bool(one.error)
            current += not one.written and not one.error
            if one.error:
                console.print(f"error: {one.customer}: {one.error}", markup=False, soft_wrap=True)
            elif not console.is_terminal and one.written:
                console.print(f"{count}/{len(customers)} {one.file}", markup=False, soft_wrap=True)
            progress.advance(task)
    typer.echo(f"{written} written, {current} current already, {failed} failed in {order.directory}")
    if failed:
        raise typer.Exit(1)
