"""Driving one worker process: its request, its events, its end."""

import contextlib
import json
import queue
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from pydantic import JsonValue, TypeAdapter

from dure.cloud.hearing import GO_ON, GRACE
from dure.cloud.preview import Preview, StackEvent
from dure.cloud.request import Failure, Request
from dure.cloud.workers import Worker, Workers
from dure.errors import Cancelled, DureError, Refused

LOOK = 0.2
"""Seconds between looks at the cancel flag."""
START = 30.0
"""Seconds in which a worker says its first word; a copy of a process that lives is there in milliseconds."""
PATIENCE = GRACE + 10.0
"""Seconds that a worker gets to end once it was told to stop. It kills its engine after GRACE: this is for itself."""
AGAIN = "give the same command again: it goes on where this one stopped"
MODULES = TypeAdapter(list[str])
FAILURES: dict[str, type[DureError]] = {"error": DureError, "refused": Refused, "cancelled": Cancelled}


@dataclass(frozen=True, slots=True)
class Listener:
    """Whoever watches an operation: hears its events, may stop it, and may refuse what its preview found."""

    tell: Callable[[StackEvent], None]
    cancelled: Callable[[], bool]
    approve: Callable[[Preview], None]
    """Raises DureError for what is not to be done; only asked by a request that `asks`."""


def converse(
    workers: Workers,
    request: Request,
    environment: Mapping[str, str],
    listener: Listener,
) -> JsonValue:
    """Run the request in a process of its own, tell its events, return its result.

    Ends the engine in order when the listener cancels, or raises. Raises the DureError that the process reported.
    """
    worker = _started(workers, request, environment, listener)
    try:
        worker.say(request.model_dump_json())
        return _listen(worker, workers, listener, request)
    finally:
        worker.end(PATIENCE)


def _started(workers: Workers, request: Request, environment: Mapping[str, str], listener: Listener) -> Worker:
    """A worker that has told its process. A template that brings none forth is replaced, once."""
    for _ in range(2):
        worker = workers.start(environment)
        first = _first_word(worker, listener, request)
        if first is not None:
            worker.pid = int(json.loads(first)["pid"])
            return worker
        worker.hang_up()
        workers.replace(worker.template)
    raise DureError(
        f"{request.verb} of stack {request.stack} could not begin",
        why="its process ended or was silent, and so was a second one",
        mend="give the same command again, with fewer at once: --parallel 1",
    )


def _first_word(worker: Worker, listener: Listener, request: Request) -> bytes | None:
    """None where none comes in START seconds, or ever. Raises Cancelled."""
    end = time.monotonic() + START
    while time.monotonic() < end:
        with contextlib.suppress(queue.Empty):
            return worker.hear(LOOK)
        if listener.cancelled():
            worker.hang_up()
            raise Cancelled(f"{request.verb} of stack {request.stack} was stopped before it began")
    return None


def _ended_early(request: Request) -> DureError:
    return DureError(
        f"{request.verb} of stack {request.stack} ended early",
        why="its process was killed",
        mend=AGAIN,
    )


def _listen(worker: Worker, workers: Workers, listener: Listener, request: Request) -> JsonValue:
    told: float | None = None
    while True:
        if told is None and listener.cancelled():
            worker.say("cancel")
            told = time.monotonic()
        try:
            line = worker.hear(LOOK)
        except queue.Empty:
            if told is not None and time.monotonic() > told + PATIENCE:
                worker.kill()
                why = f"it was to stop, and did not within {PATIENCE:.0f} s"
                raise DureError(f"{request.verb} of stack {request.stack} was killed", why=why, mend=AGAIN) from None
            continue
        if line is None:
            raise _ended_early(request)
        message: dict[str, JsonValue] = json.loads(line)
        if "event" in message:
            listener.tell(StackEvent.model_validate(message["event"]))
        elif "previewed" in message:
            listener.approve(Preview.model_validate(message["previewed"]))
            if told is None and not listener.cancelled():  # or what was cancelled meanwhile would be begun first
                worker.say(GO_ON)
        elif "failure" in message:
            failure = Failure.model_validate(message["failure"])
            raise FAILURES[failure.kind](failure.what, why=failure.why, mend=failure.mend)
        elif "modules" in message:
            workers.learn(MODULES.validate_python(message["modules"]))
        elif "result" in message:
            return message["result"]
