"""operator validate: every problem of the workspace at once."""

from pathlib import Path
from typing import Annotated

import typer
from typer._click.core import ParameterSource

from dure.cli.common import JsonOption, WorkspaceOption, print_json, workspace_root
from dure.escaping import escaped


def has_agreements(root: Path) -> bool:
    """Only then is there anything signed, and the rest of the program worth loading."""
    return any((root / name).exists() for name in ("windows", "exclusions", "restatements", "waived", "reviews"))


def _refuse_two(path: Path, workspace: Path) -> None:
    from dure.errors import UsageError

    if path.resolve() != workspace.resolve():
        why = f"{escaped(str(path))} and --workspace {escaped(str(workspace))} are not the same"
        raise UsageError("two workspaces are named", why=why, mend="leave one of the two out")


def validate(
    context: typer.Context,
    path: Annotated[Path | None, typer.Argument(help="Workspace; default: found upwards from here.")] = None,
    as_json: JsonOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Report all problems of the workspace, each with its place, reason and mending; exit 2 when there is one.

    Example: operator validate examples/hanbit-it
    """
    from dure.cost.price_file import workspace_prices
    from dure.model import validate as problems_of
    from dure.model.problem import Problem
    from dure.model.report_files import report_problems
    from dure.model.staffing import staffing_notes

    if path and workspace and context.get_parameter_source("workspace") == ParameterSource.COMMANDLINE:
        _refuse_two(path, workspace)
    root = workspace_root(path or workspace)
    problems = sorted([*problems_of(root), *workspace_prices(root)[1], *report_problems(root)])
    notes: list[Problem] = [] if problems else staffing_notes(root)
    if not problems and has_agreements(root):
        from dure.runs.promise.agreements import agreement_problems

        problems, found = agreement_problems(root)
        notes += found
    for note in notes:
        typer.echo(f"note: {note.text()}", err=True)
    if as_json:
        print_json({"problems": [problem.as_json() for problem in problems]})
    else:
        for problem in problems:
            typer.echo(problem.text())
        count = len(problems)
        typer.echo(f"{count} problem{'s' if count != 1 else ''}" if problems else "valid", err=bool(problems))
    if problems:
        raise typer.Exit(2)
