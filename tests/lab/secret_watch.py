"""Looks into every process of the host, time and again: a secret that passes by argv or environment is seen."""

import base64
import subprocess
import threading
from pathlib import Path

from dure.lab.instance import Lab


class SecretWatch:
    """Collects what /proc shows of all processes while it runs; `found` searches it for values afterwards."""

    def __init__(self) -> None:
        self.seen: dict[bytes, str] = {}
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._look_on, daemon=True)

    def __enter__(self) -> "SecretWatch":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def found(self, values: dict[str, str]) -> list[str]:
        """Which secret was seen where, never the value itself."""
        return [
            f"{name} in {where}"
            for content, where in self.seen.items()
            for name, value in values.items()
            if value.encode() in content
        ]

    def _look_on(self) -> None:
        while not self._stop.wait(0.2):
            for process in Path("/proc").glob("[0-9]*"):
                self._look_at(process)

    def _look_at(self, process: Path) -> None:
        for part in ("cmdline", "environ"):
            try:
                content = (process / part).read_bytes()
            except OSError:
                continue
            if content and content not in self.seen:
                program = content.split(b"\0")[0].decode(errors="replace") if part == "cmdline" else "a process"
                self.seen[content] = f"the {part} of {program}"


def found_in_files(directory: Path, values: dict[str, str], *, but: set[str]) -> list[str]:
    """Which secret stands in clear in which file below the directory; `but` names files that may.

    Another process reads: this one has databases of the workspace open, and closing a second descriptor of such a file
    would drop SQLite's locks on it.
    """
    found = []
    for name, value in values.items():
        search = ["grep", "-rlaF", "-f", "-", str(directory)]
        files = subprocess.run(search, input=value, capture_output=True, text=True).stdout.splitlines()
        found += [f"{name} in {file}" for file in files if Path(file).name not in but]
    return found


def places_on_machine(lab: Lab, machine: str, values: dict[str, str]) -> set[str]:
    """Files of a machine, and its journal, in which any of the values stands in clear."""
    wanted = "\n".join(line for value in values.values() for line in value.splitlines() if line)
    encoded = base64.b64encode(wanted.encode()).decode()
    search = (
        f"umask 077; echo {encoded} | base64 -d > /run/wanted; "
        "grep -rlaF -D skip -f /run/wanted /etc /home /root /srv /tmp /usr/local /var; "
        "journalctl --no-pager --all -o verbose | grep -qaF -f /run/wanted && echo the journal; rm /run/wanted"
    )
    return set(lab.root(machine, search, seconds=120).stdout.splitlines())
