"""operator enrol: first contact with a machine."""

from typing import Annotated

import typer

from dure.cli.common import JsonOption, WorkspaceOption, YesOption, print_json, workspace_root


def enrol(
    site: Annotated[str, typer.Argument(help="The site whose box this is (customer/site), or hub.")],
    address: Annotated[str, typer.Option(help="Address of the machine, on the bench or the customer's LAN.")],
    fingerprint: Annotated[str, typer.Option(help="Host key as read on the machine itself: SHA256:…")] = "",
    user: Annotated[str, typer.Option(help="User that the machine ships with.")] = "dure",
    port: Annotated[int, typer.Option(help="Port of its SSH server.", min=1, max=65535)] = 22,
    yes: YesOption = False,
    as_json: JsonOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Pin a machine's host key, so that no other machine can take its place.

    Example: operator enrol hansol-plastics/ansan --address 192.168.1.50
    """
    import sys
    from dataclasses import asdict

    from dure.runs.addresses import FirstWay
    from dure.runs.context import open_context
    from dure.runs.enrol import enrol as enrol_machine

    def ask(question: str) -> bool:
        return typer.confirm(question, err=True)

    can_ask = sys.stdin.isatty() and not yes
    context = open_context(workspace_root(workspace))
    enrolled = enrol_machine(context, site, FirstWay(address, user, port), fingerprint, ask if can_ask else None)
    if as_json:
        print_json(asdict(enrolled))
        return
    verb = "pinned" if enrolled.newly_pinned else "already pinned"
    typer.echo(f"{site}: host key {verb}, {enrolled.fingerprint}")
    if enrolled.login:
        typer.echo(f"login as {enrolled.login} works; next: operator provision {site}")
    else:
        typer.echo(
            "but no login works yet: put this workstation's public key on the machine for its sudo user", err=True
        )
        raise typer.Exit(1)
