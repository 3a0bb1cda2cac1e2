"""Phases of provisioning a box cold, unchanged plain and unchanged --fast; and ten boxes at once beside one."""

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from dure.lab.host import unfit
from dure.lab.instance import Lab
from dure.lab.topology import fleet_topology
from dure.lab.workspace import fleet_customer, prepare

from tests.bench.table import Table

ROOT = Path(__file__).resolve().parents[2]
OPERATOR = Path(sys.executable).parent / "operator"
FLEET = 10
NAME = "bench"
PHASES = ("preview", "cloud_up", "join", "converge", "verify")


@dataclass(frozen=True, slots=True)
class Bench:
    """A lab with a workspace, and the way to run the product on it."""

    lab: Lab
    workspace: Path

    def start(self, *arguments: str) -> "subprocess.Popen[bytes]":
        environment = {**os.environ, "DURE_WORKSPACE": str(self.workspace)}
        log = (self.workspace / ".dure" / "bench.log").open("ab")
        return subprocess.Popen([str(OPERATOR), *arguments], env=environment, stdout=log, stderr=log)

    def run(self, *arguments: str) -> float:
        """Seconds of one command; a failed one ends the measurement."""
        started = time.perf_counter()
        code = self.start(*arguments).wait()
        if code:
            raise SystemExit(f"operator {' '.join(arguments)}: exit {code}, see {self.workspace}/.dure/bench.log")
        return time.perf_counter() - started

    def enrol(self, site: str) -> None:
        self.run("enrol", site, "--address", self.lab.first_address(site), "--fingerprint", self.fingerprint(site))

    def fingerprint(self, site: str) -> str:
        key = self.lab.machine_of(site).directory / "host_key.pub"
        listed = subprocess.run(["ssh-keygen", "-lf", str(key)], capture_output=True, text=True, check=True)
        return listed.stdout.split()[1]

    def newest_phases(self, site: str) -> dict[str, float]:
        """Step -> seconds of the site's newest run."""
        environment = {**os.environ, "DURE_WORKSPACE": str(self.workspace)}

        def ask(*arguments: str) -> str:
            command = [str(OPERATOR), *arguments, "--json"]
            return subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout

        newest = json.loads(ask("runs", "list", site))[0]
        return {step["name"]: step["seconds"] for step in json.loads(ask("runs", "show", newest["id"]))["steps"]}


@contextmanager
def bench(lab: Lab, more: dict[str, str] | None = None) -> Iterator[Bench]:
    """The lab up, a prepared workspace beside it, the hub provisioned; everything gone afterwards."""
    lab.down()
    try:
        lab.up()
        with tempfile.TemporaryDirectory(prefix="dure-bench-") as scratch:
            made = Bench(lab, prepare(ROOT / "examples" / "hanbit-it", Path(scratch) / "workspace", lab, more).root)
            made.enrol("hub")
            made.run("provision", "hub", "--yes", "--fast")
            yield made
    finally:
        lab.down()


def one_site() -> Table:
    """Phases of one gateway box's runs."""
    site = "hansol-plastics/ansan"
    ways: tuple[tuple[str, tuple[str, ...]], ...] = (
        ("first, --fast", ("--fast",)),
        ("again, plain", ()),
        ("again, --fast", ("--fast",)),
        ("again, --fast --converge", ("--fast", "--converge")),
    )
    rows = []
    with bench(Lab(NAME)) as made:
        made.enrol(site)
        for title, options in ways:
            seconds = made.run("provision", site, "--yes", *options)
            phases = made.newest_phases(site)
            rows.append((title, f"{seconds:.1f}", *(f"{phases.get(phase, 0):.1f}" for phase in PHASES)))
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    note = f"Seconds. The largest single process of these runs took {peak:.0f} MB of memory."
    return Table("Provisioning one box", ("run", "whole", *PHASES), tuple(rows), note)


def timed(work: Callable[[], None]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def ten_at_once() -> Table:
    """First provision of one box alone, then of the others all at once, by one process each."""
    with bench(Lab(NAME, fleet_topology(NAME, FLEET + 1)), fleet_customer(FLEET + 1)) as made:
        sites = [f"fleet/box{number}" for number in range(1, FLEET + 2)]
        for site in sites:
            made.enrol(site)
        alone = made.run("provision", sites[0], "--yes", "--fast")

        def together() -> None:
            running = [made.start("provision", site, "--yes", "--fast") for site in sites[1:]]
            failed = [site for site, process in zip(sites[1:], running, strict=True) if process.wait()]
            if failed:
                raise SystemExit(f"failed: {', '.join(failed)}, see {made.workspace}/.dure/bench.log")

        ten = timed(together)
    rows = (("one box", f"{alone:.1f}", "1.0"), (f"{FLEET} boxes at once", f"{ten:.1f}", f"{ten / alone:.1f}"))
    return Table("Ten boxes at once", ("first provision, --fast", "seconds", "ratio"), rows)


def measure() -> list[Table]:
    reason = unfit()
    if reason:
        return [Table("Provisioning", ("what", "seconds"), (), f"Not measured here: {reason}.")]
    return [one_site(), ten_at_once()]
