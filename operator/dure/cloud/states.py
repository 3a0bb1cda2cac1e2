"""Where the engine keeps the state of a stack, for looks that need no engine."""

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
