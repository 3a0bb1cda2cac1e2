"""How soon ten thousand accounting cases are computed in one process, and a month of samples in one case."""

import json
import random
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.bench.table import Table, best_of

OPERATOR = Path(sys.executable).parent / "operator"
CASES = Path(__file__).parents[1] / "unit" / "sla" / "data" / "cases.jsonl"
COUNT = 10_000
JUNE = (1_780_239_600, 1_782_831_600)


def small_cases() -> str:
    """The worked cases over and over, one a line."""
    lines = CASES.read_text("utf-8").splitlines()
    return "\n".join(lines[number % len(lines)] for number in range(COUNT)) + "\n"


def month_of_samples(checks: int) -> str:
    """One case: June 2026, that many checks every 60 s, one sample in 500 DOWN and one in 1,000 lost."""
    source = random.Random(6)
    case = {
        "period": {"month": "2026-06"},
        "checks": {
            f"check-{number}": {
                "samples": [
                    [ts, "DOWN" if source.random() < 1 / 500 else "UP"]
                    for ts in range(*JUNE, 60)
                    if source.random() >= 1 / 1000
                ]
            }
            for number in range(checks)
        },
    }
    return json.dumps(case) + "\n"


def measure_one(title: str, text: str, cases: int) -> tuple[str, ...]:
    """Seconds of the whole command, and milliseconds a case."""
    with tempfile.TemporaryDirectory() as place:
        file = Path(place) / "cases.jsonl"
        file.write_text(text, encoding="utf-8")
        argv = [str(OPERATOR), "sla", "explain", "--lines", str(file)]
        seconds = best_of(3, lambda: subprocess.run(argv, check=True, stdout=subprocess.DEVNULL))
    return title, f"{len(text) / 2**20:.1f}", f"{seconds:.2f}", f"{seconds / cases * 1000:,.1f}"


def measure() -> Table:
    rows = (
        measure_one(f"{COUNT:,} small cases", small_cases(), COUNT),
        measure_one("one month of 3 checks every 60 s", month_of_samples(3), 1),
    )
    memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    header = ("`operator sla explain --lines`", "MiB read", "seconds", "ms a case")
    note = f"Best of three, the whole command in one process. At most {memory:.0f} MiB of memory in any of them."
    return Table("Accounting cases", header, rows, note)


if __name__ == "__main__":
    print(measure().markdown())
