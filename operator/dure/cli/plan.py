"""operator plan: everything that would happen to a site."""

from typing import Annotated

import typer

from dure.cli.common import JsonOption, WorkspaceOption, print_json, workspace_root


def plan(
    site: Annotated[str, typer.Argument(help="customer/site, or hub.")],
    diff: Annotated[bool, typer.Option("--diff", help="Only what differs from what was last applied; exit 3.")] = False,
    as_json: JsonOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Show everything that would happen to a site; nothing is written or contacted.

    Example: operator plan hansol-plastics/ansan --diff
    """
    from dure import toolkit_path
    from dure.model import load_site
    from dure.plan import resolve, tree

    root = workspace_root(workspace)
    resolved = resolve(load_site(root, site), toolkit_path())
    if not diff:
        if as_json:
            print_json(resolved)
        else:
            typer.echo("\n".join(tree(resolved)))
        return
    from dataclasses import asdict

    from dure.plan import compare
    from dure.plan.applied import load

    applied = load(root, site)
    differences = compare(applied, resolved)
    if as_json:
        print_json(
            {"applied": applied.digest if applied else None, "differences": [asdict(one) for one in differences]}
        )
    else:
        if applied is None:
            typer.echo("nothing was applied from this workspace yet: all of the plan is new", err=True)
        for one in differences:
            typer.echo(one.text())
        if not differences:
            typer.echo("no difference to what was last applied")
    if differences:
        raise typer.Exit(3)
