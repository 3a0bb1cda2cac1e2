"""Golden files: what was looked at and found right. With DURE_WRITE_GOLDEN=1 they are written anew, to be looked at."""

import os
from pathlib import Path


def expected(file: Path, got: str) -> str:
    """The file's content; with DURE_WRITE_GOLDEN the text itself, written."""
    if os.environ.get("DURE_WRITE_GOLDEN"):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(got, encoding="utf-8")
    return file.read_text(encoding="utf-8")
