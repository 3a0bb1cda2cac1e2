"""operator import: what other systems know, for the indicators that rest on it."""

from pathlib import Path
from typing import Annotated

import typer

from dure.cli.common import CheckOption, JsonOption, ReasonOption, WorkspaceOption, counted, print_json, workspace_root

app = typer.Typer(
    no_args_is_help=True,
    help="Tickets, surveys and use from files; see docs/imports.md. Example: operator import usage june.csv",
)
FormatOption = Annotated[str, typer.Option("--format", help="csv, json or jsonl; by the file's suffix when absent.")]


@app.callback()
def group() -> None:
    """Take in what other systems know: all of a file, or nothing. Example: operator import tickets june.csv"""


@app.command()
def tickets(
    file: Annotated[Path, typer.Argument(help="Tickets: customer,ticket,kind,opened and more.")],
    form: FormatOption = "",
    check: CheckOption = False,
    reason: ReasonOption = "",
    as_json: JsonOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Take in tickets of a service desk: their times, never their text or anybody's name. Safe to repeat.

    Example: operator import tickets examples/imports/tickets.csv
    """
    _import("tickets", file, form, reason, workspace, check=check, as_json=as_json)


@app.command()
def survey(
    file: Annotated[Path, typer.Argument(help="Answers: customer,survey,kind,held,asked,answer,marks.")],
    form: FormatOption = "",
    check: CheckOption = False,
    reason: ReasonOption = "",
    as_json: JsonOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Take in the answers to a survey, by number and without names. Safe to repeat.

    Example: operator import survey examples/imports/survey.csv
    """
    _import("survey", file, form, reason, workspace, check=check, as_json=as_json)


@app.command()
def usage(
    file: Annotated[Path, typer.Argument(help="Counts a month: customer,service,month,entitled,acted and more.")],
    form: FormatOption = "",
    check: CheckOption = False,
    reason: ReasonOption = "",
    as_json: JsonOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Take in how many used each service in a month; says which cases of low utilisation opened or closed.

    Example: operator import usage examples/imports/usage.csv
    """
    _import("usage", file, form, reason, workspace, check=check, as_json=as_json)


def _import(
    kind: str, file: Path, form: str, reason: str, workspace: Path | None, *, check: bool, as_json: bool
) -> None:
    from dataclasses import asdict

    from dure.runs.context import open_context
    from dure.runs.promise import clock
    from dure.runs.promise.records.command import import_records

    context = open_context(workspace_root(workspace))
    found = import_records(context, kind, file, form, clock.now(), reason, check=check)
    if as_json:
        print_json({**asdict(found), "changed": found.changed})
    else:
        verb = "would be" if check else "are"
        typer.echo(
            f"{counted(found.rows, 'row')} of {kind}: {found.new:,} {verb} new, {found.updated:,} {verb} changed"
        )
        for one in found.cases:
            typer.echo(f"{one.customer}/{one.service}: case of low utilisation {one.event} with {one.month}: {one.why}")
        if found.dropped:
            typer.echo(f"{counted(found.dropped, 'row')} outside the contract left out", err=True)
        if found.closed_months:
            named = ", ".join(f"{customer} {month}" for customer, month in found.closed_months[:5])
            more = f" and {len(found.closed_months) - 5} more" if len(found.closed_months) > 5 else ""
            typer.echo(
                f"closed months concern them and stay as they are: {named}{more}; see operator sla verify", err=True
            )
    if check and found.changed:
        raise typer.Exit(3)
