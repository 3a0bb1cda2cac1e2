"""Processes and control groups of the lab: everything that the lab starts can be found and ended by its group."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path

from dure.errors import DureError
from dure.lab.host import CGROUP_ROOT, SYSTEM_PATH

PACKAGE_ROOT = Path(__file__).parents[2]

# Joins a group in every hierarchy, then becomes the program; a shell, since Python between fork and exec is unsafe
# beside threads.
ENTER_GROUP = 'g=$1; shift; for d in $g; do echo $$ > "$d/cgroup.procs" || exit 125; done; exec "$@"'


def environment() -> dict[str, str]:
    """Ours, with the system's programs on PATH even where a user's lacks them."""
    return {**os.environ, "PATH": f"{os.environ.get('PATH', '/usr/bin:/bin')}:{SYSTEM_PATH}"}


def run(argv: Sequence[str], *, stdin: str = "", check: bool = True) -> str:
    """Run a program to its end and return its standard output; DureError with its last words when it fails."""
    done = subprocess.run(argv, input=stdin, capture_output=True, text=True, check=False, env=environment())
    if check and done.returncode != 0:
        words = (done.stderr or done.stdout).strip().splitlines()
        raise DureError(
            f"`{' '.join(argv[:6])}` failed with {done.returncode}",
            why=words[-1] if words else "it said nothing",
            mend="operator lab down, then operator lab up",
        )
    return done.stdout


@cache
def hierarchies() -> tuple[Path, ...]:
    """The mount points of all control-group hierarchies: one in version 2, many in version 1."""
    if (CGROUP_ROOT / "cgroup.procs").exists():
        return (CGROUP_ROOT,)
    found = (path for path in sorted(CGROUP_ROOT.iterdir()) if not path.is_symlink())
    return tuple(path for path in found if (path / "cgroup.procs").exists())


def make_group(name: str) -> tuple[Path, ...]:
    """Make group `name` (`dure-x` or `dure-x/machine`) in every hierarchy; return its directories."""
    directories = tuple(root / name for root in hierarchies())
    for directory in directories:
        for part in (*reversed(directory.relative_to(CGROUP_ROOT).parents), directory.relative_to(CGROUP_ROOT)):
            path = CGROUP_ROOT / part
            path.mkdir(exist_ok=True)
            _copy_cpuset(path)
    return directories


def _copy_cpuset(directory: Path) -> None:
    """A new cpuset of version 1 is empty and takes no process until it has processors and memory nodes."""
    for name in ("cpuset.cpus", "cpuset.mems"):
        own, above = directory / name, directory.parent / name
        if own.exists() and above.exists() and not own.read_text().strip():
            with suppress(OSError):
                own.write_text(above.read_text())


def members(group: str) -> set[int]:
    """The processes of a group and of the groups below it."""
    found: set[int] = set()
    for root in hierarchies():
        found |= members_in(root / group)
    return found


def members_in(directory: Path) -> set[int]:
    """The same in one hierarchy."""
    found: set[int] = set()
    # os.walk, unlike Path.rglob, does not mind directories that go while it looks.
    for path, _, _ in os.walk(directory):
        with suppress(OSError):
            found.update(int(line) for line in Path(path, "cgroup.procs").read_text().split())
    return found


def quick_members(group: str) -> set[int]:
    """The processes of a group, from one hierarchy: one that systemd leaves flat, where there is such."""
    flat = CGROUP_ROOT / "freezer"
    return members_in((flat if flat in hierarchies() else hierarchies()[0]) / group)


def kill_group(group: str, seconds: float = 15.0) -> None:
    """Kill all of a group and remove it from every hierarchy; DureError when processes stay."""

    def emptied() -> bool:
        for pid in members(group):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        return not members(group)

    if not wait_until(emptied, seconds):
        left = sorted(members(group))
        raise DureError(f"processes {left} of {group} do not end", mend="look at them with ps, then repeat the command")
    for root in hierarchies():
        remove_group_directories(root / group)


def remove_group_directories(top: Path) -> None:
    """Remove a group's directories from the leaves up; a group that is busy for a moment is tried again."""

    def removed() -> bool:
        if not top.exists():
            return True
        for directory, _, _ in os.walk(top, topdown=False):
            with suppress(OSError):
                Path(directory).rmdir()
        return not top.exists()

    wait_until(removed, 5.0)


def wait_until(fact: Callable[[], bool], seconds: float, every: float = 0.03) -> bool:
    """Whether `fact` came true within `seconds`; looked at first, then `every` so often."""
    end = time.monotonic() + seconds
    while not fact():
        if time.monotonic() > end:
            return False
        time.sleep(every)
    return True


def in_group(group: str, argv: Sequence[str]) -> list[str]:
    """argv that joins the group, made when absent, and then becomes the program."""
    directories = " ".join(str(path) for path in make_group(group))
    return ["/bin/sh", "-c", ENTER_GROUP, "sh", directories, *argv]


def spawn(argv: Sequence[str], *, group: str, log: Path, namespace: str = "") -> int:
    """Start a program in the background, in its group and network namespace; return its process id."""
    prefix = ["nsenter", f"--net=/run/netns/{namespace}"] if namespace else []
    with log.open("ab") as output:
        child = subprocess.Popen(
            in_group(group, [*prefix, *argv]),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
            env={**environment(), "PYTHONPATH": str(PACKAGE_ROOT)},
            cwd="/",
        )
    return child.pid


def python_module(module: str, *arguments: str) -> list[str]:
    """argv that runs one of our modules with this interpreter."""
    return [sys.executable, "-m", module, *arguments]


def unmount_below(directory: Path) -> None:
    """Take off every mount at or below a directory; one that stays busy is detached and goes with its last user."""
    for point in list(mounts_below(directory)):

        def gone(point: Path = point) -> bool:
            run(["umount", str(point)], check=False)
            return point not in set(mounts_below(point))

        if not wait_until(gone, 3.0, every=0.1):
            run(["umount", "--lazy", str(point)], check=False)


def mounts_below(directory: Path) -> Iterator[Path]:
    """Mount points at or below a directory, the innermost first."""
    prefix = f"{directory}/"
    points = [line.split()[4] for line in Path("/proc/self/mountinfo").read_text().splitlines()]
    for point in reversed(points):
        if point == str(directory) or point.startswith(prefix):
            yield Path(point)
