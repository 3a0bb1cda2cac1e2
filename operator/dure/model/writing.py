"""Writing files of the workspace: whole or not at all, one writer at a time."""

import errno
import fcntl
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from dure.errors import DureError


def cannot_write(file: Path, error: OSError) -> DureError:
    """The system's refusal, for people."""
    full = error.errno in (errno.ENOSPC, errno.EDQUOT)
    return DureError(
        f"{file.name} cannot be written",
        where=str(file),
        why=error.strerror or "the system refused",
        mend=f"free some space; see `df -h {file.parent}`" if full else f"look at `ls -la {file.parent}`",
    )


def replace_file(file: Path, content: bytes, mode: int = 0o644) -> None:
    """Write beside, then rename: a reader sees the old file or the new one. Raises DureError; then the old one stands.

    A file that exists keeps its mode, and a link stays one. What a killed writer leaves is named `.NAME-….new`.
    """
    target = Path(os.path.realpath(file))
    try:
        if target.exists():
            mode = target.stat().st_mode & 0o777
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}-", suffix=".new")
        temporary = Path(name)
        try:
            with os.fdopen(handle, "wb") as stream:
                stream.write(content)
                stream.flush()
                os.fsync(stream.fileno())
            temporary.chmod(mode)
            temporary.replace(target)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
    except OSError as error:
        raise cannot_write(file, error) from error


@contextmanager
def one_writer(lock: Path) -> Iterator[None]:
    """One writer at a time on this workstation; others wait, since a write takes milliseconds."""
    try:
        handle = lock.open("w")
    except OSError as error:
        raise cannot_write(lock, error) from error
    with handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
