"""A program that one process runs more than once."""

import os
import sys
from pathlib import Path


def forget(root: Path) -> None:
    """Of modules from there: a preview and the update after it are one process's, and each shall begin anew."""
    for name, module in list(sys.modules.items()):
        file = getattr(module, "__file__", None)
        if file and file.startswith(f"{root}{os.sep}"):
            del sys.modules[name]
