"""A seam for tests: a run that stands still at the end of one step, its work done and not yet written down.

The file that DURE_HOLD names holds the step's name; as long as it does, that step waits at its end. A process killed
there leaves the run at the worst moment there is. Without the variable nothing of this is looked at.
"""

import os
from pathlib import Path

from dure.runs.live import Live

VARIABLE = "DURE_HOLD"
LOOK_SECONDS = 0.05


def hold_at_end(live: Live, step: str) -> None:
    """Wait while the file names this step; says in the journal that it does."""
    name = os.environ.get(VARIABLE, "")
    if not name or not _named(Path(name), step):
        return
    live.journal.tell("held", step, f"held at its end by {name}")
    while _named(Path(name), step) and not live.cancel.wait(LOOK_SECONDS):
        continue


def _named(file: Path, step: str) -> bool:
    try:
        return file.read_text().strip() == step
    except FileNotFoundError:
        return False
