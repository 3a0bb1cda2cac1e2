"""kill -9 of the operator in each step of a first provision: the next run goes on and ends the same.

Each step is killed at its worst moment, when its work is done and not yet written down. The blueprint is a small one;
test_provision.py kills a run of all roles in the middle of its three longest steps.
"""

import json
import subprocess
from pathlib import Path

import pytest
from dure.lab.instance import Lab
from dure.lab.workspace import prepare

from tests.lab.conftest import ROOT, Operator
from tests.lab.provisioning import ANSAN, STEPS, enrol, shown, start
from tests.lab.small_program import JOINED, SmallOperator, small_program

pytestmark = [pytest.mark.lab, pytest.mark.long, pytest.mark.timeout(900)]


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_program(tmp_path_factory.mktemp("program"), JOINED, cloud=True)


@pytest.fixture(scope="module")
def before(lab: Lab, program: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace whose hub stands and whose box is enrolled and fresh; both machines' disks are kept."""
    workspace = prepare(ROOT / "examples" / "hanbit-it", tmp_path_factory.mktemp("msp") / "workspace", lab).root
    operator = SmallOperator(workspace, lab.name, program)
    enrol(operator, lab, "hub")
    operator("provision", "hub", "--yes", "--fast")
    enrol(operator, lab, ANSAN)
    lab.snapshot("hub", "before")
    lab.snapshot("ansan", "before")
    return workspace


@pytest.fixture
def operator(before: Path, program: Path, lab: Lab, tmp_path: Path) -> Operator:
    """Everything as in `before`, whatever the last test did."""
    workspace = tmp_path / "workspace"
    subprocess.run(["cp", "-r", str(before), str(workspace)], check=True)
    lab.restart_moto()
    lab.restore("hub", "before")
    lab.restore("ansan", "before")
    return SmallOperator(workspace, lab.name, program)


def killed_at_the_end_of(operator: Operator, step: str, hold: Path) -> str:
    """The id of a run whose process was killed when the step's work was done and not yet written down."""
    hold.write_text(step)
    run = start(operator, DURE_HOLD=str(hold))
    run.until_held(step)
    run.kill()
    hold.unlink()
    return run.run().id


@pytest.mark.parametrize("step", STEPS)
def test_a_run_killed_in_this_step_goes_on(operator: Operator, step: str, tmp_path: Path) -> None:
    killed = killed_at_the_end_of(operator, step, tmp_path / "hold")
    assert {one["name"]: one["state"] for one in shown(operator, killed)["steps"]} == {
        name: "started" if name == step else "done" for name in STEPS[: STEPS.index(step) + 1]
    }
    done = json.loads(operator("provision", ANSAN, "--yes", "--fast", "--json").stdout)
    assert done["id"] == killed
    told = shown(operator, killed)
    assert told["state"] == "done"
    assert {one["name"]: one["attempts"] for one in told["steps"]} == {name: 1 + (name == step) for name in STEPS}
    assert [row["name"] for row in told["proofs"] if not row["ok"]] == []
    (link,) = json.loads(operator("audit", "show", ANSAN, "--json").stdout)
    assert (link["run"], link["result"]) == (killed, "done")
    assert operator("audit", "verify").stdout.endswith("whole\n")
    again = json.loads(operator("provision", ANSAN, "--yes", "--fast", "--json").stdout)
    assert {one["name"]: one["state"] for one in again["steps"]}["converge"] == "skipped"
