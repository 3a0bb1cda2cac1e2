"""How soon the command answers, beside Python itself starting with nothing to do."""

import subprocess
import sys
from pathlib import Path

from tests.bench.table import Table, best_of

OPERATOR = Path(sys.executable).parent / "operator"


def measure() -> Table:
    def seconds(*argv: str) -> float:
        return best_of(7, lambda: subprocess.run(argv, check=True, capture_output=True))

    python = seconds(sys.executable, "-c", "pass")
    version = seconds(str(OPERATOR), "--version")
    rows = (
        ("python -c pass", f"{python:.3f}", "1.0"),
        ("operator --version", f"{version:.3f}", f"{version / python:.1f}"),
    )
    return Table("Start of the command", ("command", "seconds", "ratio"), rows, "Best of seven.")
