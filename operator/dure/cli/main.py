"""The `operator` command: finds the command asked for and imports nothing else, so that it starts at once."""

import gc
import importlib
import json
import os
import sys

import typer
import typer.core
import typer.main
from typer._click.core import Command, Context
from typer._click.exceptions import ClickException
from typer._click.exceptions import UsageError as ClickUsageError

from dure import VERSION
from dure.errors import DureError, UsageError

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
    try:
        code = app(standalone_mode=False)
        sys.stdout.flush()
        if isinstance(code, int) and code:
            sys.exit(code)
    except ClickException as error:
        if "--json" in sys.argv:
            print_error(UsageError(error.format_message(), mend=f"{usage_of(error)} --help"))
        show_usage_error(error)
        sys.exit(error.exit_code)
    except DureError as error:
        if "--json" in sys.argv:
            print_error(error)
        print(f"error: {error.line()}", file=sys.stderr)
        sys.exit(error.exit_code)
    except (KeyboardInterrupt, typer.Abort):
        print("cancelled", file=sys.stderr)
        sys.exit(130)
    except OSError as error:
        close_output()
        if not isinstance(error, BrokenPipeError):
            print(f"error: {error}. To mend: look at that path and its rights, then repeat", file=sys.stderr)
        sys.exit(1)


def print_error(error: DureError) -> None:
    """In place of the result that `--json` asked for."""
    print(json.dumps(error.as_json(), ensure_ascii=False, indent=2))


def show_usage_error(error: ClickException) -> None:
    """As typer itself shows it: a frame, or the whole help where no command was given."""
    from typer.rich_utils import rich_format_error

    rich_format_error(error)


def usage_of(error: ClickException) -> str:
    """The command whose line was wrong, such as `operator runs show`."""
    context = error.ctx if isinstance(error, ClickUsageError) else None
    return context.command_path if context is not None else "operator"


def close_output() -> None:
    """Nothing more can be written there, and Python would try once more at its end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


if __name__ == "__main__":
    main()
