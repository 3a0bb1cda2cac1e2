"""A worker: one operation on one stack, in a process of its own, a copy of `dure.cloud.template`.

Reads Surroundings and a Request as JSON lines from standard input, writes JSON lines to standard output: {"pid": …} at
once, then {"event"|"previewed"|"modules"|"result"|"failure": …}, and {"alive": …} again and again. The line "cancel",
or the end of standard input, asks the engine to stop in order: it ends what it began and starts nothing new. After
"previewed" nothing is begun before the line "go on".
"""

import contextlib
import json
import os
import runpy
import signal
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TextIO

import pulumi
from pulumi import Resource
from pulumi import automation as auto
from pydantic import BaseModel, JsonValue

from dure.cloud.aws_errors import CORRECT, mend_in
from dure.cloud.changes import Found, Watcher
from dure.cloud.cut_off import GOES_ON, beside_the_original, restore, to_look_for
from dure.cloud.hearing import Hearing
from dure.cloud.heartbeat import Heartbeat
from dure.cloud.locks import wait_for_lock
from dure.cloud.lost_keys import LostKey, end_keys, lost_keys
from dure.cloud.opened import open_stack
from dure.cloud.preview import Drift, Preview, StackEvent, UpResult
from dure.cloud.program import forget
from dure.cloud.project import broken_state, sealed, write_project
from dure.cloud.recovery import managed, protected, recorded, settle
from dure.cloud.request import Failure, Request, Surroundings
from dure.errors import Cancelled, DureError, Refused
from dure.plan.subject import Resource as PlannedResource

PARALLEL = 8
LOOKS_ONLY = ("preview", "drift")
NOT_AGREED = "what was previewed is not to be done"
STOPPING = "stopping: what was begun is ended, nothing new is started"


class Channel:
    """Standard output kept for JSON lines; whatever a library prints goes to standard error."""

    def __init__(self) -> None:
        self._stream: TextIO = os.fdopen(os.dup(1), "w", encoding="utf-8")
        os.dup2(2, 1)
        self._lock = threading.Lock()

    def send(self, kind: str, value: BaseModel | JsonValue) -> None:
        plain = value.model_dump(mode="json") if isinstance(value, BaseModel) else value
        with self._lock:
            self._stream.write(json.dumps({kind: plain}, ensure_ascii=False) + "\n")
            self._stream.flush()


