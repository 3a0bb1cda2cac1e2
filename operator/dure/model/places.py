"""Where a workspace and its files are."""

import os
from pathlib import Path

from dure.errors import UsageError

OPERATOR_FILE = "operator.yaml"
CUSTOMERS = "customers"


def find_workspace(start: Path) -> Path:
    """The nearest directory from start upwards that holds operator.yaml; UsageError when there is none."""
    start = Path(os.path.realpath(start))
    for directory in (start, *start.parents):
        if os.path.lexists(directory / OPERATOR_FILE):
            return directory
    raise UsageError(
        f"no workspace at {start}",
        why=f"neither it nor a directory above holds {OPERATOR_FILE}",
        mend="go into a workspace, give `--workspace DIR`, or make one with `operator init DIR`",
    )
