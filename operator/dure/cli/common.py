"""Options and printing that every command shares, so that they look and behave alike."""

import json
import os
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from pydantic import BaseModel, JsonValue

from dure.errors import UsageError
from dure.escaping import escaped, escaped_json

WorkspaceOption = Annotated[
    Path | None,
    typer.Option(
        "--workspace",
        "-w",
        envvar="DURE_WORKSPACE",
        help="Workspace directory; default: found upwards from here.",
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]
SubjectsOption = Annotated[
    Path | None,
    typer.Option("--subjects", help="Planned stacks written down before, as JSON, instead of previewing them."),
]
YesOption = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask; for CI.")]
CheckOption = Annotated[bool, typer.Option("--check", help="Only say what would change; exit 3 when something would.")]
CONTROL = {*range(0x20), *range(0x7F, 0xA0)}


def plain_text(option: typer.CallbackParam, text: str) -> str:
    """A free text of the command line, which others will read: one line that is what it looks like. Else UsageError."""
    hidden = next((one for one in text if escaped(one) != one), "")
    if hidden:
        kind = "a control character" if ord(hidden) in CONTROL else "a character that nobody sees"
        raise UsageError(
            f"{option.opts[0]} holds {kind}, U+{ord(hidden):04X}",
            why="it is kept and shown to others as one plain line",
            mend="leave the character out, a line break too",
        )
    return text


ReasonOption = Annotated[str, typer.Option("--reason", callback=plain_text, help="Why; kept in the audit log.")]


class Tongue(StrEnum):
    """What can be read."""

    KO = "ko"
    EN = "en"


LanguageOption = Annotated[Tongue, typer.Option("--language", help="Language of what is printed.")]
"""Engineers' commands speak English unless it says otherwise; what a customer reads is in the customer's language."""


def print_json(value: BaseModel | JsonValue) -> None:
    """One JSON document on standard output, Korean left readable."""
    plain = value.model_dump(mode="json") if isinstance(value, BaseModel) else value
    typer.echo(escaped_json(json.dumps(plain, ensure_ascii=False, indent=2, sort_keys=True)))


def workspace_root(given: Path | None) -> Path:
    """The workspace asked for, else the nearest one upwards; raises UsageError when there is none."""
    from dure.model import find_workspace

    return find_workspace(given or Path(os.getcwd()))  # noqa: PTH109 - a test may run in a removed directory
