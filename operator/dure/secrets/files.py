"""Secret values as files that never touch a disk, for programs that read them from a path."""

import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from dure.errors import DureError

PREFIX = "dure-secrets-"
SHARED_MEMORY = "/dev/shm"  # noqa: S108 - a tmpfs is meant, and the directory made in it is this user's alone


def memory_directory() -> Path:
    """A tmpfs of this user: $XDG_RUNTIME_DIR, else /dev/shm. Raises DureError when there is none."""
    candidates = [os.environ.get("XDG_RUNTIME_DIR", ""), SHARED_MEMORY]
    mounted = _memory_mounts()
    for name in candidates:
        place = Path(name) if name else None
        if place and place.is_dir() and os.access(place, os.W_OK | os.X_OK) and _mount_of(place) in mounted:
            return place
    raise DureError(
        "secrets cannot be handed to programs",
        why="secrets never go to a disk, and neither $XDG_RUNTIME_DIR nor /dev/shm is a tmpfs to write to",
        mend="mount -t tmpfs tmpfs /dev/shm",
    )


def _memory_mounts() -> set[Path]:
    rows = (line.split() for line in Path("/proc/self/mounts").read_text(encoding="utf-8").splitlines())
    return {Path(row[1]) for row in rows if row[2] in ("tmpfs", "ramfs")}


def _mount_of(place: Path) -> Path:
    place = place.resolve()
    while not place.is_mount():
        place = place.parent
    return place


@contextmanager
def secret_files(contents: Mapping[str, str | bytes]) -> Iterator[Path]:
    """A directory (0700) on tmpfs with one file (0600) a secret; gone when the block ends.

    What a killed process left is removed by the next call. File names are plain: no slash, not hidden.
    """
    for name in contents:
        if "/" in name or name.startswith("."):
            raise ValueError(f"{name!r} is not a file name")
    base = memory_directory()
    sweep(base)
    directory = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-{_started(os.getpid())}-", dir=base))
    try:
        for name, value in contents.items():
            handle = os.open(directory / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "wb") as stream:
                stream.write(value.encode() if isinstance(value, str) else value)
        yield directory
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def sweep(base: Path) -> None:
    """Remove directories whose process is dead: it was killed before it could."""
    for directory in base.glob(f"{PREFIX}*"):
        pid, _, rest = directory.name.removeprefix(PREFIX).partition("-")
        started = rest.partition("-")[0]
        if pid.isdigit() and _started(int(pid)) != started and directory.stat().st_uid == os.getuid():
            shutil.rmtree(directory, ignore_errors=True)


def _started(pid: int) -> str:
    """Start time of a process in clock ticks since boot, so that a reused pid is not taken for it; empty if gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()[19]
    except OSError:
        return ""
