"""Where engines and their own files lie, for all workspaces of a user."""

import os
import time
from contextlib import suppress
from pathlib import Path

LOGS_KEPT = 7 * 86400.0
SWEEP_EVERY = 3600.0
"""Seconds; each start of the engine writes a log, and to look at thousands of them takes longer than a start."""


def cache_directory() -> Path:
    """${DURE_CACHE:-~/.cache/dure}/pulumi: engines by version, and their home with plugins."""
    return Path(os.environ.get("DURE_CACHE") or Path.home() / ".cache" / "dure") / "pulumi"


def engine_home() -> Path:
    """The engine's own directory, shared by all workspaces; its logs (sealed by it) are kept for a week."""
    home = cache_directory() / "home"
    swept = home / ".logs-swept"
    with suppress(OSError):
        if not swept.exists() or swept.stat().st_mtime < time.time() - SWEEP_EVERY:
            home.mkdir(mode=0o700, parents=True, exist_ok=True)
            swept.touch()
            _sweep(home / "logs")
    return home


def _sweep(logs: Path) -> None:
    for log in logs.glob("*.log"):
        with suppress(OSError):
            if log.stat().st_mtime < time.time() - LOGS_KEPT:
                log.unlink()
