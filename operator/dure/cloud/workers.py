"""Starting workers: each a copy of one template process, so that a hundred stacks import everything once."""

import contextlib
import json
import os
import queue
import signal
import socket
import subprocess
import sys
import threading
import weakref
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import BinaryIO

from dure.cloud.request import Surroundings
from dure.errors import DureError

ENDING = 10.0
"""Seconds that a template gets to end by itself."""
FULL = 30.0
"""Seconds to wait where a template takes no more requests."""


class Worker:
    """Both ends of one worker's pipes. It has ended when its answers have."""

    def __init__(self, requests: BinaryIO, answers: BinaryIO) -> None:
        self._requests = requests
        self._lines: queue.Queue[bytes | None] = queue.Queue()
        self._reader = threading.Thread(target=self._read, args=(answers,), daemon=True)
        self._reader.start()
        self.template: Template | None = None
        self.pid = 0
        """Its own and its process group's; 0 until it has told it."""

    def say(self, line: str) -> None:
        """A worker that is already gone is told apart by the end of its answers, not by this pipe."""
        with contextlib.suppress(BrokenPipeError):
            self._requests.write(line.encode() + b"\n")
            self._requests.flush()

    def hear(self, seconds: float) -> bytes | None:
        """Its next line; None when it has ended. Raises queue.Empty when there is none in time."""
        return self._lines.get(timeout=seconds)

    def end(self, seconds: float) -> None:
        """Hang up; whoever has not ended after so many seconds is killed."""
        self.hang_up()
        self._reader.join(seconds)
        if self._reader.is_alive():
            self.kill()
            self._reader.join(ENDING)

    def kill(self) -> None:
        """It and its engine at once, also a frozen one."""
        if self.pid:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.pid, signal.SIGKILL)

    def _read(self, answers: BinaryIO) -> None:
        with answers:
            for line in answers:
                self._lines.put(line)
        self._lines.put(None)

    def hang_up(self) -> None:
        """The end of its standard input makes a worker that is still at work stop its engine in order."""
        with contextlib.suppress(BrokenPipeError):
            self._requests.close()


class Template:
    """A running template process."""

    def __init__(self) -> None:
        self._control, other = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._control.settimeout(FULL)
        with other:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "dure.cloud.template", str(other.fileno())],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                pass_fds=[other.fileno()],
                start_new_session=True,
            )
        self._loaded: set[str] = set()

    def fork(self, modules: set[str], descriptors: tuple[int, int]) -> None:
        """Raises OSError when the process is gone, or takes nothing any more."""
        new = sorted(modules - self._loaded)
        socket.send_fds(self._control, [json.dumps(new).encode()], descriptors)
        self._loaded |= modules

    def end(self) -> None:
        """Workers under way go on: they hear of their own starter's end."""
        self._control.close()
        try:
            self._process.wait(ENDING)
        except subprocess.TimeoutExpired:  # frozen
            self.kill()

    def kill(self) -> None:
        """Workers under way go on here too."""
        self._control.close()
        self._process.kill()
        self._process.wait()


class Workers:
    """Starts workers; threads share it. The template starts with the first, and anew when somebody killed it.

    It ends by `close`, with this object, or with its process, however that ends.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._modules: set[str] = set()
        self._templates: list[Template] = []
        self.close = weakref.finalize(self, _end, self._templates)

    def warm(self) -> None:
        """Start the template now, beside whatever else has to be started; nothing waits for it."""
        with self._lock:
            if not self._templates:
                self._templates.append(Template())

    def start(self, environment: Mapping[str, str]) -> Worker:
        """A worker with just this environment, in a process group of its own. Raises DureError where none can start."""
        theirs_in, ours_in = os.pipe()
        ours_out, theirs_out = os.pipe()
        worker = Worker(os.fdopen(ours_in, "wb"), os.fdopen(ours_out, "rb"))
        try:
            worker.template = self._fork((theirs_in, theirs_out))
        except OSError as error:
            worker.hang_up()
            mend = "give the same command again, with fewer at once: --parallel 1"
            raise DureError("no process for a stack can be started", why=str(error.strerror), mend=mend) from error
        finally:
            os.close(theirs_in)
            os.close(theirs_out)
        worker.say(Surroundings(environment=dict(environment), directory=str(Path.cwd())).model_dump_json())
        return worker

    def replace(self, template: Template | None) -> None:
        """It brings forth no worker any more: the next comes from a new one."""
        with self._lock:
            if template is not None and template in self._templates:
                self._templates.remove(template)
                template.kill()

    def learn(self, modules: Iterable[str]) -> None:
        """What a worker had to import itself: the template has it from the next one on."""
        with self._lock:
            self._modules.update(modules)

    def _fork(self, descriptors: tuple[int, int]) -> Template:
        with self._lock:
            if self._templates:
                try:
                    self._templates[0].fork(self._modules, descriptors)
                except OSError:  # killed: its workers go on, and the next ones come from a new one
                    self._templates.pop().end()
                else:
                    return self._templates[0]
            self._templates.append(Template())
            self._templates[0].fork(self._modules, descriptors)
            return self._templates[0]


def _end(templates: list[Template]) -> None:
    while templates:
        templates.pop().end()
