"""The engine's lock on a stack: one that its dead holder left is cleared, a live holder is waited for."""

import os
import re
import socket
import subprocess
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from pulumi import automation as auto

from dure.cloud.request import Request
from dure.errors import Refused

T = TypeVar("T")

HOLDER = re.compile(r"created by (?P<user>\S+)@(?P<host>\S+) \(pid (?P<pid>\d+)\) at (?P<at>\S+)")
PAUSE = 0.5


class Holder:
    """Who holds the lock, as the engine's refusal tells it."""

    def __init__(self, user: str, host: str, pid: int, at: str) -> None:
        self.user, self.host, self.pid, self.at = user, host, pid, at

    def __str__(self) -> str:
        return f"{self.user}@{self.host} (pid {self.pid}, since {self.at})"

    @property
    def here(self) -> bool:
        return self.host == socket.gethostname()

    @property
    def dead(self) -> bool:
        """Its process ended, or the number now belongs to a process that is younger than the lock."""
        if not self.here:
            return False
        started = _started(self.pid)
        taken = _seconds(self.at)
        return started is None or (taken is not None and started > taken + 1)


def _seconds(moment: str) -> float | None:
    try:
        return datetime.fromisoformat(moment).timestamp()
    except ValueError:
        return None


def _started(pid: int) -> float | None:
    """When a live process began, in seconds since 1970; None when there is none (a zombie is none)."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
        boot = next(line for line in Path("/proc/stat").read_text(encoding="utf-8").splitlines() if "btime" in line)
    except OSError:
        return None
    if fields[0] in "ZX":
        return None
    return int(boot.split()[1]) + int(fields[19]) / os.sysconf("SC_CLK_TCK")


def holders_of(refusal: str) -> list[Holder]:
    """The holders that a refusal names."""
    return [Holder(m["user"], m["host"], int(m["pid"]), m["at"]) for m in HOLDER.finditer(refusal)]


def wait_for_lock(request: Request, operation: Callable[[], T], before_each: Callable[[], None]) -> T:
    """Run it; clear a dead holder's lock, wait `lock_seconds` for a live one, then raise Refused naming it.

    `before_each` turn is called, and raises DureError when there shall be none.
    """
    end = time.monotonic() + request.lock_seconds
    while True:
        before_each()
        try:
            return operation()
        except auto.ConcurrentUpdateError as error:
            holders = holders_of(str(error))
            if holders and all(one.dead for one in holders):
                clear(request)
            elif time.monotonic() > end:
                named = ", ".join(map(str, holders)) or "somebody unnamed"
                raise Refused(
                    f"stack {request.stack} is being changed",
                    why=f"{named} holds its lock",
                    mend="wait for it to end, then give the same command again",
                ) from error
            else:
                time.sleep(PAUSE)


def clear(request: Request) -> None:
    subprocess.run(
        ["pulumi", "cancel", "--yes", "--non-interactive", "--stack", request.stack],
        cwd=request.work_directory,
        check=True,
        capture_output=True,
        timeout=60,
    )
