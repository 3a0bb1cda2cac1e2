"""operator import: what other systems know, for the indicators that rest on it."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dure.cli.common import (
    CheckOption,
    JsonOption,
    LanguageOption,
    ReasonOption,
    Tongue,
    WorkspaceOption,
    print_json,
    workspace_root,
)
from dure.escaping import escaped

if TYPE_CHECKING:
    from dure.runs.promise.records.command import Imported
    from dure.text.writing import Language

app = typer.Typer(
    no_args_is_help=True,
    help="What other systems know, from files; see docs/imports.md. Example: operator import usage june.csv",
)
MOST_NAMED = 5
KINDS = {
    "tickets": (
        "Tickets: customer,ticket,kind,opened and more.",
        "Take in tickets of a service desk: their times, never their text or anybody's name. Safe to repeat.",
    ),
    "survey": (
        "Answers: customer,survey,kind,held,asked,answer,marks.",
        "Take in the answers to a survey, by number and without names. Safe to repeat.",
    ),
    "usage": (
        "Counts a month: customer,service,month,entitled,acted and more.",
        "Take in how many used each service in a month; says which cases of low utilisation opened or closed.",
    ),
    "endpoints": (
        "Hosts a day: customer,host,listed,protected,updated.",
        "Take in a security console's daily list of hosts: which are protected, and how fresh. Safe to repeat.",
    ),
    "benefit": (
        "Won a month: customer,month,axis,low,likely,high,basis.",
        "Take in what the services brought and cost in a month, with a range and its basis. Safe to repeat.",
    ),
}
"""What the file has, and what the command does."""


@app.callback()
def group() -> None:
    """Take in what other systems know: all of a file, or nothing. Example: operator import tickets june.csv"""


def command_of(kind: str) -> Callable[..., None]:
    """The command that takes in files of that kind."""

    def take(
        file: Annotated[Path, typer.Argument(help=KINDS[kind][0])],
        form: Annotated[
            str, typer.Option("--format", help="csv, json or jsonl; by the file's suffix when absent.")
        ] = "",
        language: LanguageOption = Tongue.EN,
        check: CheckOption = False,
        reason: ReasonOption = "",
        as_json: JsonOption = False,
        workspace: WorkspaceOption = None,
    ) -> None:
        from dataclasses import asdict

        from dure.runs.context import open_context
        from dure.runs.promise import clock
        from dure.runs.promise.records.command import import_records
        from dure.text.commands import say

        context = open_context(workspace_root(workspace))
        found = import_records(context, kind, file, form, clock.now(), reason, check=check)
        if as_json:
            print_json({**asdict(found), "changed": found.changed})
        else:
            key, name = ("records-would-be-new" if check else "records-new"), say(f"kind-{kind}", language.value)
            counts = {"rows": found.rows, "new": found.new, "updated": found.updated}
            typer.echo(say(key, language.value, kind=name, **counts))
            for line in news_of(found, language.value):
                typer.echo(line)
            for line in warnings_of(found, language.value):
                typer.echo(line, err=True)
        if found.note:
            typer.echo(f"note: {escaped(found.note)}", err=True)
        if check and found.changed:
            raise typer.Exit(3)

    take.__doc__ = f"{KINDS[kind][1]}\n\nExample: operator import {kind} examples/imports/{kind}.csv"
    return take


for _kind in KINDS:
    app.command(_kind)(command_of(_kind))


def news_of(found: "Imported", language: "Language") -> "Iterator[str]":
    """Which cases of low utilisation opened and closed."""
    from dure.text.commands import case_news

    for one in found.cases:
        yield case_news(f"{one.customer}/{one.service}", one.event, one.month, one.why, language)


def warnings_of(found: "Imported", language: "Language") -> "Iterator[str]":
    """What was left out, and which closed months do not know of it."""
    from dure.text.commands import say

    if found.dropped:
        yield say("dropped", language, rows=found.dropped)
    if found.closed_months:
        months = ", ".join(f"{customer} {month}" for customer, month in found.closed_months[:MOST_NAMED])
        rest = len(found.closed_months) - MOST_NAMED
        yield say(
            "closed-months", language, months=months, more=say("and-more", language, count=rest) if rest > 0 else ""
        )
