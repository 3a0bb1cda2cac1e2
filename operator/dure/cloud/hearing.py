"""What a worker's starter says while an operation runs: that it may go on, or that it shall stop."""

import contextlib
import os
import queue
import signal
import sys
import threading
import time
from collections.abc import Callable

from dure.cloud.process_group import members
from dure.errors import Cancelled

GO_ON = "go on"
GRACE = 45.0
"""Seconds that the engine gets to stop in order before it is killed; one call to AWS ends in 30."""
LOOK = 0.3
"""Seconds between looks for an engine that was started while the stop came."""


class Hearing:
    """Reads standard input in a thread until the process ends. Any line but GO_ON, or its end, is a stop."""

    def __init__(self, tell: Callable[[], None]) -> None:
        """`tell` is called once when it shall stop."""
        self._tell = tell
        self._answers: queue.Queue[bool] = queue.Queue()
        self.stopping = threading.Event()
        threading.Thread(target=self._listen, daemon=True).start()

    def may_go_on(self) -> bool:
        """Waits until the starter says so; False when it stops or is gone."""
        return self._answers.get()

    def refuse_when_stopping(self) -> None:
        """Raises Cancelled from the stop on: nothing is started any more."""
        if self.stopping.is_set():
            raise Cancelled("it was stopped before it began")

    def _listen(self) -> None:
        while sys.stdin.buffer.readline().decode().strip() == GO_ON:
            self._answers.put(True)
        self.stopping.set()
        self._answers.put(False)
        with contextlib.suppress(OSError):  # when the starter is gone nobody listens
            self._tell()
        _interrupt_group(GRACE)
        os.killpg(0, signal.SIGKILL)


def _interrupt_group(seconds: float) -> None:
    """SIGINT to each process of this group, once: the engine stops in order at the first and breaks off at a second."""
    end = time.monotonic() + seconds
    asked = {os.getpid()}
    while time.monotonic() < end:
        for pid in members(os.getpgrp()).keys() - asked:
            asked.add(pid)
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGINT)
        time.sleep(LOOK)
