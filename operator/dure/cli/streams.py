"""The three standard streams: there from the start, and one line on what they or the disk do not take."""

import contextlib
import errno
import io
import os
import sys
from collections.abc import Sequence

from dure.errors import DureError, UsageError

FULL = (errno.ENOSPC, errno.EDQUOT)


def open_streams() -> None:
    """Put /dev/null where a stream was closed: else the next file that is opened would get its number and its text.

    What the output's encoding lacks is escaped instead of ending the command.
    """
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest number that is free
    if sys.stdin is None:
        sys.stdin = open(os.devnull)  # noqa: SIM115, PTH123 - stays open as long as the process
    if sys.stdout is None:
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115, PTH123 - stays open as long as the process
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w")  # noqa: SIM115, PTH123 - stays open as long as the process
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")


def refuse_undecodable(argv: Sequence[str]) -> None:
    """A byte that is not UTF-8 can be neither shown nor kept. Raises UsageError."""
    for position, argument in enumerate(argv[1:], start=1):
        try:
            argument.encode()
        except UnicodeEncodeError:
            shown = argument.encode(errors="surrogateescape").decode(errors="backslashreplace")
            raise UsageError(
                f'argument {position} is not UTF-8: "{shown}"',
                why="it could be neither shown nor kept",
                mend="give it as UTF-8; a file of such a name has to be renamed first",
            ) from None


def system_refusal(error: OSError) -> DureError:
    """The system's own refusal, with what mends it."""
    what, where = error.strerror or str(error), str(error.filename or "")
    if error.errno in FULL:
        return DureError(what, where=where, why="the disk is full", mend="free space, then give the same command again")
    return DureError(what, where=where, mend="look at that path and its rights, then repeat")


def give_up_output() -> None:
    """Nothing more can be written there, and Python would try once more at its end."""
    with contextlib.suppress(OSError, io.UnsupportedOperation):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
