"""What the provision tests share: enrolled sites, and a run that is watched by its journal."""

import json
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dure.lab.demo import ADDRESSES, MACHINES, fingerprint
from dure.lab.instance import Lab
from dure.runs.journal import events_of, list_runs, steps_of
from dure.store.database import Store, store_at
from dure.store.tables import Run, Step

from tests.lab.conftest import Operator
from tests.poll import until

ANSAN = "hansol-plastics/ansan"
SEOCHO = "saehan-accounting/seocho"
STEPS = (
    "validate", "plan", "lease", "preview", "approve", "allocate", "cloud_up", "join", "converge", "verify",
    "register", "audit",
)  # fmt: skip


def enrol(operator: Operator, lab: Lab, site: str) -> None:
    """First contact with the key as read on the machine itself."""
    key = fingerprint(lab.machine(MACHINES.get(site, site.rpartition("/")[2])).host_key)
    address = ADDRESSES.get(site, "192.168.0.10")
    operator("enrol", site, "--address", address, "--fingerprint", key)


@dataclass
class Watched:
    """One `operator provision` in the background, seen through its journal."""

    operator: Operator
    site: str
    process: "subprocess.Popen[str]"
    opened: Store | None = field(default=None, init=False)

    def run(self) -> Run:
        """The newest run of the site."""
        return until(lambda: list_runs(self._store(), self.site, 1), 30)[0]

    def step(self, name: str) -> Step | None:
        run = self.run()
        return next((step for step in steps_of(self._store(), run.id) if step.name == name), None)

    def until_in(self, name: str, seconds: float = 400) -> None:
        """Until the step works; AssertionError with the command's output when the command ended before."""

        def working() -> bool:
            self._still_works(name)
            step = self.step(name)
            return step is not None and step.state == "started"

        until(working, seconds)

    def until_held(self, name: str, seconds: float = 400) -> None:
        """Until the step stands still at its end, where DURE_HOLD names it."""

        def held() -> bool:
            self._still_works(name)
            directory = self.operator.workspace / ".dure" / "artifacts" / self.run().id
            return any((event.kind, event.step) == ("held", name) for event in events_of(directory))

        until(held, seconds)

    def _still_works(self, name: str) -> None:
        if self.process.poll() is not None:
            said = self.process.stdout.read() if self.process.stdout else ""
            raise AssertionError(f"it ended before step {name}: {said}")

    def kill(self) -> None:
        """kill -9 of the operator alone; what it started must look after itself."""
        self.process.kill()
        self.process.wait()

    def _store(self) -> Store:
        if self.opened is None:
            self.opened = store_at(self.operator.workspace, "")
        return self.opened


def start(operator: Operator, *arguments: str, site: str = ANSAN, **variables: str) -> Watched:
    return Watched(operator, site, operator.start("provision", site, "--yes", "--fast", *arguments, **variables))


def shown(operator: Operator, run: str) -> dict[str, Any]:
    return dict(json.loads(operator("runs", "show", run, "--json").stdout))


def secret_values(workspace: Path) -> dict[str, str]:
    """All secrets of the workspace and of its stack, in clear."""
    from dure.cloud.stack import Stack
    from dure.runs.context import open_context
    from dure.runs.provision.prepare import resolve_plan
    from dure.runs.provision.secret_values import passphrase, secret_store

    context = open_context(workspace)
    store = secret_store(context)
    values = {one.reference: store.get(one.reference) for owner in store.owners() for one in store.names(owner)}
    plan = resolve_plan(context, ANSAN)
    assert plan.cloud is not None
    outputs = Stack(plan.cloud, workspace, context.settings, passphrase(context)).outputs()
    return {**values, "the box's vault key": outputs["secret_access_key"]}
