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
SILENCE = 120.0
"""Seconds without a word after which a worker is taken for frozen. It gives a sign of life every BEAT, also while AWS
works for 20 minutes; a dozen missing ones are more than a machine out of memory or processors makes of a worker that
goes on. It is killed: nobody else could change the stack before, since it holds the lock."""
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
        return _Conversation(worker, workers, listener, request).result()
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


class _Conversation:
    """With a worker that has its request."""

    def __init__(self, worker: Worker, workers: Workers, listener: Listener, request: Request) -> None:
        self._worker, self._workers = worker, workers
        self._listener, self._request = listener, request
        self._told: float | None = None
        """When it was told to stop."""
        self._silent = 0.0
        """Seconds without a word, in looks: a clock would go on while this process itself is stopped."""

    def result(self) -> JsonValue:
        """Listens until there is one. Raises the DureError that the worker tells, or that becomes of it."""
        while True:
            self._pass_on_a_stop()
            try:
                line = self._worker.hear(LOOK)
            except queue.Empty:
                self._bear_the_silence()
                continue
            if line is None:
                raise _ended_early(self._request)
            self._silent = 0.0
            message: dict[str, JsonValue] = json.loads(line)
            if "result" in message:
                return message["result"]
            self._take_in(message)

    def _pass_on_a_stop(self) -> None:
        if self._told is None and self._listener.cancelled():
            self._worker.say("cancel")
            self._told = time.monotonic()

    def _bear_the_silence(self) -> None:
        """For so long and no longer."""
        self._silent += LOOK
        if self._told is not None and time.monotonic() > self._told + PATIENCE:
            raise self._killed(f"it was to stop, and did not within {PATIENCE:.0f} s")
        if self._silent > SILENCE:
            raise self._killed(f"its process or its engine was frozen, without a sign of life for {SILENCE:.0f} s")

    def _killed(self, why: str) -> DureError:
        self._worker.kill()
        return DureError(f"{self._request.verb} of stack {self._request.stack} was killed", why=why, mend=AGAIN)

    def _take_in(self, message: dict[str, JsonValue]) -> None:
        if "event" in message:
            self._listener.tell(StackEvent.model_validate(message["event"]))
        elif "previewed" in message:
            self._listener.approve(Preview.model_validate(message["previewed"]))
            is_stopped = self._told is not None or self._listener.cancelled()
            if not is_stopped:  # or what was cancelled meanwhile would be begun first
                self._worker.say(GO_ON)
        elif "failure" in message:
            failure = Failure.model_validate(message["failure"])
            raise FAILURES[failure.kind](failure.what, why=failure.why, mend=failure.mend)
        elif "modules" in message:
            self._workers.learn(MODULES.validate_python(message["modules"]))
