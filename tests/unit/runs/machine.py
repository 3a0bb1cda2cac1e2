"""Hub or box without SSH: the program that keeps their record of runs, on a directory of the test."""

import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

from dure.fleet.result import CommandResult
from dure.fleet.route import Route
from dure.fleet.session import Session
from dure.runs import machine_state


class Machine(Session):
    """A session that is open already; `script` runs here, with the record below `root`."""

    def __init__(self, root: Path, alias: str = "hub") -> None:
        super().__init__(Route(alias, "127.0.0.1", "root", root / "known_hosts"))
        self.root = root

    def __enter__(self) -> "Machine":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    @property
    def alive(self) -> bool:
        return True

    def script(
        self,
        source: str,
        arguments: Sequence[str] = (),
        *,
        input: bytes = b"",
        deadline: float = 30.0,
        sudo: bool = False,
    ) -> CommandResult:
        assert str(machine_state.ROOT) in source
        here = source.replace(str(machine_state.ROOT), str(self.root))
        began = time.monotonic()
        done = subprocess.run([sys.executable, "-c", here, *arguments], input=input, capture_output=True)
        return CommandResult(done.returncode, done.stdout, done.stderr, time.monotonic() - began)
