"""What a command takes: wall and processor seconds, and the memory of all the processes that it starts."""

import os
import subprocess
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.bench.provisioning import ROOT

LOOK = 0.5
"""Seconds between looks at the memory."""


@dataclass(frozen=True, slots=True)
class Took:
    """Seconds of the clock, of the processors, and those that the AWS double used for it; memory in MiB."""

    seconds: float
    processor: float
    double: float
    together: float
    largest: float


@dataclass(slots=True)
class Most:
    """KiB, shared pages counted once: the most of all processes at one moment, and of one of them."""

    together: int = 0
    largest: int = 0

    def look(self, pid: int) -> None:
        sizes = [proportional(one) for one in family(pid)]
        self.together = max(self.together, sum(sizes))
        self.largest = max(self.largest, *sizes)


@dataclass(slots=True)
class Double:
    """The AWS double's processor seconds from here on; it works for the commands and is none of them."""

    pid: int
    begun: float = field(init=False)

    def __post_init__(self) -> None:
        self.begun = self._now()

    def used(self) -> float:
        return self._now() - self.begun

    def _now(self) -> float:
        fields = Path(f"/proc/{self.pid}/stat").read_text(errors="replace").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def take(command: Sequence[str], log: Path, double: int) -> tuple[int, Took]:
    """The exit code of a command and what it took; its output goes to `log`. `double` is the AWS double's process."""
    other, begun = Double(double), time.perf_counter()
    with log.open("ab") as output:
        running = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=output, stderr=output)
        with watched(running.pid) as most:
            _, status, used = os.wait4(running.pid, 0)
        running.returncode = os.waitstatus_to_exitcode(status)
    mib = most.together / 1024, most.largest / 1024
    seconds = time.perf_counter() - begun
    return running.returncode, Took(seconds, used.ru_utime + used.ru_stime, other.used(), *mib)


@contextmanager
def watched(pid: int) -> Iterator[Most]:
    """Looks again and again at a process with all that it started."""
    most, done = Most(), threading.Event()

    def look() -> None:
        while not done.wait(LOOK):
            most.look(pid)

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield most
    finally:
        done.set()
        thread.join()


def family(pid: int) -> list[int]:
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = entry.read_text(errors="replace").rpartition(")")[2].split()
        except OSError:
            continue
        parents.setdefault(int(fields[1]), []).append(int(entry.parent.name))
    found = [pid]
    for one in found:
        found += parents.get(one, [])
    return found


def proportional(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)
