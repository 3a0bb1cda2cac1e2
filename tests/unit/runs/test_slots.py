"""More runs than a workstation has processors for wait for each other, and no dead one keeps a place."""

import contextlib
import signal
import subprocess
import sys
import threading
from pathlib import Path

from dure.runs.slots import Slots

HOLDER = """
import sys, threading
from pathlib import Path
from dure.runs.slots import Slots
with Slots(Path(sys.argv[1]), 1).held(print, threading.Event()):
    print("held", flush=True)
    threading.Event().wait()
"""


def test_one_more_waits_says_so_once_and_goes_on_when_a_place_is_free(tmp_path: Path) -> None:
    slots, told = Slots(tmp_path / "slots", 2), list[str]()
    begun = threading.Event()

    def third() -> None:
        with slots.held(told.append, threading.Event()) as held:
            assert held
            begun.set()

    with contextlib.ExitStack() as others:
        others.enter_context(slots.held(told.append, threading.Event()))
        with slots.held(told.append, threading.Event()):
            waiting = threading.Thread(target=third)
            waiting.start()
            assert not begun.wait(1.2), "two hold the two places"
        assert begun.wait(5)
        waiting.join()
    assert told == ["waits: 2 runs are at work on this workstation (parallel_runs in .dure/local.yaml)"]


def test_a_cancel_ends_the_waiting(tmp_path: Path) -> None:
    slots, cancel = Slots(tmp_path / "slots", 1), threading.Event()
    cancel.set()
    with slots.held(print, threading.Event()), slots.held(print, cancel) as held:
        assert not held


def test_a_killed_holder_leaves_its_place(tmp_path: Path) -> None:
    command = [sys.executable, "-c", HOLDER, str(tmp_path / "slots")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        holder.send_signal(signal.SIGKILL)
    with Slots(tmp_path / "slots", 1).held(print, threading.Event()) as held:
        assert held


def test_there_are_two_for_each_processor(tmp_path: Path) -> None:
    assert Slots(tmp_path).count >= 2
    assert Slots(tmp_path).count % 2 == 0
