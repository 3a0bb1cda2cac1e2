"""The processes of a group: a worker, its engine, and what the engine started."""

import contextlib
from pathlib import Path

STOPPED = "T"
"""In /proc/PID/stat: by SIGSTOP, or by a debugger's or terminal's signal."""


def members(group: int) -> dict[int, str]:
    """Process -> its state, a letter as in proc(5)."""
    found = {}
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError, IndexError):
            fields = (entry / "stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
            if int(fields[2]) == group:
                found[int(entry.name)] = fields[0]
    return found
