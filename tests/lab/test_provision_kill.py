"""kill -9 of the operator in each step of a first provision: the next run goes on and ends the same."""

import json
import subprocess
from pathlib import Path

import pytest
from dure.lab.instance import Lab
from dure.lab.workspace import prepare

from tests.lab.conftest import ROOT, Operator
from tests.lab.provisioning import ANSAN, STEPS, enrol, shown, start

pytestmark = [pytest.mark.lab, pytest.mark.long, pytest.mark.timeout(1500)]


@pytest.fixture(scope="module")
def before(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace whose hub stands and whose box is enrolled and fresh; both machines' disks are kept."""
    workspace = prepare(ROOT / "examples" / "hanbit-it", tmp_path_factory.mktemp("msp") / "workspace", lab).root
    operator = Operator(workspace, lab.name)
    enrol(operator, lab, "hub")
    operator("provision", "hub", "--yes", "--fast")
    enrol(operator, lab, ANSAN)
    lab.snapshot("hub", "before")
    lab.snapshot("ansan", "before")
    return workspace


@pytest.fixture
def operator(before: Path, lab: Lab, tmp_path: Path) -> Operator:
    """Everything as in `before`, whatever the last test did."""
    workspace = tmp_path / "workspace"
    subprocess.run(["cp", "-r", str(before), str(workspace)], check=True)
    lab.restart_moto()
    lab.restore("hub", "before")
    lab.restore("ansan", "before")
    return Operator(workspace, lab.name)


@pytest.mark.parametrize("step", STEPS)
def test_a_run_killed_in_this_step_goes_on(operator: Operator, step: str) -> None:
    # approve and a few others are over in milliseconds: the kill may come when the next step has begun.
    run = start(operator)
    run.until_in_or_after(step)
    killed = run.run().id
    run.kill()
    operator("provision", ANSAN, "--yes", "--fast", "--json")
    told = shown(operator, killed)
    assert told["state"] == "done"
    assert [one["name"] for one in told["steps"]] == list(STEPS)
    assert [row["name"] for row in told["proofs"] if not row["ok"]] == []
    assert len(json.loads(operator("audit", "show", ANSAN, "--json").stdout)) == 1
    again = json.loads(operator("provision", ANSAN, "--yes", "--fast", "--json").stdout)
    assert {one["name"]: one["state"] for one in again["steps"]}["converge"] == "skipped"
