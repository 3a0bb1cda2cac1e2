"""Keeps one machine running: starts systemd-nspawn again when the machine reboots. Runs as a process.

Usage: python -m dure.lab.supervise PID_FILE PLUG COMMAND...
PLUG gives the machine a new network namespace; it runs before each boot and after the machine is off.
nspawn exits with 133 when the machine asked for a reboot, with 0 when it was powered off.
"""

import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

REBOOT = 133


def supervise(pid_file: Path, plug: str, command: list[str]) -> int:
    """Run the machine until it stays off; SIGTERM powers it off in order. Returns the last exit code."""
    stopping = False
    child: subprocess.Popen[bytes] | None = None

    def power_off(_signal: int, _frame: object) -> None:
        nonlocal stopping
        stopping = True
        if child:
            child.send_signal(signal.SIGTERM)

    signal.signal(signal.SIGTERM, power_off)
    pid_file.write_text(str(os.getpid()))
    code = REBOOT
    while code == REBOOT and not stopping:
        subprocess.run([plug], check=True)
        child = subprocess.Popen(command, stdin=subprocess.DEVNULL)
        code = child.wait()
        print(f"machine ended with {code}", flush=True)
    subprocess.run([plug], check=False)
    with suppress(FileNotFoundError):
        pid_file.unlink()
    return code


if __name__ == "__main__":
    sys.exit(supervise(Path(sys.argv[1]), sys.argv[2], sys.argv[3:]))
