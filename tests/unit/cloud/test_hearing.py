"""A worker that is told to stop: whoever works in its group hears it once, also who begins just then."""

import subprocess
import sys
from pathlib import Path

import pytest
from dure.cloud.locks import wait_for_lock
from dure.cloud.request import Request
from dure.errors import Cancelled
from pulumi import automation as auto

from tests.poll import until

WORKER = """
import os, signal, subprocess, sys
from dure.cloud.hearing import Hearing
signal.signal(signal.SIGINT, lambda *_: None)
hearing = Hearing(lambda: print("told", flush=True))
if sys.argv[1] == "late":
    hearing.stopping.wait()
print("engine ended with", subprocess.run([sys.executable, "-c", *sys.argv[2:]]).returncode, flush=True)
os._exit(0)
"""
ENGINE = """
import signal, sys
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
open(sys.argv[1], "w").close()
heard = [signal.sigtimedwait([signal.SIGINT], seconds) for seconds in (20, 1)]
sys.exit(len([one for one in heard if one]))
"""
"""Stops in order, which takes it a second; its exit code is how often it was asked."""


def worker(*arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", WORKER, *arguments]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True)


def test_an_engine_at_work_hears_a_stop_once_since_a_second_would_break_it_off(tmp_path: Path) -> None:
    with worker("early", ENGINE, str(tmp_path / "here")) as running:
        until((tmp_path / "here").exists, 30)
        out, _ = running.communicate("cancel\n", timeout=30)
    assert out == "told\nengine ended with 1\n"


def test_an_engine_that_begins_while_the_stop_comes_hears_it_too() -> None:
    with worker("late", "import time; time.sleep(30)") as running:
        out, _ = running.communicate("cancel\n", timeout=20)
    assert out.startswith("told\nengine ended with ")
    assert not out.endswith(" 0\n")


def test_who_waits_for_a_lock_hears_a_stop() -> None:
    request = Request(
        verb="up",
        stack="s",
        program_directory="",
        work_directory="",
        configuration={},
        region="x",
        lock_seconds=3600,
    )
    turns: list[int] = []

    def held() -> None:
        turns.append(1)
        raise auto.ConcurrentUpdateError(auto.CommandResult("", "the stack is locked by nobody named", 1))

    def stop_at_the_second() -> None:
        if turns:
            raise Cancelled("stopped")

    with pytest.raises(Cancelled):
        wait_for_lock(request, held, stop_at_the_second)
    assert len(turns) == 1
