"""Stacks on the AWS double: preview and up of each program, and a hundred pool tenants at once.

make bench ONLY=stacks                                    about ten minutes on 2 cores
TENANTS=10 python -m tests.bench stacks                   a smaller fleet; the table says how many
"""

import os
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from dure.cloud import moto

from tests.bench.provisioning import OPERATOR
from tests.bench.table import Table
from tests.contract.stacks.desk import Desk, make_desk

TENANTS = 100
PARALLEL = "4"
LOOK = 0.5
"""Seconds between looks at the memory."""
IMAGE = "public.ecr.aws/nginx/nginx:stable"
SITES = {
    "hybrid": "blueprint: hybrid-server, lan: {cidr: 192.168.0.0/24, address: 192.168.0.10, router: 192.168.0.1}",
    "pool": "blueprint: saas-tenant",
    "bridge": f"blueprint: saas-tenant, parameters: {{isolation: bridge, image: {IMAGE}}}",
    "silo": f"blueprint: saas-tenant, parameters: {{isolation: silo, image: {IMAGE}, network_index: 1}}",
    "sandbox": "blueprint: paas-sandbox, parameters: {source: https://github.com/x/y, expires: 2099-12-31}",
}
"""Site -> how it stands in its customer's file: one of each program."""


@dataclass(frozen=True, slots=True)
class Took:
    """Of one command: wall seconds, and the most memory of all its processes together."""

    seconds: float
    mib: float

    def row(self, what: str, stacks: int) -> tuple[str, ...]:
        return what, f"{self.seconds:.1f}", f"{self.seconds / stacks:.2f}", f"{self.mib:.0f}"


def take(desk: Desk, *arguments: str) -> Took:
    """`operator stacks …`; a command that fails ends the measurement."""
    log = desk.root / ".dure" / "bench.log"
    command = [str(OPERATOR), "stacks", *arguments, "-w", str(desk.root)]
    begun = time.perf_counter()
    with log.open("ab") as output:
        running = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=output)
    with watched(running.pid) as most:
        code = running.wait()
    if code not in (0, 3):  # a preview that finds something ends with 3
        raise SystemExit(f"operator stacks {' '.join(arguments)}: exit {code}, see {log}:\n{log.read_text()[-2000:]}")
    return Took(time.perf_counter() - begun, most[0] / 1024)


@contextmanager
def watched(pid: int) -> Iterator[list[int]]:
    """The most KiB, looked at again and again, of a process with all that it started; shared pages counted once."""
    most, done = [0], threading.Event()

    def look() -> None:
        while not done.wait(LOOK):
            most[0] = max(most[0], sum(map(proportional, family(pid))))

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield most
    finally:
        done.set()
        thread.join()


def family(pid: int) -> list[int]:
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = entry.read_text(errors="replace").rpartition(")")[2].split()
        except OSError:
            continue
        parents.setdefault(int(fields[1]), []).append(int(entry.parent.name))
    found = [pid]
    for one in found:
        found += parents.get(one, [])
    return found


def proportional(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)


def write(desk: Desk, customer: str, sites: dict[str, str]) -> None:
    lines = [f"id: {customer}", f"name: {customer}", "people: 12", "sites:"]
    lines += [
        f"  - {{id: {site}, name: {site}, tags: [{customer.partition('-')[0]}], {told}}}"
        for site, told in sites.items()
    ]
    (desk.root / "customers" / f"{customer}.yaml").write_text("\n".join(lines) + "\n", encoding="utf-8")


def each_program(desk: Desk) -> Table:
    write(desk, "one", SITES)
    rows = []
    for site in ("landing-zone", *(f"one/{name}" for name in SITES)):
        took = [take(desk, "preview", site), take(desk, "up", site, "--yes"), take(desk, "up", site, "--yes")]
        changed = take(desk, "up", site, "--yes", "--changed")
        rows.append(
            (site.removeprefix("one/"), *(f"{one.seconds:.1f}" for one in (*took, changed)), f"{took[1].mib:.0f}")
        )
    note = "One stack a command, from the command's start to its end."
    header = ("stack", "preview", "up", "up, nothing to do", "up --changed", "memory of up, MiB")
    return Table("Stacks: each program", header, tuple(rows), note)


def many(desk: Desk, count: int) -> Table:
    """The landing zone stands already."""
    for number in range(count):
        write(desk, f"pool-{number:03}", {"erp": SITES["pool"]})
    every = ("tag=pool", "--parallel", PARALLEL)
    rows = [take(desk, "preview", *every).row("preview", count), take(desk, "up", *every, "--yes").row("up", count)]
    idle = take(desk, "up", *every, "--yes", "--changed")
    write(desk, "pool-000", {"erp": f"{SITES['pool']}, parameters: {{budget_usd: 7}}"})
    one = take(desk, "up", *every, "--yes", "--changed")
    rows += [idle.row("up --changed, nothing changed", count), one.row("up --changed, one tenant changed", count)]
    note = (
        f"{count} tenants of the pool, {PARALLEL} at once, on one provider and one AWS double, whose time is in it and"
        " whose memory is not. Memory is that of all processes together, shared pages once, looked at twice a second."
    )
    header = ("command", "seconds", "a stack", "memory, MiB")
    return Table(f"Stacks: {count} tenants", header, tuple(rows), note)


def measure() -> list[Table]:
    count = int(os.environ.get("TENANTS", TENANTS))
    with tempfile.TemporaryDirectory(prefix="dure-bench-") as place:
        account = moto.start(Path(place))
        try:
            desk = make_desk(Path(place), account, "bench-msp")
            for file in (desk.root / "customers").iterdir():
                file.unlink()
            return [each_program(desk), many(desk, count)]
        finally:
            account.stop()
