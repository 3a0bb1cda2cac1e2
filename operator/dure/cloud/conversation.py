"""Driving one worker process: its request, its events, its end."""

import contextlib
import json
import queue
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping

from pydantic import JsonValue

from dure.cloud.preview import StackEvent
from dure.cloud.request import Failure, Request
from dure.errors import Cancelled, DureError, Refused

LOOK = 0.2
"""Seconds between looks at the cancel flag."""
FAILURES: dict[str, type[DureError]] = {"error": DureError, "refused": Refused, "cancelled": Cancelled}


def converse(
    request: Request,
    environment: Mapping[str, str],
    tell: Callable[[StackEvent], None],
    cancel: Callable[[], bool],
) -> JsonValue:
    """Run the request in a process of its own, tell its events, return its result.

    Ends the engine in order when `cancel` says so. Raises the DureError that the process reported.
    """
    process = subprocess.Popen(
        [sys.executable, "-m", "dure.cloud.worker"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=dict(environment),
        start_new_session=True,
    )
    lines: queue.Queue[bytes | None] = queue.Queue()
    complaints: list[bytes] = []
    readers = (
        threading.Thread(target=_read, args=(process, lines), daemon=True),
        threading.Thread(target=_drain, args=(process, complaints), daemon=True),
    )
    for reader in readers:
        reader.start()
    try:
        _say(process, request.model_dump_json())
        return _listen(process, lines, tell, cancel, request)
    finally:
        _end(process)


def _say(process: "subprocess.Popen[bytes]", line: str) -> None:
    """A worker that is already gone is told apart by its end, not by this pipe."""
    stream = process.stdin
    if stream is None:
        return
    with contextlib.suppress(BrokenPipeError):
        stream.write(line.encode() + b"\n")
        stream.flush()


def _read(process: "subprocess.Popen[bytes]", lines: "queue.Queue[bytes | None]") -> None:
    for line in process.stdout or ():
        lines.put(line)
    lines.put(None)


def _drain(process: "subprocess.Popen[bytes]", complaints: list[bytes]) -> None:
    for line in process.stderr or ():
        complaints[:] = [*complaints[-20:], line]


def _listen(
    process: "subprocess.Popen[bytes]",
    lines: "queue.Queue[bytes | None]",
    tell: Callable[[StackEvent], None],
    cancel: Callable[[], bool],
    request: Request,
) -> JsonValue:
    told = False
    while True:
        if not told and cancel():
            _say(process, "cancel")
            told = True
        try:
            line = lines.get(timeout=LOOK)
        except queue.Empty:
            continue
        if line is None:
            raise DureError(
                f"{request.verb} of stack {request.stack} ended early",
                why="its process was killed",
                mend="give the same command again: it goes on where this one stopped",
            )
        message: dict[str, JsonValue] = json.loads(line)
        if "event" in message:
            tell(StackEvent.model_validate(message["event"]))
        elif "failure" in message:
            failure = Failure.model_validate(message["failure"])
            raise FAILURES[failure.kind](failure.what, why=failure.why, mend=failure.mend)
        elif "result" in message:
            return message["result"]


def _end(process: "subprocess.Popen[bytes]") -> None:
    """The end of its standard input makes a worker that is still at work stop its engine in order."""
    if process.stdin is not None:
        with contextlib.suppress(BrokenPipeError):
            process.stdin.close()
    process.wait()
