"""How soon a month is closed for a whole fleet from spans, how much memory it takes, and what a second close does."""

import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.bench.table import Table

OPERATOR = Path(sys.executable).parent / "operator"
CUSTOMERS = 1_000
MONTH = "2026-05"
MEASURED = (
    ("close", ("sla", "close", MONTH)),
    ("a second close", ("sla", "close", MONTH)),
    ("verify", ("sla", "verify", MONTH)),
    ("credits as CSV", ("sla", "credits", MONTH, "--csv")),
)


def timed(workspace: Path, arguments: tuple[str, ...]) -> tuple[float, float, str]:
    """Seconds, MiB of the largest child so far, and the last line printed."""
    start = time.perf_counter()
    argv = [str(OPERATOR), *arguments, "-w", str(workspace)]
    done = subprocess.run(argv, check=True, capture_output=True, text=True)
    seconds = time.perf_counter() - start
    memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    return seconds, memory, done.stdout.splitlines()[-1]


def measure(customers: int = CUSTOMERS) -> Table:
    with tempfile.TemporaryDirectory() as place:
        workspace = Path(place) / "fleet"
        make = ["demo", "data", "--output", str(workspace), "--customers", str(customers)]
        options = ["--months", "1", "--until", MONTH, "--no-close"]
        subprocess.run([str(OPERATOR), *make, *options], check=True, capture_output=True)
        rows = []
        for name, arguments in MEASURED:
            seconds, memory, last = timed(workspace, arguments)
            told = "" if name.startswith("credits") else last
            rows.append((name, f"{seconds:.1f}", f"{seconds / customers * 1000:.1f}", f"{memory:.0f}", told))
        size = (workspace / ".dure" / "store.sqlite").stat().st_size / 2**20
    note = (
        f"{customers:,} made-up customers with {customers * 4:,} services and {customers * 12:,} checks, one month "
        f"from spans, each customer's agreements with their signatures checked; the store then has {size:.0f} MiB. "
        "Memory is the largest of all commands up to that row."
    )
    return Table("Closing a month", ("command", "seconds", "ms a customer", "MiB", "it says"), tuple(rows), note)


if __name__ == "__main__":
    print(measure(int(sys.argv[1]) if len(sys.argv) > 1 else CUSTOMERS).markdown())
