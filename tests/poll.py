"""Wait for a fact with a deadline, never for a length of time."""

import threading
import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def until(fact: Callable[[], T], seconds: float, every: float = 0.1) -> T:
    """The first true value of `fact`; AssertionError with the last value after `seconds`."""
    pause = threading.Event()
    end = time.monotonic() + seconds
    while not (value := fact()):
        assert time.monotonic() < end, f"not within {seconds} s; last seen: {value!r}"
        pause.wait(every)
    return value
