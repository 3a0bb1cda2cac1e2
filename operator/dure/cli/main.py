"""The `operator` command: finds the command asked for and imports nothing else, so that it starts at once."""

import contextlib
import gc
import importlib
import json
import sys

import typer
import typer.core
import typer.main
from typer._click.core import Command, Context
from typer._click.exceptions import ClickException
from typer._click.exceptions import UsageError as ClickUsageError

from dure import VERSION
from dure.cli.streams import give_up_output, open_streams, refuse_undecodable, system_refusal
from dure.errors import DureError, UsageError
from dure.escaping import escaped, escaped_json

LINE_BREAK = "\n"

# name -> (module, attribute, help group); the attribute is a function or a typer.Typer.
COMMANDS: dict[str, tuple[str, str, str]] = {
    "status": ("dure.cli.status", "status", "today"),
    "init": ("dure.cli.init", "init", "build"),
    "validate": ("dure.cli.validate", "validate", "build"),
    "schema": ("dure.cli.schema", "schema", "build"),
    "plan": ("dure.cli.plan", "plan", "build"),
    "allocate": ("dure.cli.allocate", "allocate", "build"),
    "enrol": ("dure.cli.enrol", "enrol", "build"),
    "provision": ("dure.cli.provision", "provision", "build"),
    "restore": ("dure.cli.restore", "restore", "care"),
    "vault": ("dure.cli.vault", "app", "care"),
    "window": ("dure.cli.window", "app", "care"),
    "sla": ("dure.cli.sla", "app", "promise"),
    "stacks": ("dure.cli.stacks", "app", "platform"),
    "cost": ("dure.cli.cost", "cost", "promise"),
    "policy": ("dure.cli.policy", "app", "platform"),
    "exclude": ("dure.cli.exclude", "app", "promise"),
    "report": ("dure.cli.report", "report", "promise"),
    "import": ("dure.cli.imports", "app", "platform"),
    "secrets": ("dure.cli.secrets", "app", "platform"),
    "runs": ("dure.cli.runs", "app", "platform"),
    "audit": ("dure.cli.audit", "app", "platform"),
    "lab": ("dure.cli.lab", "app", "try"),
    "demo": ("dure.cli.demo", "app", "try"),
}


class LazyGroup(typer.core.TyperGroup):
    """Imports a command's module when that command is asked for."""

    def list_commands(self, ctx: Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: Context, cmd_name: str) -> Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, attribute, panel = COMMANDS[cmd_name]
        target = getattr(importlib.import_module(module), attribute)
        if isinstance(target, typer.Typer):
            target.info.name = cmd_name
            group = typer.main.get_group(target)
            group.rich_help_panel = panel
            return group
        single = typer.Typer(add_completion=False)
        single.command(cmd_name, rich_help_panel=panel)(target)
        return typer.main.get_command(single)


app = typer.Typer(
    cls=LazyGroup,
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    help="Run small companies' IT from one workspace. Example: operator provision hansol-plastics/ansan",
)


def show_version(asked: bool) -> None:
    if asked:
        typer.echo(f"operator {VERSION}")
        raise typer.Exit


@app.callback()
def options(
    version: bool = typer.Option(False, "--version", callback=show_version, is_eager=True, help="Print the version."),
) -> None:
    """Run small companies' IT from one workspace. Example: operator provision hansol-plastics/ansan"""


def main() -> None:
    """Run the command line; an error becomes one line on stderr, with `--json` an object on stdout, and a code."""
    # A command lives shortly, and its modules and values stay: looking through them ever again cost it a sixth.
    gc.set_threshold(100_000, 20, 20)
    open_streams()
    try:
        code = run()
    except OSError as error:
        give_up_output()
        code = 1
        if not isinstance(error, BrokenPipeError):
            with contextlib.suppress(OSError):  # stderr may be what is full
                tell(system_refusal(error))
    if code:
        sys.exit(code)


def run() -> int:
    """The command's exit code, its error told. Raises OSError when the system refuses, an output among others."""
    try:
        refuse_undecodable(sys.argv)
        code = app(standalone_mode=False)
        sys.stdout.flush()
    except ClickException as error:
        error.message = escaped(error.message, keep=LINE_BREAK)
        show_usage_error(error)
        print_error(UsageError(error.format_message(), mend=f"{usage_of(error)} --help"))
        return error.exit_code
    except DureError as error:
        tell(error)
        print_error(error)
        return error.exit_code
    except (KeyboardInterrupt, typer.Abort):
        print("cancelled", file=sys.stderr)
        return 130
    return code if isinstance(code, int) else 0


def tell(error: DureError) -> None:
    """The error's line; those of a workspace's problems are several."""
    print(f"error: {escaped(error.line(), keep=LINE_BREAK)}", file=sys.stderr)


def print_error(error: DureError) -> None:
    """In place of the result, where `--json` asked for one."""
    if "--json" in sys.argv:
        print(escaped_json(json.dumps(error.as_json(), ensure_ascii=False, indent=2)), flush=True)


def show_usage_error(error: ClickException) -> None:
    """As typer itself shows it: a frame, or the whole help where no command was given."""
    from typer.rich_utils import rich_format_error

    rich_format_error(error)


def usage_of(error: ClickException) -> str:
    """The command whose line was wrong, such as `operator runs show`."""
    context = error.ctx if isinstance(error, ClickUsageError) else None
    return context.command_path if context is not None else "operator"


if __name__ == "__main__":
    main()
