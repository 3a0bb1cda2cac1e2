"""What a command takes: wall and processor seconds, and the memory of all the processes that it starts."""

import os
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

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


def take(command: list[str], log: Path, double: int, environment: dict[str, str] | None = None) -> tuple[int, Took]:
    """The exit code of a command and what it took; its output goes to `log`. `double` is the AWS double's process."""
    with log.open("ab") as output, measured(double) as end:
        running = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, env=environment, start_new_session=True
        )
        with watched(running.pid) as most:
            _, status, used = os.wait4(running.pid, 0)
        running.returncode = os.waitstatus_to_exitcode(status)
    return running.returncode, end(used.ru_utime + used.ru_stime, most)


@contextmanager
def measured(double: int) -> Iterator[Callable[[float, Most], Took]]:
    """Gives what makes the Took of the time since, of processor seconds and memory that were found otherwise."""
    other, begun = Double(double), time.perf_counter()

    def end(processor: float, most: Most) -> Took:
        mib = most.together / 1024, most.largest / 1024
        return Took(time.perf_counter() - begun, processor, other.used(), *mib)

    yield end


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
