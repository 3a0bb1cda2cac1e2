"""operator window: agreed times for maintenance."""

from typing import TYPE_CHECKING, Annotated

import typer

from dure.cli.common import (
    CheckOption,
    JsonOption,
    LanguageOption,
    Tongue,
    WorkspaceOption,
    plain_text,
    print_json,
    workspace_root,
)
from dure.cli.promise_options import (
    CustomerArgument,
    FromOption,
    SelectorArgument,
    ServicesOption,
    ToOption,
    WordOption,
)

if TYPE_CHECKING:
    from dure.model.promise.agreement import Window
    from dure.runs.promise.book import Book
    from dure.text.writing import Language

app = typer.Typer(
    no_args_is_help=True,
    help="Maintenance windows: add, approve, cancel, list. Example: operator window list hansol-plastics",
)
NameArgument = Annotated[str, typer.Argument(help="The window, such as 2026-06-11-kernel.")]


@app.callback()
def group() -> None:
    """Maintenance windows, as files of the workspace. Example: operator window list hansol-plastics"""


@app.command()
def add(
    customer: CustomerArgument,
    start: FromOption,
    end: ToOption,
    reason: Annotated[str, typer.Option("--reason", callback=plain_text, help="What is done; the customer reads it.")],
    name: WordOption = "maintenance",
    services: ServicesOption = None,
    announced: Annotated[str, typer.Option("--announced", help="When the customer was told; now when absent.")] = "",
    language: LanguageOption = Tongue.EN,
    check: CheckOption = False,
    as_json: JsonOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Write a window that waits for an approval.

    Example: operator window add hansol-plastics --from 2026-06-11T10:00 --to 2026-06-11T11:00 --reason "커널 보안 패치"
    """
    from dure.cli.agreement_lines import window_json
    from dure.runs.context import open_context
    from dure.runs.promise import clock
    from dure.runs.promise.book import require_book
    from dure.runs.promise.windows import add_window
    from dure.text.commands import say

    context = open_context(workspace_root(workspace))
    window = add_window(
        context, customer, services or [], (start, end), name, reason, announced, clock.now(), check=check
    )
    book = require_book(context, customer)
    if as_json:
        print_json(window_json(book, window))
    elif check:
        typer.echo(say("window-would-be-written", language.value, customer=customer, name=window.id))
    else:
        typer.echo(say("window-written", language.value, customer=customer, name=window.id))
    print_doubts(book, window, language.value)
    if check:
        raise typer.Exit(3)


@app.command()
def approve(
    customer: CustomerArgument,
    name: NameArgument,
    language: LanguageOption = Tongue.EN,
    check: CheckOption = False,
    as_json: JsonOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Sign a window; once it has started, only two engineers together can approve it, as a correction.

    Example: operator window approve hansol-plastics 2026-06-11-kernel
    """
    from dure.cli.agreement_lines import window_json
    from dure.runs.context import open_context
    from dure.runs.promise import clock
    from dure.runs.promise.book import require_book
    from dure.runs.promise.windows import approve_window
    from dure.text.commands import say

    context = open_context(workspace_root(workspace))
    window = approve_window(context, customer, name, clock.now(), check=check)
    book = require_book(context, customer)
    if as_json:
        print_json(window_json(book, window))
    else:
        key = "would-be-signed" if check else "signed"
        typer.echo(say(key, language.value, name=name, signers=", ".join(window.signers())))
        if window.approved is None:
            typer.echo(say("window-started", language.value), err=True)
        elif window.late:
            typer.echo(say("window-late", language.value), err=True)
    print_doubts(book, window, language.value)
    if check:
        raise typer.Exit(3)


def print_doubts(book: "Book", window: "Window", language: "Language") -> None:
    """On standard error: what is agreed is written, and will count less than it says."""
    from dure.cli.agreement_lines import doubt_lines
    from dure.runs.promise.window_doubts import doubts

    for line in doubt_lines(doubts(book, window), window, language):
        typer.echo(line, err=True)


@app.command()
def cancel(
    customer: CustomerArgument,
    name: NameArgument,
    reason: Annotated[str, typer.Option("--reason", callback=plain_text, help="Why.")] = "",
    language: LanguageOption = Tongue.EN,
    check: CheckOption = False,
    as_json: JsonOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Call a window off before it starts. Example: operator window cancel hansol-plastics 2026-06-11-kernel"""
    from dure.runs.context import open_context
    from dure.runs.promise import clock
    from dure.runs.promise.windows import cancel_window
    from dure.text.commands import say

    context = open_context(workspace_root(workspace))
    window = cancel_window(context, customer, name, reason, clock.now(), check=check)
    if as_json:
        print_json(window.model_dump(mode="json"))
    else:
        typer.echo(say("would-be-cancelled" if check else "cancelled", language.value, name=name))
    if check:
        raise typer.Exit(3)


@app.command("list")
def list_windows(
    selector: SelectorArgument = "",
    language: LanguageOption = Tongue.EN,
    as_json: JsonOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """List windows in order of time, each with whether it counts. Example: operator window list hansol-plastics"""
    from dure.cli.agreement_lines import WINDOWS, print_agreements

    print_agreements(workspace_root(workspace), selector, WINDOWS, language.value, as_json=as_json)
