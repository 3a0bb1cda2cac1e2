"""What a worker's starter says while an operation runs: that it may go on, or that it shall stop."""

import contextlib
import os
import queue
import signal
import sys
import threading
from collections.abc import Callable

GO_ON = "go on"
GRACE = 45.0
"""Seconds that the engine gets to stop in order before it is killed; one call to AWS ends in 30."""


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

    def _listen(self) -> None:
        while sys.stdin.buffer.readline().decode().strip() == GO_ON:
            self._answers.put(True)
        self.stopping.set()
        self._answers.put(False)
        os.killpg(0, signal.SIGINT)
        with contextlib.suppress(OSError):  # when the starter is gone nobody listens
            self._tell()
        threading.Event().wait(GRACE)
        os.killpg(0, signal.SIGKILL)
