"""Driving one worker process: its request, its events, its end."""

import json
import queue
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from pydantic import JsonValue, TypeAdapter

from dure.cloud.hearing import GO_ON
from dure.cloud.preview import Preview, StackEvent
from dure.cloud.request import Failure, Request
from dure.cloud.workers import Worker, Workers
from dure.errors import Cancelled, DureError, Refused

LOOK = 0.2
"""Seconds between looks at the cancel flag."""
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
    worker = workers.start(environment)
    lines: queue.Queue[bytes | None] = queue.Queue()
    reader = threading.Thread(target=_read, args=(worker, lines), daemon=True)
    reader.start()
    try:
        worker.say(request.model_dump_json())
        return _listen(worker, workers, lines, listener, request)
    finally:
        worker.hang_up()
        reader.join()


def _read(worker: Worker, lines: "queue.Queue[bytes | None]") -> None:
    with worker.answers as answers:
        for line in answers:
            lines.put(line)
    lines.put(None)


def _listen(
    worker: Worker,
    workers: Workers,
    lines: "queue.Queue[bytes | None]",
    listener: Listener,
    request: Request,
) -> JsonValue:
    told = False
    while True:
        if not told and listener.cancelled():
            worker.say("cancel")
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
            listener.tell(StackEvent.model_validate(message["event"]))
        elif "previewed" in message:
            listener.approve(Preview.model_validate(message["previewed"]))
            if not (told or listener.cancelled()):  # or what was cancelled meanwhile would be begun first
                worker.say(GO_ON)
        elif "failure" in message:
            failure = Failure.model_validate(message["failure"])
            raise FAILURES[failure.kind](failure.what, why=failure.why, mend=failure.mend)
        elif "modules" in message:
            workers.learn(MODULES.validate_python(message["modules"]))
        elif "result" in message:
            return message["result"]
