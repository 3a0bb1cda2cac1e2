"""Ten boxes provisioned at once, by a process each, beside one box alone."""

import resource
import time
from dataclasses import dataclass
from pathlib import Path

from dure.lab.host import unfit
from dure.lab.instance import Lab
from dure.lab.processes import hierarchies
from dure.lab.topology import fleet_topology
from dure.lab.workspace import fleet_customer

from tests.bench.provisioning import NAME, Bench, bench
from tests.bench.table import Table

FLEET = 10
NOTE = (
    "First provision with `--fast`. The lab's boxes run on the machine that provisions them: what they do themselves "
    "(install packages, back up, restart) takes its processors too, which a customer's own box would not."
)


@dataclass(frozen=True, slots=True)
class Cost:
    """Wall-clock seconds, and processor seconds of the operator with all its programs and of the lab's machines."""

    wall: float
    operator: float
    machines: float

    def row(self, title: str, alone: "Cost") -> tuple[str, ...]:
        figures = (self.wall, self.operator, self.machines)
        return (title, *(f"{one:.0f}" for one in figures), f"{self.wall / alone.wall:.1f}")


def measure() -> Table:
    """First provision of one box alone, then of the others all at once."""
    reason = unfit()
    if reason:
        return Table("Ten boxes at once", ("what",), (), f"Not measured here: {reason}.")
    with bench(Lab(NAME, fleet_topology(NAME, FLEET + 1)), fleet_customer(FLEET + 1)) as made:
        sites = [f"fleet/box{number}" for number in range(1, FLEET + 2)]
        for site in sites:
            made.enrol(site)
        alone = provision(made, sites[:1])
        ten = provision(made, sites[1:])
    rows = (alone.row("one box", alone), ten.row(f"{FLEET} boxes at once", alone))
    header = ("boxes", "seconds", "processor seconds of the operator", "of the boxes and the hub", "ratio of seconds")
    return Table("Ten boxes at once", header, rows, NOTE)


def provision(made: Bench, sites: list[str]) -> Cost:
    """A process for each site, all started at once; one that fails ends the measurement."""
    started, before, machines = time.perf_counter(), children_seconds(), machine_seconds()
    running = [made.start("provision", site, "--yes", "--fast") for site in sites]
    failed = [site for site, process in zip(sites, running, strict=True) if process.wait()]
    if failed:
        raise SystemExit(f"failed: {', '.join(failed)}\n{made.complaints()}")
    return Cost(time.perf_counter() - started, children_seconds() - before, machine_seconds() - machines)


def children_seconds() -> float:
    """Processor seconds of all processes that were started from here and have ended, with theirs."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def machine_seconds() -> float:
    """Processor seconds of all machines of the lab since they were switched on, from their control group."""
    for hierarchy in hierarchies():
        group = hierarchy / f"dure-{NAME}"
        if (group / "cpuacct.usage").exists():
            return int((group / "cpuacct.usage").read_text()) / 1e9
        if (group / "cpu.stat").exists() and "usage_usec" in (group / "cpu.stat").read_text():
            return usage_of(group / "cpu.stat")
    return 0.0


def usage_of(statistics: Path) -> float:
    """Control groups version 2: the line `usage_usec N`."""
    lines = dict(line.split() for line in statistics.read_text().splitlines())
    return int(lines["usage_usec"]) / 1e6
