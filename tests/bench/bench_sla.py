"""Service levels of a whole fleet: a month closed from spans, and the status of all."""

import resource
import sqlite3
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from tests.bench.table import Table

OPERATOR = Path(sys.executable).parent / "operator"
CUSTOMERS = 1_000
MONTH = "2026-05"
CLOSES = (
    ("close", ("sla", "close", MONTH)),
    ("a second close", ("sla", "close", MONTH)),
    ("verify", ("sla", "verify", MONTH)),
    ("credits as CSV", ("sla", "credits", MONTH, "--csv")),
)


@dataclass(frozen=True, slots=True)
class Run:
    """Wall and processor seconds, MiB of the largest child of this process so far, and the last line printed."""

    wall: float
    processor: float
    memory: float
    last: str


def timed(workspace: Path, arguments: tuple[str, ...]) -> Run:
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    argv = [str(OPERATOR), *arguments, "-w", str(workspace)]
    done = subprocess.run(argv, check=True, capture_output=True, text=True)
    wall, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    processor = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Run(wall, processor, after.ru_maxrss / 1024, done.stdout.splitlines()[-1])


def made(place: Path, customers: int, months: int, until: str, *, close: bool) -> Path:
    """A workspace of made-up companies."""
    options = ["--customers", str(customers), "--months", str(months), "--until", until]
    argv = [str(OPERATOR), "demo", "data", "--output", str(place), *options, "--close" if close else "--no-close"]
    subprocess.run(argv, check=True, capture_output=True)
    return place


def frozen(workspace: Path) -> int:
    with sqlite3.connect(workspace / ".dure" / "store.sqlite") as connection:
        count: int = connection.execute("SELECT count(*) FROM month_frozen").fetchone()[0]
        return count


def measure(customers: int = CUSTOMERS) -> list[Table]:
    with tempfile.TemporaryDirectory() as place:
        return [closing(Path(place) / "month", customers), looking(Path(place) / "now", customers)]


def closing(place: Path, customers: int) -> Table:
    workspace = made(place, customers, 1, MONTH, close=False)
    rows = []
    for name, arguments in CLOSES:
        run = timed(workspace, arguments)
        assert frozen(workspace) == customers * 4, "a repetition changed rows"
        told = "" if name.startswith("credits") else run.last
        each = f"{run.processor / customers * 1000:.1f}"
        rows.append((name, f"{run.wall:.1f}", f"{run.processor:.1f}", each, f"{run.memory:.0f}", told))
    size = (workspace / ".dure" / "store.sqlite").stat().st_size / 2**20
    note = (
        f"{customers:,} made-up customers with {customers * 4:,} services and {customers * 12:,} checks, one month "
        f"from spans, each customer's agreements with their signatures checked; the store then has {size:.0f} MiB. "
        "One process. Memory is the largest of all commands up to that row."
    )
    header = ("command", "seconds", "processor seconds", "ms of it a customer", "MiB", "it says")
    return Table("Closing a month", header, tuple(rows), note)


def looking(place: Path, customers: int) -> Table:
    workspace = made(place, customers, 1, f"{datetime.now(UTC):%Y-%m}", close=False)
    first = timed(workspace, ("sla", "status"))
    again = min((timed(workspace, ("sla", "status")) for _ in range(3)), key=lambda run: run.wall)
    one = subprocess.run(["ls", str(workspace / "customers")], check=True, capture_output=True, text=True)
    single = timed(workspace, ("sla", "status", one.stdout.split()[0].removesuffix(".yaml")))
    named = (
        ("the first of a month: every sheet is made from spans", first),
        ("from then on, best of three", again),
        ("one customer, from spans, with outages", single),
    )
    rows = tuple((name, f"{run.wall:.2f}", f"{run.processor:.2f}", f"{run.memory:.0f}") for name, run in named)
    note = f"`operator sla status` of {customers:,} customers with {customers * 4:,} services."
    return Table("The fleet's running month", ("what", "seconds", "processor seconds", "MiB"), rows, note)


if __name__ == "__main__":
    print("\n".join(table.markdown() for table in measure(int(sys.argv[1]) if len(sys.argv) > 1 else CUSTOMERS)))
