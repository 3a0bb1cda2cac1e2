"""operator status: registered sites, worst first."""

from typing import Annotated

import typer

from dure.cli.common import JsonOption, WorkspaceOption, print_json, workspace_root
from dure.escaping import escaped


def status(
    selector: Annotated[str, typer.Argument(help="customer, customer/site, role=box or tag=…, joined by `and`.")] = "",
    as_json: JsonOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Show registered sites with last run and last proof, worst first.

    Example: operator status hansol-plastics
    """
    from dataclasses import asdict

    from dure.runs.context import open_context
    from dure.runs.status import status_of

    rows = status_of(open_context(workspace_root(workspace)), selector)
    if as_json:
        print_json([asdict(row) for row in rows])
        return
    if not rows:
        typer.echo("no registered site" + (f" matches {selector}" if selector else "; next: operator provision SITE"))
        return
    for row in rows:
        typer.echo(escaped(f"{row.verdict:<9} {row.site:<32} {row.words}"))
