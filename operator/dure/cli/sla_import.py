"""operator sla import: past and late data from files."""

from pathlib import Path
from typing import Annotated

import typer

from dure.cli.common import (
    CheckOption,
    JsonOption,
    LanguageOption,
    ReasonOption,
    Tongue,
    WorkspaceOption,
    print_json,
    workspace_root,
)
from dure.escaping import escaped


def import_data(
    file: Annotated[Path, typer.Argument(help="A CSV of samples or spans, or another monitor's export.")],
    source: Annotated[
        str, typer.Option("--from", help="csv, uptime-kuma (kuma.db), gatus or prometheus (answers of their APIs).")
    ] = "csv",
    names: Annotated[
        list[str] | None,
        typer.Option("--map", help="MONITOR=CUSTOMER/CHECK, once for each monitor of the export to take in."),
    ] = None,
    language: LanguageOption = Tongue.EN,
    check: CheckOption = False,
    reason: ReasonOption = "",
    as_json: JsonOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Take data into the store: all of the file, or nothing when a line is wrong; the same file twice changes nothing.

    Samples are lines customer,check,time,state; spans are customer,check,from,to,state; a collector's dead times are
    customer,collector,dead_from,dead_to. Times are seconds since 1970 or moments with their offset.

    Example: operator sla import june.csv

    Example: operator sla import kuma.db --from uptime-kuma --map "Web shop=hansol-plastics/web"
    """
    from dataclasses import asdict

    from dure.runs.context import open_context
    from dure.runs.promise import clock
    from dure.runs.promise.intake.command import import_file
    from dure.text.commands import say

    context = open_context(workspace_root(workspace))
    found = import_file(context, file, source, names or [], clock.now(), reason, check=check)
    if as_json:
        print_json(asdict(found))
    else:
        key = "spans-would-be-new" if check else "spans-new"
        typer.echo(say(key, language.value, rows=found.rows, checks=found.checks, changed=found.changed))
        if found.dropped:
            typer.echo(say("dropped", language.value, rows=found.dropped), err=True)
        if found.conflicts:
            typer.echo(say("conflicts", language.value, count=found.conflicts), err=True)
        if found.corrections:
            typer.echo(say("corrections", language.value, count=found.corrections), err=True)
    if found.note:
        typer.echo(f"note: {escaped(found.note)}", err=True)
    if check and found.changed:
        raise typer.Exit(3)
