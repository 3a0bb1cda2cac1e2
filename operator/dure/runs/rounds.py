"""Small rounds beside a run, each in a thread of its own, so that what one waits for holds up no other."""

import contextlib
import threading
import time
from collections.abc import Callable


class Rounds:
    """Acts that are repeated until `end`; one that fails is told once for each cause, and its next round comes."""

    def __init__(self, tell: Callable[[str], None]) -> None:
        self._tell = tell
        self._ending = threading.Event()
        self._threads: list[threading.Thread] = []

    def start(self, name: str, seconds: float, act: Callable[[], None]) -> None:
        """Do `act` every so many seconds; `name` says in a note what failed."""
        thread = threading.Thread(target=self._go_round, args=(name, seconds, act), daemon=True, name=name)
        self._threads.append(thread)
        thread.start()

    def end(self, patience: float) -> None:
        """No new round begins; waits so many seconds in all for those under way."""
        self._ending.set()
        last = time.monotonic() + patience
        for thread in self._threads:
            thread.join(max(0.0, last - time.monotonic()))

    def _go_round(self, name: str, seconds: float, act: Callable[[], None]) -> None:
        told = ""
        while not self._ending.wait(seconds):
            said = ""
            try:
                act()
            except Exception as error:  # whatever it is, the rounds must go on
                said = f"{name} failed: {error or type(error).__name__}"
            if said and said != told:
                with contextlib.suppress(Exception):
                    self._tell(said)
            told = said
