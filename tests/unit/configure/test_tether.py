"""Nothing that a converge started goes on once the operator is gone, however it went."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from dure.configure import tether

from tests.poll import until

# A program that, like Ansible, has a worker in a session of its own, and a grandchild whose parent is gone.
PROGRAM = """
import os, pathlib, subprocess, sys, time
worker = subprocess.Popen(["sleep", "300"], start_new_session=True)
orphan = subprocess.run(["sh", "-c", "setsid sleep 300 >/dev/null 2>&1 & echo $!"], capture_output=True, text=True)
pathlib.Path(sys.argv[1]).write_text(f"{os.getpid()} {worker.pid} {orphan.stdout.strip()}")
time.sleep(float(sys.argv[2]))
"""
ASKER = """
import os, subprocess, sys, time
subprocess.Popen([sys.executable, "-I", "-S", sys.argv[1], str(os.getpid()), *sys.argv[2:]], start_new_session=True)
time.sleep(300)
"""


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def started(file: Path) -> list[int]:
    until(lambda: file.exists() and len(file.read_text().split()) == 3, 10)
    return [int(word) for word in file.read_text().split()]


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_everything_ends_with_the_one_who_asked(tmp_path: Path, number: int) -> None:
    file = tmp_path / "pids"
    words = [sys.executable, "-c", ASKER, str(tether.__file__), sys.executable, "-c", PROGRAM, str(file), "300"]
    with subprocess.Popen(words) as asker:
        pids = started(file)
        assert all(alive(pid) for pid in pids)
        os.kill(asker.pid, number)
    until(lambda: not any(alive(pid) for pid in pids), 10)


def test_what_a_finished_program_left_behind_ends_too_and_its_exit_code_is_kept(tmp_path: Path) -> None:
    file = tmp_path / "pids"
    program = PROGRAM + "\nsys.exit(7)\n"
    words = [sys.executable, "-I", "-S", str(tether.__file__), str(os.getpid())]
    done = subprocess.run([*words, sys.executable, "-c", program, str(file), "0"], timeout=30, check=False)
    assert done.returncode == 7
    assert not any(alive(pid) for pid in started(file))


def test_it_does_not_start_for_someone_who_is_gone(tmp_path: Path) -> None:
    words = [sys.executable, "-I", "-S", str(tether.__file__), "1", "touch", str(tmp_path / "ran")]
    assert subprocess.run(words, timeout=30, check=False).returncode == 1
    assert not (tmp_path / "ran").exists()
