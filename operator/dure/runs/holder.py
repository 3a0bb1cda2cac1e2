"""Who holds a lease: a process on a host, told apart from a later one with the same number by its start time."""

import os
import socket
from dataclasses import asdict, dataclass
from pathlib import Path

from pydantic import JsonValue


@dataclass(frozen=True, slots=True)
class Holder:
    """`boot` is the kernel's boot id, `started` the process's start in clock ticks since boot."""

    owner: str
    run: str
    host: str
    boot: str
    pid: int
    started: int

    def as_json(self) -> dict[str, JsonValue]:
        return dict(asdict(self))

    def words(self) -> str:
        """For a person: who, which run, where."""
        return f"run {self.run} of {self.owner} (process {self.pid} on {self.host})"


def this_process(owner: str, run: str) -> Holder:
    """The holder that this process is."""
    pid = os.getpid()
    started = start_time(pid)
    return Holder(owner, run, socket.gethostname(), _boot_id(), pid, started if started is not None else 0)


def from_json(value: object) -> Holder | None:
    """A holder as written before; None when it cannot be read."""
    if not isinstance(value, dict):
        return None
    try:
        return Holder(
            str(value["owner"]), str(value["run"]), str(value["host"]), str(value["boot"]), int(value["pid"]),
            int(value["started"]),
        )  # fmt: skip
    except (KeyError, TypeError, ValueError):
        return None


def is_dead(holder: Holder) -> bool:
    """True when the process certainly runs no more; of another host this cannot be known."""
    if holder.host != socket.gethostname():
        return False
    if holder.boot != _boot_id():
        return True
    return start_time(holder.pid) != holder.started


def start_time(pid: int) -> int | None:
    """Field 22 of /proc/PID/stat; None when there is no such process, or only its zombie."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return None if fields[0] in "ZX" else int(fields[19])


def _boot_id() -> str:
    return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
