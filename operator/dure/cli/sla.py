"""operator sla: how a service level came about."""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from dure.cli.common import JsonOption

app = typer.Typer(
    no_args_is_help=True,
    help="Service levels, computed to the second. Example: operator sla explain case.json",
)


@app.callback()
def group() -> None:
    """Service levels, computed to the second. Example: operator sla explain case.json"""


@app.command()
def explain(
    case: Annotated[Path, typer.Argument(help="A file with an accounting case; docs/sla.md has the format.")],
    as_json: JsonOption = False,
    lines: Annotated[
        bool, typer.Option("--lines", help="The file has one case a line; print one result a line.")
    ] = False,
) -> None:
    """Show how a service's figure came about, from its samples to the verdict; exit 2 when the case is wrong.

    Example: operator sla explain case.json
    """
    if lines:
        explain_lines(case)
    else:
        explain_one(case, as_json)


def explain_one(file: Path, as_json: bool) -> None:
    from dure.model.accounting import read_case, result_of
    from dure.model.accounting.derivation import derivation

    model, account = read_case(file)
    if as_json:
        typer.echo(json.dumps(result_of(account), ensure_ascii=False, indent=2))
    else:
        typer.echo(derivation(model, account), nl=False)


def explain_lines(file: Path) -> None:
    """A line that is wrong has its error as its result, so that the lines of both files stay side by side."""
    from dure.model.accounting import CaseInvalid, accounts_of_lines, result_of

    wrong = 0
    for account in accounts_of_lines(file):
        if isinstance(account, CaseInvalid):
            wrong += 1
            print(json.dumps(account.as_json(), ensure_ascii=False))
            for problem in account.problems:
                print(f"error: {problem.text()}", file=sys.stderr)
        else:
            print(json.dumps(result_of(account), ensure_ascii=False))
    if wrong:
        typer.echo(f"{wrong} case{'s' if wrong > 1 else ''} could not be computed", err=True)
        raise typer.Exit(2)
