"""operator provision: a machine becomes the site's proven server."""

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
    from dure.runs.context import Context
    from dure.runs.live import Request


def provision(
    site: Annotated[str, typer.Argument(help="The site (customer/site), or hub.")],
    check: CheckOption = False,
    fast: Annotated[bool, typer.Option("--fast", help="Run the roles through mitogen, where that works.")] = False,
    converge: Annotated[bool, typer.Option("--converge", help="Run the roles even if the preview is empty.")] = False,
    prove_all: Annotated[bool, typer.Option("--prove-all", help="Full acceptance: scans and a reboot too.")] = False,
    force: Annotated[bool, typer.Option("--force", help="From a stale checkout too; needs --reason.")] = False,
    reason: ReasonOption = "",
    yes: YesOption = False,
    as_json: JsonOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Bring a site to what its files say, and prove it.

    Example: operator provision hansol-plastics/ansan
    """
    from dure.runs.context import open_context
    from dure.runs.live import Request

    context = open_context(workspace_root(workspace))
    request = Request(site=site, fast=fast, converge=converge, prove_all=prove_all, force=force, reason=reason, yes=yes)
    if check:
        _only_look(context, request, as_json)
    else:
        _run(context, request, as_json)


def _only_look(context: "Context", request: "Request", as_json: bool) -> None:
    from dure.cli.progress import Progress
    from dure.runs.provision.command import look_ahead_only

    progress = Progress(quiet=as_json)
    with progress.shown():
        lines = look_ahead_only(context, request, progress)
    if as_json:
        print_json({"site": request.site, "changes": list(lines)})
    else:
        typer.echo("\n".join(map(escaped, lines)) or "nothing would change")
    if lines:
        raise typer.Exit(3)


def _run(context: "Context", request: "Request", as_json: bool) -> None:
    from dure.cli.progress import Progress
    from dure.cli.runs import show_run
    from dure.runs.provision.command import provision as provision_site

    progress = Progress(quiet=as_json)
    try:
        with progress.shown():
            provision_site(context, request, progress)
    finally:
        if progress.live is not None:
            show_run(context, progress.live.run, as_json=as_json, steps=False)
