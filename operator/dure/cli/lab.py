"""`operator lab`: real machines on this host to try everything on."""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dure.cli.common import JsonOption, print_json, workspace_root

if TYPE_CHECKING:
    from dure.lab.instance import Lab

HELP = "Real machines on this host to try everything on. Example: operator lab up"
app = typer.Typer(no_args_is_help=True, help=HELP)

NameOption = Annotated[str, typer.Option("--name", envvar="DURE_LAB", help="Which lab: a-z0-9, at most 6 characters.")]
SiteArgument = Annotated[str, typer.Argument(help="hub, hansol-plastics/ansan, or the last part alone: ansan.")]
FaultArgument = Annotated[str, typer.Argument(help="vpn, link or power.")]
WorkspaceHelp = typer.Option(help="Write .dure/local.yaml there, so that its commands reach the lab.")


@app.command()
def up(
    name: NameOption = "dure",
    workspace: Annotated[Path | None, WorkspaceHelp] = None,
    as_json: JsonOption = False,
) -> None:
    """Bring the lab up. Example: operator lab up --workspace demo"""
    from dure.lab.instance import Lab
    from dure.lab.workspace import write_local_settings

    root = workspace_root(workspace) if workspace else None  # before minutes are spent
    lab = Lab(name)
    lab.up(lambda text: typer.echo(text, err=True))
    if root:
        write_local_settings(root, lab)
    if as_json:
        print_json(lab.status())


@app.command()
def down(name: NameOption = "dure") -> None:
    """Take the lab down; nothing of it stays. Example: operator lab down"""
    from dure.lab.host import require_fit
    from dure.lab.instance import Lab

    require_fit()
    Lab(name).down()
    typer.echo(f"lab {name}: down", err=True)


@app.command()
def status(name: NameOption = "dure", as_json: JsonOption = False) -> None:
    """Show machines, namespaces and addresses. Example: operator lab status --json"""
    from dure.lab.instance import Lab

    lab = Lab(name)
    if as_json:
        print_json(lab.status())
        return
    typer.echo(f"lab {name}: {'up' if lab.is_up() else 'down; operator lab up'}")
    for row in lab.status_rows() if lab.is_up() else []:
        typer.echo(f"{row.name:16}{row.kind:9}{'on' if row.running else 'off':5}{' '.join(row.addresses)}")


@app.command()
def ssh(
    machine: Annotated[str, typer.Argument(help="hub, ansan or seocho.")],
    command: Annotated[list[str] | None, typer.Argument(help="What to run there; default: a shell.")] = None,
    name: NameOption = "dure",
    user: Annotated[str, typer.Option(help="Who to log in as; the lab's key opens the first engineer too.")] = "dure",
) -> None:
    """Log in to a machine. Example: operator lab ssh ansan"""
    lab = _running(name)
    _become([*lab.ssh_command(machine, user), *(command or [])])


@app.command(name="exec")
def execute(
    place: Annotated[str, typer.Argument(help="A machine, router, station or segment of the lab.")],
    command: Annotated[list[str], typer.Argument(help="A program and its arguments.")],
    name: NameOption = "dure",
    network_only: Annotated[
        bool, typer.Option("--network-only", help="On a machine too, run a program of this host, in its network.")
    ] = False,
) -> None:
    """Run a command there: on a machine as its root, elsewhere a program of this host in that network.

    Example: operator lab exec outside -- ping -c1 203.0.113.21
    """
    lab = _running(name)
    if place in lab.machines and not network_only:
        _become([*lab.machine(place).inside(), *command])
    _become([*lab.inside(place), *command])


@app.command()
def cut(site: SiteArgument, fault: FaultArgument, name: NameOption = "dure") -> None:
    """Cut a site's tunnel, internet line or power. Example: operator lab cut ansan link"""
    from dure.lab.faults import cut as cut_fault
    from dure.lab.faults import fault_named

    cut_fault(_running(name), site, fault_named(fault))
    typer.echo(f"{site}: {fault} is cut; operator lab mend {site} {fault}", err=True)


@app.command()
def mend(site: SiteArgument, fault: FaultArgument, name: NameOption = "dure") -> None:
    """Mend what was cut. Example: operator lab mend ansan link"""
    from dure.lab.faults import fault_named
    from dure.lab.faults import mend as mend_fault

    mend_fault(_running(name), site, fault_named(fault))
    typer.echo(f"{site}: {fault} is mended", err=True)


def _running(name: str) -> "Lab":
    from dure.errors import UsageError
    from dure.lab.instance import Lab

    lab = Lab(name)
    if not lab.is_up():
        raise UsageError(f"lab {name} is not up", mend=f"operator lab up --name {name}")
    return lab


def _become(argv: list[str]) -> None:
    """Replace this process, so that exit code, terminal and signals are the program's own."""
    sys.stdout.flush()
    try:
        os.execvp(argv[0], argv)  # noqa: S606 - an argument list, no shell; the program takes our place
    except FileNotFoundError as error:
        from dure.errors import UsageError

        raise UsageError(f"{argv[0]} is not installed on this host") from error
