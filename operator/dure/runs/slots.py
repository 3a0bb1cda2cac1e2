"""How many runs of this workspace work at once on this workstation: more of them only hold each other up.

A slot is a locked file in `.dure/slots/`; the kernel gives it back when its holder dies, however it dies.
"""

import contextlib
import fcntl
import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TextIO

EACH_PROCESSOR = 2
"""Runs for each processor: half the time a run waits for a machine."""
LOOK_SECONDS = 0.5


class Slots:
    """`count`: how many may be held at once; 0: two for each processor of this workstation."""

    def __init__(self, directory: Path, count: int = 0) -> None:
        self._directory = directory
        self.count = count or EACH_PROCESSOR * len(os.sched_getaffinity(0))

    @contextlib.contextmanager
    def held(self, tell: Callable[[str], None], cancel: threading.Event) -> Iterator[bool]:
        """Wait for a slot and keep it; False when `cancel` came first. `tell` hears once that it waits."""
        self._directory.mkdir(mode=0o700, exist_ok=True)
        slot = self._take()
        if slot is None:
            tell(f"waits: {self.count} runs are at work on this workstation (parallel_runs in .dure/local.yaml)")
        while slot is None and not cancel.wait(LOOK_SECONDS):
            slot = self._take()
        try:
            yield slot is not None
        finally:
            if slot is not None:
                slot.close()

    def _take(self) -> TextIO | None:
        for number in range(self.count):
            slot = (self._directory / f"{number}").open("w")
            try:
                fcntl.flock(slot, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                slot.close()
            else:
                return slot
        return None
