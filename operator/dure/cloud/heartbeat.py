"""A worker's sign of life, whatever its engine waits for: AWS takes 20 minutes over a database and says nothing."""

import contextlib
import os
import threading
from collections.abc import Callable

from dure.cloud.process_group import STOPPED, members


class Heartbeat:
    """Beats in a thread until the process ends, and not while one of its group is stopped: that one waits for ever."""

    def __init__(self, beat: Callable[[], None], seconds: float) -> None:
        self._beat = beat
        self._seconds = seconds
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self) -> None:
        pause = threading.Event()
        with contextlib.suppress(OSError):  # when the starter is gone nobody listens
            while True:
                if STOPPED not in members(os.getpgrp()).values():
                    self._beat()
                pause.wait(self._seconds)
