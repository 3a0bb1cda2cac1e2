"""The live step list: a table that redraws itself on a terminal, plain lines elsewhere."""

import contextlib
import os
import select
import signal
import sys
import time
from collections.abc import Callable, Iterator
from types import FrameType
from typing import TYPE_CHECKING

import typer
from rich.console import Console
from rich.live import Live as Screen
from rich.table import Table
from rich.text import Text

from dure.escaping import escaped

if TYPE_CHECKING:
    from dure.runs.journal import Event
    from dure.runs.live import Live

MARKS = {"done": "✔", "skipped": "–", "failed": "✘", "cancelled": "✘", "started": "…"}
COLOURS = {"done": "green", "skipped": "dim", "failed": "red", "cancelled": "yellow", "started": "cyan"}


class Progress:
    """Watches one run for the person at the terminal."""

    def __init__(self, console: Console | None = None, *, quiet: bool = False) -> None:
        self.console = console or Console(stderr=True, highlight=False)
        self.quiet = quiet
        self.live: Live | None = None
        self.rows: dict[str, tuple[str, str, float]] = {}
        self.task = ""
        self.started: dict[str, float] = {}
        self.screen: Screen | None = None

    # -- what the run tells ----------------------------------------------------------------------------------------

    def attach(self, live: "Live") -> None:
        self.live = live

    def event(self, event: "Event") -> None:
        if event.kind == "step-started":
            self.started[event.step] = time.monotonic()
            self.rows[event.step] = ("started", "", 0.0)
            self.task = ""
        elif event.kind == "step-ended":
            text = escaped(event.text)
            self.rows[event.step] = (event.state, text, event.seconds or 0.0)
            self._line(f"{MARKS.get(event.state, ' ')} {event.step:<10}{event.seconds or 0:7.1f} s  {text}")
        elif event.kind in ("task", "note"):
            self.task = escaped(event.text)
        elif event.kind in ("run-started", "run-resumed"):
            verb = "run" if event.kind == "run-started" else "going on with run"
            self._say(f"{verb} {event.text}")

    def tick(self) -> None:
        if self.screen is not None:
            self.screen.update(self._table())

    def ask(self, text: str, cancelled: Callable[[], bool]) -> bool | None:
        """Show what would change and wait for yes or no; None without a terminal."""
        if not (sys.stdin.isatty() and sys.stderr.isatty()):
            return None
        if self.screen is not None:
            self.screen.stop()
        self.console.print(escaped(text, keep="\n"), markup=False)
        self.console.print("Go ahead? [y/N] ", end="", markup=False)
        try:
            while not cancelled():
                ready, _, _ = select.select([sys.stdin], [], [], 0.2)
                if ready:
                    return sys.stdin.readline().strip().lower() in ("y", "yes", "예", "네", "ㅇ")
            return False
        finally:
            if self.screen is not None:
                self.screen.start()

    # -- the screen ------------------------------------------------------------------------------------------------

    @contextlib.contextmanager
    def shown(self) -> Iterator["Progress"]:
        """Draw while the block runs; Ctrl-C asks the run to stop at its next point."""
        before = signal.signal(signal.SIGINT, self._interrupted)
        try:
            if self.console.is_terminal and not self.quiet:
                self.screen = Screen(self._table(), console=self.console, refresh_per_second=4, transient=False)
                self.screen.start()
            yield self
        finally:
            if self.screen is not None:
                self.screen.update(self._table())
                self.screen.stop()
            signal.signal(signal.SIGINT, before)

    def _interrupted(self, number: int, frame: FrameType | None) -> None:
        if self.live is None:
            raise KeyboardInterrupt
        if self.live.wants_stop():
            self._say("already stopping; kill -9 is safe too: the run can be gone on with")
            return
        self.live.request_cancel("Ctrl-C")
        self._say(f"stopping in step {self.live.step or 'the next one'}; nothing new is started")

    def _table(self) -> Table:
        """Finished steps are told whole; what a step works at now stays on its line, or the screen would jump."""
        table = Table.grid(padding=(0, 1))
        table.add_column(width=12, no_wrap=True)
        table.add_column(width=8, justify="right", no_wrap=True)
        table.add_column(ratio=1)
        for step, (state, text, seconds) in self.rows.items():
            works = state == "started"
            spent = seconds or time.monotonic() - self.started.get(step, time.monotonic())
            shown = Text(self.task, no_wrap=True, overflow="ellipsis") if works else Text(text)
            mark = Text(f"{MARKS.get(state, ' ')} {step}", COLOURS.get(state, ""))
            table.add_row(mark, Text(f"{spent:.1f} s", "dim"), shown)
        return table

    def _line(self, text: str) -> None:
        if self.screen is None and not self.quiet:
            typer.echo(text, err=True)

    def _say(self, text: str) -> None:
        if self.quiet:
            return
        if self.screen is not None:
            self.screen.console.print(text, markup=False)
        else:
            os.write(2, (text + "\n").encode())
