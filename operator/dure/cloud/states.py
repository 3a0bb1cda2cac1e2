"""Where the engine keeps the state of a stack, for looks that need no engine."""

import contextlib
import json
import os
from pathlib import Path

PROJECT = "dure"
BACKEND = "PULUMI_BACKEND_URL"


def state_file(stack: str) -> Path | None:
    """In the backend that the environment names; None where that is no directory."""
    backend = os.environ.get(BACKEND, "")
    if not backend.startswith("file://"):
        return None
    return Path(backend.removeprefix("file://"), ".pulumi", "stacks", PROJECT, f"{stack}.json")


def make_bare(stack: str) -> bool:
    """Write the state that the engine writes first of a new stack; False, and nothing, where it must do so itself.

    Its `stack init` takes longer than a preview, most of it to make a key that the next start makes in any case. It
    writes `meta.yaml` with the backend's first stack: states that lie there without it are taken for those of an old
    layout. One that somebody else made meanwhile stays.
    """
    file = state_file(stack)
    if file is None or not Path(file.parents[2], "meta.yaml").exists():
        return False
    state = {"version": 3, "checkpoint": {"stack": f"organization/{PROJECT}/{stack}"}}
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_name(f".{file.name}-{os.getpid()}")
    draft.write_text(json.dumps(state), encoding="utf-8")
    with contextlib.suppress(FileExistsError):
        os.link(draft, file)  # unlike a rename it never takes the place of a state
    draft.unlink()
    return True