class Operation:
    """The stack opened for one request."""

    def __init__(
        self, request: Request, watcher: Watcher, agree: Callable[[Preview], bool], before_start: Callable[[], None]
    ) -> None:
        """`before_start` of an engine is called and raises DureError when none shall be started any more."""
        self._request = request
        self._watcher = watcher
        self._agree = agree
        self._ended: tuple[LostKey, ...] = ()
        write_project(request)
        if request.verb not in LOOKS_ONLY:
            restore(request.stack)
        self._note = GOES_ON if to_look_for(request.stack) else ""
        self._stack = open_stack(
            request.stack, request.work_directory, self._program, before_start, previews=request.asks
        )

    def _program(self) -> None:
        """Run by the engine for each of its passes; it registers nothing of the second before this has begun."""
        program = Path(self._request.program_directory)
        if not pulumi.runtime.is_dry_run():
            self._begin(program)
        runpy.run_path(str(program / "__main__.py"), run_name="__main__")

    def _begin(self, program: Path) -> None:
        """Right before the first thing is done: the engine holds the lock, so that no key is still being recorded."""
        try:
            lost = lost_keys(self._stack, self._request)
            if self._request.asks:
                if not self._agree(self._with(lost, self._watcher.first_pass())):
                    raise pulumi.RunError(NOT_AGREED)
                forget(program)
            end_keys(self._request, lost)
        except DureError as error:
            raise pulumi.RunError(f"{error.why}. To mend: {error.mend or CORRECT}") from error
        self._ended = lost

    def _with(self, lost: tuple[LostKey, ...], found: Found) -> Preview:
        preview = found.preview(self._request.stack)
        return preview.model_copy(update={"changes": (*preview.changes, *(one.change() for one in lost))})

    def preview(self) -> JsonValue:
        self._stack.preview(on_event=self._watcher, parallel=PARALLEL, plan=self._request.plan_file or None)
        lost = lost_keys(self._stack, self._request)
        return self._with(lost, self._watcher.found()).model_dump(mode="json")

    def up(self) -> JsonValue:
        settle(self._stack, self._request)
        begun = time.monotonic()
        plan = self._request.plan_file or None
        self._stack.up(on_event=self._watcher, parallel=PARALLEL, show_secrets=False, plan=plan)
        return self._result(time.monotonic() - begun, self._watcher.outputs, self._watcher.resources)

    def refresh(self) -> JsonValue:
        begun = time.monotonic()
        self._stack.refresh(on_event=self._watcher, parallel=PARALLEL, show_secrets=False)
        return self._result(time.monotonic() - begun, {})

    def drift(self) -> JsonValue:
        """Looks at the cloud and leaves the state as it is."""
        self._stack.preview_refresh(on_event=self._watcher, parallel=PARALLEL)
        return Drift(
            stack=self._request.stack,
            changes=self._watcher.changes,
            recorded=tuple(recorded(self._stack)),
            resources=managed(self._stack),
        ).model_dump(mode="json")

    def destroy(self) -> JsonValue:
        """Looks for protection first: the engine itself would delete the rest before it refuses."""
        settle(self._stack, self._request)
        kept = [] if self._request.unprotect else self._still_protected()
        if kept:
            raise Refused(
                f"{', '.join(urn.rpartition('::')[2] for urn in kept)} of stack {self._request.stack} hold data and"
                " are protected",
                mend="once nobody needs the data: " + " ".join(f"--unprotect '{urn}'" for urn in kept),
            )
        for urn in protected(self._stack):
            arguments = ["state", "unprotect", urn, "--yes", "--stack", self._request.stack]
            self._stack.workspace.pulumi_command.run(arguments, self._request.work_directory, {})
        begun = time.monotonic()
        self._ended = lost_keys(self._stack, self._request)
        end_keys(self._request, self._ended)
        self._stack.destroy(on_event=self._watcher, parallel=PARALLEL, show_secrets=False)
        return self._result(time.monotonic() - begun, {})

    def _still_protected(self) -> list[str]:
        """URNs that nobody named. Raises Refused for a name that protects nothing: it was probably mistyped."""
        there = protected(self._stack)
        strange = sorted(set(self._request.unprotect_urns) - set(there))
        if strange:
            raise Refused(
                f"stack {self._request.stack} protects no {strange[0]}",
                why="it has " + (", ".join(there) or "nothing protected"),
                mend="give --unprotect one of these",
            )
        return [urn for urn in there if urn not in self._request.unprotect_urns]

    def _result(
        self, seconds: float, plain: dict[str, JsonValue], resources: tuple[PlannedResource, ...] = ()
    ) -> JsonValue:
        return UpResult(
            stack=self._request.stack,
            changes=(*self._watcher.changes, *(one.change() for one in self._ended)),
            unchanged=self._watcher.unchanged,
            seconds=round(seconds, 2),
            outputs=plain,
            resources=resources,
            note=self._note,
        ).model_dump(mode="json")


def perform(request: Request, channel: Channel) -> None:
    watcher = Watcher(lambda event: channel.send("event", event), previews_first=request.asks)
    known = set(sys.modules)
    Heartbeat(lambda: channel.send("alive", True), request.beat_seconds)
    hearing = Hearing(lambda: channel.send("event", StackEvent(kind="message", text=STOPPING)))

    def agree(preview: Preview) -> bool:
        channel.send("previewed", preview)
        return hearing.may_go_on()

    def operate() -> JsonValue:
        original = beside_the_original(request.stack) if request.verb in LOOKS_ONLY else contextlib.nullcontext()
        with original:
            operation = Operation(request, watcher, agree, hearing.refuse_when_stopping)
            result: JsonValue = getattr(operation, request.verb)()
        return result

    try:
        result = wait_for_lock(request, operate, hearing.refuse_when_stopping)
    except Cancelled:
        channel.send("failure", stopped(request, watcher))
    except DureError as error:
        kind = "refused" if isinstance(error, Refused) else "error"
        channel.send("failure", Failure(what=error.what, why=error.why, mend=error.mend, kind=kind))
    except auto.CommandError as error:
        channel.send("failure", explain(request, watcher, error, cancelled=hearing.stopping.is_set()))
    else:
        channel.send("modules", worth_sharing(set(sys.modules) - known))
        channel.send("result", result)


