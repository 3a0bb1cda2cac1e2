"""`operator lab`: real machines on this host to try everything on."""

import json
import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from dure.cli.common import JsonOption

app = typer.Typer(no_args_is_help=True, help="Real machines on this host to try everything on. Example: operator lab up")

NameOption = Annotated[str, typer.Option("--name", envvar="DURE_LAB", help="Which lab; a-z0-9, at most 6 characters.")]


@app.command()
def up(
    name: NameOption = "dure",
    workspace: Annotated[Path | None, typer.Option(help="Write .dure/local.yaml there, so that its commands reach the lab.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Bring the lab up. Example: operator lab up --workspace demo"""
    from dure.lab.instance import Lab
    from dure.lab.workspace import write_local_settings

    lab = Lab(name)
    lab.up(lambda text: typer.echo(text, err=True))
    if workspace:
        write_local_settings(workspace, lab)
    if as_json:
        typer.echo(json.dumps(lab.status(), ensure_ascii=False, indent=2))


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
    shown = lab.status()
    if as_json:
        typer.echo(json.dumps(shown, ensure_ascii=False, indent=2))
        return
    typer.echo(f"lab {name}: {'up' if shown['up'] else 'down'}")
    if not shown["up"]:
        return
    for row in lab.status_rows():
        typer.echo(f"{row.name:16}{row.kind:9}{'on' if row.running else 'off':5}{' '.join(row.addresses)}")


@app.command()
def ssh(machine: Annotated[str, typer.Argument(help="hub, ansan or seocho.")],
        command: Annotated[list[str] | None, typer.Argument(help="What to run there; default: a shell.")] = None,
        name: NameOption = "dure") -> None:  # fmt: skip
    """Log in to a machine as its factory user. Example: operator lab ssh ansan"""
    from dure.lab.instance import Lab

    argv = [*Lab(name).ssh_command(machine), *(command or [])]
    os.execvp(argv[0], argv)


@app.command(name="exec")
def execute(
    place: Annotated[str, typer.Argument(help="A machine, router, station or segment of the lab.")],
    command: Annotated[list[str], typer.Argument(help="A program of this host and its arguments.")],
    name: NameOption = "dure",
) -> None:
    """Run a program of this host in a namespace of the lab. Example: operator lab exec outside -- ping -c1 203.0.113.21"""
    from dure.lab.instance import Lab

    argv = [*Lab(name).inside(place), *command]
    sys.stdout.flush()
    os.execvp(argv[0], argv)
