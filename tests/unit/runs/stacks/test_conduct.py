"""Stacks side by side: no more than asked for, and a cancel starts nothing new."""

import threading

from dure.runs.stacks.conduct import CANCELLED, conduct
from dure.runs.stacks.schedule import Schedule


def test_as_many_at_once_as_asked_for() -> None:
    together = threading.Barrier(2, timeout=10)
    most, running, lock = 0, 0, threading.Lock()

    def work(site: str) -> bool:
        nonlocal most, running
        with lock:
            running += 1
            most = max(most, running)
        together.wait()
        with lock:
            running -= 1
        return True

    ended = conduct(Schedule.of(dict.fromkeys("abcd", ()), 0), work, parallel=2, cancel=lambda: False)
    assert (ended.sites("done"), most) == (["a", "b", "c", "d"], 2)


def test_work_that_raises_is_a_failure_and_ends_nothing_else() -> None:
    def work(site: str) -> bool:
        if site == "a":
            raise RuntimeError
        return True

    ended = conduct(Schedule.of({"a": (), "b": (), "c": ("a",)}, 2), work, parallel=2, cancel=lambda: False)
    assert ended.states == {"a": "failed", "b": "done", "c": "skipped"}


def test_a_cancel_lets_the_running_one_end() -> None:
    wanted, release = threading.Event(), threading.Event()

    def work(site: str) -> bool:
        wanted.set()
        assert release.wait(10)
        return True

    def cancel() -> bool:
        if wanted.is_set():
            release.set()
        return wanted.is_set()

    ended = conduct(Schedule.of({"a": (), "b": ("a",)}, 0), work, parallel=1, cancel=cancel)
    assert ended.states == {"a": "done", "b": "skipped"}
    assert ended.reasons == {"b": CANCELLED}