def worth_sharing(imported: set[str]) -> list[JsonValue]:
    """Of what this worker imported, that which the next need not: pulumi_aws's parts, which take longest.

    Not its `config`, which reads the stack's configuration while it is imported. And boto3, of stacks with users.
    """
    inner = [name.split(".") for name in imported if name.startswith("pulumi_aws.") and name.count(".") > 1]
    parts = {f"{package}.{part}" for package, part, *_ in inner} - {"pulumi_aws.config"}
    return [*sorted(parts | ({"boto3"} & imported))]


def stopped(request: Request, watcher: Watcher) -> Failure:
    what = f"{_deed(request, watcher)} was stopped"
    return Failure(what=what, mend="give the same command again: it goes on", kind="cancelled")


def _deed(request: Request, watcher: Watcher) -> str:
    verb = "preview" if request.asks and not watcher.applying else request.verb
    return f"{verb} of stack {request.stack}"


def explain(request: Request, watcher: Watcher, error: auto.CommandError, *, cancelled: bool) -> Failure:
    if cancelled:
        return stopped(request, watcher)
    what = f"{_deed(request, watcher)} "
    if "incorrect passphrase" in str(error):
        known = sealed(request)
        return Failure(what=known.what, why=known.why, mend=known.mend)
    broken = broken_state(request.stack, str(error))
    if broken is not None:
        return Failure(what=broken.what, why=broken.why, mend=broken.mend)
    if "violates plan" in str(error):
        return Failure(
            what=what + "was refused",
            why="something else than what was previewed would happen: " + plan_violation(watcher.errors),
            mend="preview it again, look, and give the new plan file",
            kind="refused",
        )
    causes = watcher.errors or [str(error).strip().splitlines()[-1].strip()]
    why, _, mend = causes[0].partition(". To mend: ")
    others = [one for one in causes[1:] if why not in one]
    if others:
        why += f" (and {len(others)} more)"
    return Failure(what=what + "failed", why=why, mend=mend or mend_in(why) or CORRECT)


def plan_violation(errors: list[str]) -> str:
    """The engine's refusal without its own notation: `vault-lock: properties changed: rule`."""
    said = next((one for one in errors if "violates plan" in one), "")
    urn, _, difference = said.removeprefix("resource ").partition(" violates plan: ")
    return f"{urn.rpartition('::')[2]}: {difference}" if difference else said


def no_debug_line(
    msg: str, resource: Resource | None = None, stream_id: int | None = None, ephemeral: bool | None = None
) -> None:
    """In the place of the SDK's: each of its lines, a hundred a stack, is a call of the engine, which drops it."""


def settle_in(given: Surroundings) -> None:
    """Nothing of the environment in which the template was started stays."""
    os.environ.clear()
    os.environ.update(given.environment)
    os.chdir(given.directory)


def main() -> None:
    """In a copy of the template; does not return."""
    pulumi.log.debug = no_debug_line
    signal.signal(signal.SIGINT, lambda *_: None)  # the engine in this process group stops in order; we wait for it
    channel = Channel()
    channel.send("pid", os.getpid())
    try:
        settle_in(Surroundings.model_validate_json(sys.stdin.buffer.readline()))
        perform(Request.model_validate_json(sys.stdin.buffer.readline()), channel)
    except Exception as error:  # the process's rim: whatever it is, the other side gets one sentence
        words = f"{type(error).__name__}: {error}".splitlines()[0]
        channel.send("failure", Failure(what="the stack's process failed", why=words, mend="give the command again"))
    os._exit(0)  # gRPC's threads may linger; everything was said
