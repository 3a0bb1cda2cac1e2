"""operator vault: the MSP's side of a site's backups."""

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from dure.cli.common import (
    CheckOption,
    JsonOption,
    ReasonOption,
    WorkspaceOption,
    YesOption,
    print_json,
    workspace_root,
)
from dure.escaping import escaped

if TYPE_CHECKING:
    from dure.cloud.vault import Rewound

app = typer.Typer(
    no_args_is_help=True,
    help="The MSP's side of a site's backups. "
    "Example: operator vault rewind hansol-plastics/ansan --before 2026-11-22T02:30",
)


@app.callback()
def group() -> None:
    """The MSP's side of a site's backups. Example: operator vault rewind hansol-plastics/ansan --before 2026-11-22"""


@app.command()
def rewind(
    site: Annotated[str, typer.Argument(help="The site, such as hansol-plastics/ansan.")],
    before: Annotated[str, typer.Option("--before", help="The last moment at which all was well: 2026-11-22T02:30.")],
    check: CheckOption = False,
    yes: YesOption = False,
    reason: ReasonOption = "",
    as_json: JsonOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Bring every backup file back to what it was before a moment, with the platform's own credentials.

    Nothing is lost: what came later stays as older versions. Safe to repeat.

    Example: operator vault rewind hansol-plastics/ansan --before 2026-11-22T02:30 --reason "box was taken over"
    """
    from dataclasses import asdict

    from dure.runs.context import open_context
    from dure.runs.vault import rewind as rewind_vault
    from dure.text.writing import filled

    def agree(bucket: str, would: "Rewound") -> bool:
        if yes:
            return True
        if not sys.stdin.isatty():
            return _nobody_to_ask(site)
        typer.echo(f"{bucket}: {_words(would, would=True)}", err=True)
        return typer.confirm("Wind it back?", err=True)

    def progress(seen: "Rewound") -> None:
        if not as_json:
            counts = {"seen": seen.examined, "changes": seen.changes}
            typer.echo(filled("{seen:file} looked at, {changes} to bring back", counts), err=True)

    context = open_context(workspace_root(workspace))
    moment, result, note = rewind_vault(
        context, site, before, check=check, reason=reason, agree=agree, progress=progress
    )
    if as_json:
        print_json({"site": site, "before": moment.isoformat(), "check": check, **asdict(result), "note": note})
    else:
        typer.echo(f"{site}: {_words(result, would=check)}")
        for line in result.failed:
            typer.echo(f"not brought back: {line}", err=True)
    if note:
        typer.echo(f"note: {escaped(note)}", err=True)
    if result.errors:
        raise typer.Exit(1)
    if check and result.changes:
        raise typer.Exit(3)


def _words(result: "Rewound", *, would: bool) -> str:
    from dure.text.writing import filled

    if not result.changes and not result.errors:
        return filled("{seen:file}, all as they were then", {"seen": result.examined})
    verb = "would be" if would else "were"
    words = filled("of {seen:file} ", {"seen": result.examined})
    words += f"{result.restored} {verb} brought back and {result.hidden} hidden"
    return words + (f", {result.errors} failed" if result.errors else "")


def _nobody_to_ask(site: str) -> bool:
    from dure.errors import Refused

    raise Refused(
        "nobody can be asked for approval",
        where=site,
        why="there is no terminal",
        mend="look at it with --check, then give --yes",
    )
