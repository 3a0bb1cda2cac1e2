"""A lab with a workspace beside it, for measurements that provision."""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from dure.lab.instance import Lab
from dure.lab.workspace import prepare

ROOT = Path(__file__).resolve().parents[2]
OPERATOR = Path(sys.executable).parent / "operator"
NAME = "bench"


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
            raise SystemExit(f"operator {' '.join(arguments)}: exit {code}\n{self.complaints()}")
        return time.perf_counter() - started

    def complaints(self) -> str:
        """What the commands that failed said; their log is gone with the workspace."""
        lines = (self.workspace / ".dure" / "bench.log").read_text(errors="replace").splitlines()
        return "\n".join(line for line in lines if "failed" in line or line.startswith("error"))

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
