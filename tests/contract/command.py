"""Runs `operator` in this process as a user would, and catches what is printed and returned."""

import io
import sys
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

from dure.cli.main import main


@dataclass(frozen=True)
class Outcome:
    code: int
    stdout: str
    stderr: str


class Terminalless(io.StringIO):
    def isatty(self) -> bool:
        return False


def operator(*arguments: str | Path, stdin: str = "") -> Outcome:
    """`operator ARGUMENTS`; standard input is no terminal."""
    out, err = io.StringIO(), io.StringIO()
    argv = ["operator", *map(str, arguments)]
    patches = (mock.patch.object(sys, "argv", argv), mock.patch.object(sys, "stdin", Terminalless(stdin)))
    with patches[0], patches[1], redirect_stdout(out), redirect_stderr(err):
        try:
            main()
            code = 0
        except SystemExit as ending:
            code = ending.code if isinstance(ending.code, int) else int(bool(ending.code))
    return Outcome(code, out.getvalue(), err.getvalue())
