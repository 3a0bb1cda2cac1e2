"""operator sla import: past and late data from files."""

from pathlib import Path
from typing import Annotated

import typer

from dure.cli.common import CheckOption, JsonOption, ReasonOption, WorkspaceOption, counted, print_json, workspace_root


def import_data(
    file: Annotated[Path, typer.Argument(help="A CSV of samples or spans, or another monitor's export.")],
    source: Annotated[
        str, typer.Option("--from", help="csv, uptime-kuma (kuma.db), gatus or prometheus (answers of their APIs).")
    ] = "csv",
    names: Annotated[
        list[str] | None,
        typer.Option("--map", help="MONITOR=CUSTOMER/CHECK, once for each monitor of the export to take in."),
    ] = None,
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

    context = open_context(workspace_root(workspace))
    found = import_file(context, file, source, names or [], clock.now(), reason, check=check)
    if as_json:
        print_json(asdict(found))
    else:
        verb = "would be" if check else "are"
        typer.echo(
            f"{counted(found.rows, 'row')} of {counted(found.checks, 'check')}; {found.changed:,} spans {verb} new"
        )
        if found.dropped:
            typer.echo(f"{counted(found.dropped, 'row')} outside the contract left out", err=True)
        if found.conflicts:
            typer.echo(f"{found.conflicts:,} disagreements: there the worse state holds", err=True)
        if found.corrections:
            typer.echo(
                f"{found.corrections} closed months concern them: they stay as they are, the correction ledger has the "
                "difference; see operator sla verify, and operator sla restate",
                err=True,
            )
    if check and found.changed:
        raise typer.Exit(3)
