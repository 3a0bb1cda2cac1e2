"""What the commands of `operator stacks` share: their options, and the person at the terminal."""

import contextlib
import functools
import inspect
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from types import FrameType
from typing import TYPE_CHECKING, Annotated, get_type_hints

import typer

from dure.cli.common import CheckOption, JsonOption, ReasonOption, WorkspaceOption, YesOption, print_json

if TYPE_CHECKING:
    from dure.runs.stacks.change import Listener, Options
    from dure.runs.stacks.result import Report

SelectorArgument = Annotated[
    str, typer.Argument(help="landing-zone, customer, customer/site, role=…, tag=…, joined by `and`.")
]
AllOption = Annotated[bool, typer.Option("--all", help="Every stack of the workspace.")]
ChangedOption = Annotated[
    bool, typer.Option("--changed", help="Of these only stacks whose plan is not the one last applied.")
]
ParallelOption = Annotated[int, typer.Option("--parallel", help="So many stacks at once.", min=1, max=32)]
MaxFailedOption = Annotated[
    str, typer.Option("--max-failed", help="So many stacks may fail (2, or 10%); past it none starts any more.")
]


@dataclass(frozen=True, slots=True)
class WorkOptions:
    """What every command takes that changes stacks; `with_work_options` makes its options of these fields.

    Raises UsageError for an error budget that is none: before anything is looked at.
    """

    parallel: ParallelOption = 4
    max_failed: MaxFailedOption = "10%"
    check: CheckOption = False
    yes: YesOption = False
    reason: ReasonOption = ""
    as_json: JsonOption = False
    workspace: WorkspaceOption = None

    def __post_init__(self) -> None:
        from dure.runs.stacks.schedule import budget_of

        budget_of(self.max_failed, 0)

    def options(self) -> "Options":
        from dure.runs.stacks.change import Options

        return Options(self.parallel, self.max_failed, self.reason)


def with_work_options(command: Callable[..., None]) -> Callable[..., None]:
    """The command with these options behind its own; it gets them as `given`."""
    hints = get_type_hints(WorkOptions, include_extras=True)
    shared = [
        inspect.Parameter(one.name, inspect.Parameter.KEYWORD_ONLY, default=one.default, annotation=hints[one.name])
        for one in fields(WorkOptions)
    ]
    own = [one for one in inspect.signature(command).parameters.values() if one.name != "given"]

    @functools.wraps(command)
    def taking_all(**arguments: object) -> None:
        taken = {one.name: arguments.pop(one.name) for one in shared}
        command(**arguments, given=WorkOptions(**taken))  # type: ignore[arg-type]  # typer holds them to the fields' types

    parameters = [*own, *shared]
    taking_all.__annotations__ = {one.name: one.annotation for one in parameters}
    taking_all.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]  # what typer reads
    return taking_all


STOPS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
"""Ctrl-C, an ended CI job or service, a closed terminal."""
YES = ("y", "yes", "예", "네", "ㅇ")


class Person:
    """Whoever gave the command: reads lines, presses Ctrl-C, is asked."""

    def __init__(self, *, quiet: bool, yes: bool) -> None:
        self._quiet, self._yes = quiet, yes
        self._stop = threading.Event()
        self._asked = False

    def tell(self, line: str) -> None:
        """What runs goes on when nobody is there any more to read it."""
        if not self._quiet:
            with contextlib.suppress(OSError):
                typer.echo(line, err=True)

    def cancelled(self) -> bool:
        return self._stop.is_set()

    def agree(self, shown: str) -> bool:
        """Raises Refused where nobody can be asked."""
        from dure.errors import Refused

        if self._yes:
            return True
        if not sys.stdin.isatty():
            mend = "look at it with `operator stacks preview`, then give --yes"
            raise Refused("nobody can be asked for approval", why="there is no terminal", mend=mend)
        typer.echo(shown, err=True)
        return self._answer("Go ahead? [y/N] ").lower() in YES

    def ask_name(self, site: str) -> bool:
        typer.echo(f"{site} holds data, which is lost when it is destroyed.", err=True)
        return self._answer(f"Type the site's name ({site}) to go on: ") == site

    def _answer(self, question: str) -> str:
        """Raises Cancelled at Ctrl-C: reading would begin again after its handler, and the command never end."""
        self._asked = True
        try:
            if self._stop.is_set():
                raise _nothing_touched()
            typer.echo(question, err=True, nl=False)
            return sys.stdin.readline().strip()
        finally:
            self._asked = False

    def listener(self) -> "Listener":
        from dure.runs.stacks.change import Listener

        return Listener(self.tell, self.cancelled, self.agree)

    @contextlib.contextmanager
    def listening(self) -> Iterator[None]:
        """While the block runs Ctrl-C, and what ends it from outside, starts nothing new and lets what runs end."""
        ignored = signal.getsignal(signal.SIGHUP) == signal.SIG_IGN  # by nohup, which is meant
        heard = [one for one in STOPS if one != signal.SIGHUP or not ignored]
        before = {one: signal.signal(one, self._interrupted) for one in heard}
        try:
            yield
        finally:
            for one, handler in before.items():
                signal.signal(one, handler)

    def _interrupted(self, number: int, frame: FrameType | None) -> None:
        if self._stop.is_set():
            self.tell("already stopping; kill -9 is safe too: the next `up` finds what was begun")
            return
        self._stop.set()
        if self._asked:
            raise _nothing_touched()
        self.tell("stopping: no new stack starts, running ones end what they began")


def _nothing_touched() -> Exception:
    from dure.errors import Cancelled

    return Cancelled("stopped before it was approved; nothing was touched")


def show_report(report: "Report | None", *, as_json: bool, nothing: str) -> None:
    """Print it and leave with its exit code; None: there was nothing to do."""
    if report is None:
        if as_json:
            print_json({"summary": nothing, "results": []})
        else:
            typer.echo(nothing)
        return
    if as_json:
        print_json(report.as_json())
    else:
        for one in report.results if len(report.results) > 1 else ():  # told among many lines already
            if one.state not in ("changed", "unchanged"):
                typer.echo(one.line(), err=True)
        typer.echo(report.summary())
    if report.exit_code:
        raise typer.Exit(report.exit_code)
