"""Run a program so that nothing of it outlives the one who asked: `tether.py PARENT_PID PROGRAM ARGUMENT...`.

Ansible's workers make sessions of their own and SSH masters go to the background, so ending a process group
misses them. A watcher is the reaper of all descendants, learns by signal when its parent goes away, however
that happened, and then ends every one. Run as a file, isolated, so that it starts in some 20 ms.
"""

import ctypes
import os
import signal
import sys
import time
from pathlib import Path

PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36
GRACE_SECONDS = 5.0


def process_control(option: int, value: int) -> None:
    """prctl(2); OSError when the kernel refuses."""
    if ctypes.CDLL(None, use_errno=True).prctl(option, value, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "prctl")


def children(pid: int) -> list[int]:
    """Direct children, ended ones included."""
    found: list[int] = []
    for listing in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            found += [int(word) for word in listing.read_text().split()]
        except (FileNotFoundError, ProcessLookupError):
            continue
    return found


def descendants(pid: int) -> list[int]:
    """All below, nearest first."""
    found, at = children(pid), 0
    while at < len(found):
        found += children(found[at])
        at += 1
    return found


def end_all() -> None:
    """End everything below this process; orphans come to it, so that looking again finds them."""
    end = time.monotonic() + GRACE_SECONDS
    while time.monotonic() < end:
        below = descendants(os.getpid())
        if not below:
            return
        for pid in below:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        reap()
        time.sleep(0.01)


def reap() -> None:
    """Take the exit status of every child that has ended."""
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        return


def exit_code(status: int) -> int:
    """A shell's: 128 and the signal for a program that a signal ended."""
    return os.WEXITSTATUS(status) if os.WIFEXITED(status) else 128 + os.WTERMSIG(status)


def watch(program: list[str]) -> int:
    """Start the program, wait for it, leave nothing behind. Returns its exit code."""
    os.setsid()
    process_control(PR_SET_CHILD_SUBREAPER, 1)

    def stop(number: int, frame: object) -> None:
        end_all()
        os._exit(128 + number)

    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, stop)
    process_control(PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() == 1:
        return 1
    main_pid = os.fork()
    if main_pid == 0:
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, signal.SIG_DFL)
        os.execvp(program[0], program)  # noqa: S606  # the point is to become the program
    while True:
        ended, status = os.wait()
        if ended == main_pid:
            break
    end_all()
    return exit_code(status)


def main() -> int:
    """The process that the asker knows; it dies with the asker, and the watcher learns of that."""
    parent, program = int(sys.argv[1]), sys.argv[2:]
    process_control(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        return 1
    watcher = os.fork()
    if watcher == 0:
        os._exit(watch(program))
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda received, frame: os.kill(watcher, received))
    while True:
        try:
            return exit_code(os.waitpid(watcher, 0)[1])
        except InterruptedError:
            continue


if __name__ == "__main__":
    sys.exit(main())
