"""operator restore: a file or folder comes back from the vault."""

from typing import Annotated

import typer

from dure.cli.common import CheckOption, JsonOption, ReasonOption, WorkspaceOption, print_json, workspace_root
from dure.escaping import escaped


def restore(
    site: Annotated[str, typer.Argument(help="The site, such as hansol-plastics/ansan.")],
    path: Annotated[str, typer.Argument(help="File or folder: SHARE/PATH, or the full path on the box.")],
    at: Annotated[
        str, typer.Option("--at", help="As it was then: 2026-11-22T02:30 or 2026-11-22, box time. Default: newest.")
    ] = "",
    check: CheckOption = False,
    reason: ReasonOption = "",
    as_json: JsonOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Bring a file or folder from the vault into a folder beside the original.

    Example: operator restore hansol-plastics/ansan 생산/도면 --at 2026-11-21
    """
    from dataclasses import asdict

    from rich.console import Console
    from rich.text import Text

    from dure.runs.context import open_context
    from dure.runs.restore import restore as restore_path

    context = open_context(workspace_root(workspace))
    console = Console(stderr=True, quiet=as_json)
    told = f"the box of {site} looks into its vault" if check else f"the box of {site} fetches {path} from its vault"
    waiting = console.status(Text(escaped(f"{told}; a whole share on a slow line takes hours")))

    def asking() -> None:
        if console.is_terminal:
            waiting.start()
        else:
            console.print(Text(escaped(told)), soft_wrap=True)

    try:
        found, note = restore_path(context, site, path, at, check=check, reason=reason, asking=asking)
    finally:
        waiting.stop()
    if as_json:
        print_json({"site": site, "restored": not check, **asdict(found), "note": note})
    else:
        amount = f"{found.files} file(s), {found.bytes} bytes, as of {found.snapshot_time}"
        verb = "would be restored" if check else "restored"
        typer.echo(f"{found.path}: {verb} to {found.target} ({amount}, {found.seconds} s)")
    if note:
        typer.echo(f"note: {escaped(note)}", err=True)
    if check:
        raise typer.Exit(3)
