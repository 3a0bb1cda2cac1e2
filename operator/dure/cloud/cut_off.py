"""A state file that was cut off, by a kill or a full disk: the one before it takes its place.

The engine's file backend writes a state whole or not at all, but the note beside it (`.json.attrs`, what kind of file
it is) in place: a kill in between leaves a note that cannot be read, and with it no state can. Such a note says nothing
that is needed. Of a state that is itself cut off the engine keeps the one before it (`.json.bak`). Whatever was made
since then is looked for in the cloud before anything is made again; see `recovery`.
"""

import contextlib
import fcntl
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from dure.cloud.states import BACKEND, PROJECT, state_file

BEFORE, NOTE, KEPT = ".bak", ".attrs", ".cut-off"
GOES_ON = "its state file was cut off: it goes on from the state before it, and what was made since was looked for"


def restore(stack: str) -> None:
    """Put the state before in the place of one that is cut off, which is kept beside it until `looked_for`.

    Does nothing where there is none before it that can be read: the engine then refuses it.
    """
    file = state_file(stack)
    if file is None or not file.parent.is_dir():
        return
    with _alone(file.parent):
        _drop_broken_notes(file)
        before = _beside(file, BEFORE)
        if not _cut_off(file) or not before.is_file() or _cut_off(before):
            return
        shutil.copyfile(file, _beside(file, KEPT))
        draft = _beside(file, ".draft")
        shutil.copyfile(before, draft)
        draft.replace(file)


def to_look_for(stack: str) -> bool:
    """Something may have been made that the restored state does not know."""
    file = state_file(stack)
    return file is not None and _beside(file, KEPT).exists()


def looked_for(stack: str) -> None:
    """Nothing is left to look for."""
    file = state_file(stack)
    if file is not None:
        _beside(file, KEPT).unlink(missing_ok=True)


@contextlib.contextmanager
def beside_the_original(stack: str) -> Iterator[None]:
    """For looks that change no state: meanwhile the backend is a copy, restored there, of one that is cut off."""
    file = state_file(stack)
    if file is None or not file.is_file() or not (_cut_off(file) or _broken_notes(file)):
        yield
        return
    with tempfile.TemporaryDirectory(prefix="dure-state-") as place:
        copy = Path(place, ".pulumi", "stacks", PROJECT)
        copy.mkdir(parents=True)
        for one in (file, _beside(file, BEFORE)):
            with contextlib.suppress(FileNotFoundError):
                shutil.copyfile(one, copy / one.name)
        original, os.environ[BACKEND] = os.environ[BACKEND], f"file://{place}"
        try:
            restore(stack)
            yield
        finally:
            os.environ[BACKEND] = original


def _cut_off(file: Path) -> bool:
    try:
        json.loads(file.read_bytes())
    except ValueError:
        return True
    except OSError:
        return False
    return False


def _broken_notes(file: Path) -> list[Path]:
    notes = [_beside(file, NOTE), _beside(file, BEFORE + NOTE)]
    return [one for one in notes if one.exists() and _cut_off(one)]


def _drop_broken_notes(file: Path) -> None:
    for one in _broken_notes(file):
        one.unlink(missing_ok=True)


def _beside(file: Path, ending: str) -> Path:
    return file.with_name(file.name + ending)


@contextlib.contextmanager
def _alone(directory: Path) -> Iterator[None]:
    """Of those who restore. The engine itself gets nowhere from a state that is cut off."""
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
