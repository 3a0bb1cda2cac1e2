"""operator secrets: the workspace's encrypted values."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dure.cli.common import JsonOption, WorkspaceOption, YesOption, print_json, workspace_root

if TYPE_CHECKING:
    from dure.secrets import SecretStore

app = typer.Typer(
    no_args_is_help=True,
    help="Values encrypted singly to the recipients in operator.yaml. Example: operator secrets list",
)
Reference = Annotated[str, typer.Argument(help="owner/name, such as hansol-plastics/ansan/restic_password.")]


def open_store(workspace: Path | None) -> "SecretStore":
    """The store of the workspace with this workstation's identity."""
    from dure.model import load_operator
    from dure.model.local import load_local_settings
    from dure.secrets import SecretStore

    root = workspace_root(workspace)
    return SecretStore(root, load_operator(root).secrets.recipients, load_local_settings(root).age_identity)


@app.command("list")
def list_secrets(
    owner: Annotated[str, typer.Argument(help="A customer's id, or operator; default: all.")] = "",
    as_json: JsonOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """List names, and which are still encrypted to former recipients; needs no key.

    Example: operator secrets list hansol-plastics
    """
    store = open_store(workspace)
    if owner:
        _known_owner(store, owner)
    names = [one for each in ([owner] if owner else store.owners()) for one in store.names(each)]
    if as_json:
        print_json([{"reference": one.reference, "current": one.current} for one in names])
        return
    if not names:
        typer.echo("no secrets yet; next: operator secrets generate SITE", err=True)
    for one in names:
        typer.echo(one.reference + ("" if one.current else "  former recipients: operator secrets rekey"))


@app.command("set")
def set_secret(
    reference: Reference,
    file: Annotated[Path | None, typer.Option(help="Read the value from this file.")] = None,
    workspace: WorkspaceOption = None,
) -> None:
    """Encrypt and keep one value, read from a prompt, from standard input or from a file, never from the command line.

    Example: operator secrets set hansol-plastics/router/password
    """
    from dure.secrets.store import split

    store = open_store(workspace)
    _known_owner(store, split(reference)[0])
    store.set(reference, _value(reference, file))
    typer.echo(f"{reference} is set")


def _known_owner(store: "SecretStore", owner: str) -> None:
    """Raises UsageError when neither the MSP, a customer nor a secrets file has that name."""
    from dure.model.workspace import customer_file

    if owner != "operator" and owner not in store.owners():
        customer_file(store.root, owner)


def _read(file: Path | None) -> str:
    """The file's or standard input's text, one character more than a value may have at most."""
    from dure.secrets.store import VALUE_MAX_BYTES

    if file is None:
        return sys.stdin.read(VALUE_MAX_BYTES + 1)
    with file.open(encoding="utf-8", newline="") as stream:
        return stream.read(VALUE_MAX_BYTES + 1)


def _value(reference: str, file: Path | None) -> str:
    from dure.errors import UsageError

    if file is None and sys.stdin.isatty():
        value: str = typer.prompt(f"{reference}", hide_input=True, confirmation_prompt=True, err=True)
    else:
        try:
            value = _read(file).removesuffix("\n")
            value.encode()
        except (OSError, UnicodeError) as error:
            why = (isinstance(error, OSError) and error.strerror) or "it is not UTF-8 text"
            where = str(file or "standard input")
            raise UsageError("the value cannot be read", where=where, why=why, mend="give UTF-8 text") from error
    if not value:
        raise UsageError(
            "the value is empty", why="nothing was given", mend="type it at the prompt, or give --file FILE"
        )
    return value


@app.command("get")
def get_secret(
    reference: Reference,
    yes: YesOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Print one value in clear, after a question; `--yes` where a program reads it.

    Example: operator secrets get hansol-plastics/ansan/restic_password
    """
    from dure.errors import Refused

    if not yes:
        if not sys.stdin.isatty():
            why = "nobody is there to confirm it"
            raise Refused(f"{reference} is not shown", why=why, mend=f"operator secrets get --yes {reference}")
        typer.confirm(f"Show {reference} in clear on this screen?", abort=True, err=True)
    typer.echo(open_store(workspace).get(reference))


@app.command()
def generate(
    site: Annotated[str, typer.Argument(help="customer/site, or hub.")],
    as_json: JsonOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Make a random value for each secret that the site's plan needs and that does not exist yet.

    Example: operator secrets generate hansol-plastics/ansan
    """
    from dure import toolkit_path
    from dure.model import load_site
    from dure.plan import resolve, secrets_needed

    plan = resolve(load_site(workspace_root(workspace), site), toolkit_path())
    made = open_store(workspace).generate_missing(secrets_needed(plan))
    if as_json:
        print_json({"made": list(made)})
        return
    for reference in made:
        typer.echo(f"{reference} made")
    if not made:
        typer.echo("all secrets of the site exist")


@app.command()
def remove(reference: Reference, yes: YesOption = False, workspace: WorkspaceOption = None) -> None:
    """Take one secret out of the workspace; git's history keeps its encrypted value.

    Example: operator secrets remove hansol-plastics/router/password
    """
    from dure.errors import Refused

    if not yes:
        if not sys.stdin.isatty():
            mend = f"operator secrets remove --yes {reference}"
            raise Refused(f"{reference} is not removed", why="nobody is there to confirm it", mend=mend)
        typer.confirm(f"Remove {reference}?", abort=True, err=True)
    open_store(workspace).remove(reference)
    typer.echo(f"{reference} is removed")


@app.command()
def rekey(
    everything: Annotated[
        bool, typer.Option("--all", help="Also values that are encrypted to today's recipients.")
    ] = False,
    as_json: JsonOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Encrypt to today's recipients what is still encrypted to former ones; needs your identity.

    Example: operator secrets rekey
    """
    changed = open_store(workspace).rekey(everything=everything)
    if as_json:
        print_json({"changed": list(changed)})
        return
    for reference in changed:
        typer.echo(f"{reference} encrypted anew")
    if not changed:
        typer.echo("every value is encrypted to today's recipients")


@app.command()
def recipients(
    add: Annotated[list[str] | None, typer.Option("--add", help="age1… or an SSH public key.")] = None,
    remove: Annotated[
        list[str] | None, typer.Option("--remove", help="A recipient as it stands in operator.yaml.")
    ] = None,
    as_json: JsonOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Show who can open the secrets, or change that in operator.yaml and encrypt every value anew.

    Example: operator secrets recipients --add age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p
    """
    store = open_store(workspace)
    if add or remove:
        from dure.secrets.recipients import change_recipients

        changed = change_recipients(store, add or [], remove or [])
        typer.echo(f"{len(changed)} values encrypted anew", err=True)
        if remove:
            typer.echo("who was removed may have read the old values: change those that still matter", err=True)
        store = open_store(workspace)
    if as_json:
        print_json(list(store.recipients))
        return
    for one in store.recipients:
        typer.echo(one)
