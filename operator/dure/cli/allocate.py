"""operator allocate: a site's overlay network is written down."""

from pathlib import Path
from typing import Annotated

import typer

from dure.cli.common import CheckOption, JsonOption, WorkspaceOption, print_json, workspace_root


def allocate(
    site: Annotated[str, typer.Argument(help="customer/site.")],
    mend: Annotated[
        bool, typer.Option("--mend", help="Take a conflicting network from the site, give a free one.")
    ] = False,
    release: Annotated[
        bool, typer.Option("--release", help="The site is retired: its network may be used again.")
    ] = False,
    check: CheckOption = False,
    as_json: JsonOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Give a site its overlay /24 in allocations.yaml; a site that has one keeps it.

    Example: operator allocate hansol-plastics/ansan
    """
    from dure.errors import UsageError
    from dure.plan import overlay

    if mend + release + check > 1:
        raise UsageError("--mend, --release and --check exclude each other", mend="give one of them")
    root = workspace_root(workspace)
    if check:
        _check(root, site, as_json)
    if mend:
        cidr = overlay.mend(root, site)
    elif release:
        cidr = overlay.release(root, site)
    else:
        cidr = overlay.allocate(root, site).cidr
    if as_json:
        print_json({"site": site, "cidr": cidr, "released": release})
    else:
        typer.echo(f"{site}: {cidr}{'  released' if release else ''}")


def _check(root: Path, site: str, as_json: bool) -> None:
    """Say what would be allocated; exit 3 when that would be new."""
    from dure.model import load_site
    from dure.plan import overlay

    found = overlay.proposed(load_site(root, site))
    if as_json:
        print_json({"site": site, "cidr": found.cidr, "allocated": found.allocated})
    else:
        typer.echo(f"{site}: {found.cidr}  {'allocated' if found.allocated else 'would be allocated'}")
    raise typer.Exit(0 if found.allocated else 3)
