"""operator cost: what the cloud costs a month."""

from pathlib import Path
from typing import Annotated

import typer

from dure.cli.common import (
    JsonOption,
    LanguageOption,
    SubjectsOption,
    Tongue,
    WorkspaceOption,
    print_json,
    workspace_root,
)


def cost(
    customer: Annotated[str, typer.Option("--customer", help="One customer's id, or customer/site.")] = "",
    every: Annotated[bool, typer.Option("--all", help="All customers, a line a stack.")] = False,
    take: Annotated[
        Path | None, typer.Option("--import", help="Price list exported by AWS (JSON or CSV), for any region.")
    ] = None,
    subjects: SubjectsOption = None,
    language: LanguageOption = Tongue.EN,
    as_json: JsonOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Show what stacks cost a month, before and after what is planned, in US dollars and won; nothing is touched.

    Example: operator cost --customer hansol-plastics
    """
    from dure.errors import UsageError

    root = workspace_root(workspace)
    if take is not None:
        if customer or every or subjects:
            raise UsageError("--import stands alone", mend="give it first, then ask for the cost")
        _import(root, take, as_json=as_json)
        return
    if bool(customer) + every + bool(subjects) != 1:
        raise UsageError(
            "it is not said whose cost",
            why="every stack is previewed, which takes seconds each",
            mend="operator cost --all",
        )
    from dure.cost.table import as_json as estimate_json
    from dure.cost.table import table
    from dure.runs.context import open_context
    from dure.runs.judgement import judge
    from dure.runs.subjects import read_subjects, subjects_of

    context = open_context(root)
    found = judge(context, read_subjects(subjects) if subjects else subjects_of(context, customer)).estimate
    if as_json:
        print_json(estimate_json(found))
    else:
        typer.echo("\n".join(table(found, language.value, details=not every)))


def _import(root: Path, file: Path, *, as_json: bool) -> None:
    from dataclasses import asdict

    from dure.cost.importing import import_offer

    done = import_offer(root, file)
    if as_json:
        print_json({key: list(value) if isinstance(value, tuple) else value for key, value in asdict(done).items()})
        return
    for name in done.written:
        typer.echo(f"{name} written")
    for name in done.same:
        typer.echo(f"{name} was the same already")
    for name in done.doubtful:
        typer.echo(f"{name}: the list has two prices; the one known before stays", err=True)
    typer.echo(f"{done.prices} prices")
