"""Faults in the middle of a provision: the run ends with step, host, cause and next command, and the next run heals it.

The box's blueprint is a small one here, so that a test takes seconds: what is tested is the run, not the roles.
"""

import contextlib
import json
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from dure.lab.faults import cut, mend
from dure.lab.instance import Lab
from dure.lab.workspace import prepare

from tests.contract.cloud.proxy import Faults, faulty, making_bucket
from tests.lab.conftest import ROOT, Operator
from tests.lab.provisioning import ANSAN, Watched, enrol, shown, start
from tests.lab.small_program import JOINED, SmallOperator, small_program
from tests.poll import until

pytestmark = [pytest.mark.lab, pytest.mark.long, pytest.mark.timeout(900)]

LOST = 120
"""Seconds in which a run must tell that a machine is gone: SSH's own patience is 30."""


@pytest.fixture(scope="module")
def before(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> SmallOperator:
    """A workspace whose hub stands and whose box has its tunnel, but no shares yet; both machines' disks are kept."""
    workspace = prepare(ROOT / "examples" / "hanbit-it", tmp_path_factory.mktemp("msp") / "workspace", lab).root
    operator = SmallOperator(workspace, lab.name, small_program(tmp_path_factory.mktemp("joined"), JOINED))
    enrol(operator, lab, "hub")
    operator("provision", "hub", "--yes", "--fast")
    enrol(operator, lab, ANSAN)
    operator("provision", ANSAN, "--yes", "--fast")
    lab.snapshot("hub", "before")
    lab.snapshot("ansan", "before")
    return SmallOperator(workspace, lab.name, small_program(tmp_path_factory.mktemp("program")))


@pytest.fixture
def operator(before: SmallOperator, lab: Lab, tmp_path: Path) -> SmallOperator:
    """Everything as in `before`, whatever the last test did."""
    workspace = tmp_path / "workspace"
    subprocess.run(["cp", "-r", str(before.workspace), str(workspace)], check=True)
    mend(lab, ANSAN, "link")
    lab.restore("hub", "before")
    lab.restore("ansan", "before")
    return SmallOperator(workspace, lab.name, before.program)


def told_at_the_end(run: Watched, seconds: float) -> str:
    """The one line that a failed run ends with."""
    said, _ = run.process.communicate(timeout=seconds)
    assert run.process.returncode == 1, said
    assert "Traceback" not in said
    lines = [line for line in said.splitlines() if line.startswith("error: ")]
    assert len(lines) == 1, said
    assert run.run().state == "failed"
    return lines[0]


def heals(operator: Operator) -> None:
    """The next run comes to its end, and the one after it finds nothing to do."""
    done = json.loads(operator("provision", ANSAN, "--yes", "--fast", "--json").stdout)
    assert [row["name"] for row in shown(operator, done["id"])["proofs"] if not row["ok"]] == []
    again = json.loads(operator("provision", ANSAN, "--yes", "--fast", "--json").stdout)
    assert {one["name"]: one["state"] for one in again["steps"]}["converge"] == "skipped"


def in_mid_install(lab: Lab) -> bool:
    """Whether dpkg has written half of what it does into its journal: apt refuses to work on after a power cut then."""
    return lab.root("ansan", "ls /var/lib/dpkg/updates").stdout != ""


def test_the_box_loses_power_while_packages_are_installed(operator: SmallOperator, lab: Lab) -> None:
    run = start(operator)
    run.until_in("converge")
    until(lambda: in_mid_install(lab), 120, every=0.05)
    cut(lab, ANSAN, "power")
    line = told_at_the_end(run, LOST)
    mend(lab, ANSAN, "power")
    assert line.startswith(f"error: {ANSAN}: step converge failed, because the machine could not be reached in `base: ")
    assert f"operator provision {ANSAN}" in line
    heals(operator)


def test_the_line_is_cut_in_the_middle_of_the_converge(operator: SmallOperator, lab: Lab) -> None:
    run = start(operator)
    run.until_in("converge")
    until(lambda: in_mid_install(lab), 120, every=0.05)
    cut(lab, ANSAN, "link")
    line = told_at_the_end(run, LOST)
    mend(lab, ANSAN, "link")
    assert line.startswith(f"error: {ANSAN}: step converge failed, because the machine could not be reached in `base: ")
    assert f"operator provision {ANSAN}" in line
    heals(operator)


def test_the_hub_is_down(operator: SmallOperator, lab: Lab) -> None:
    cut(lab, "hub", "power")
    try:
        line = told_at_the_end(start(operator), LOST)
    finally:
        mend(lab, "hub", "power")
    assert line.startswith("error: hub: step lease failed, because no SSH at 203.0.113.10 port 22")
    assert f"operator provision {ANSAN}" in line
    heals(operator)


def test_the_hub_goes_down_in_the_middle_of_the_converge(operator: SmallOperator, lab: Lab) -> None:
    run = start(operator)
    run.until_in("converge")
    until(lambda: in_mid_install(lab), 120, every=0.05)
    cut(lab, "hub", "power")
    line = told_at_the_end(run, LOST)
    mend(lab, "hub", "power")
    until(lambda: lab.root("hub", "ping -c1 -W1 10.64.1.1").returncode == 0, 40)  # a box dials again within 30 s
    assert "step converge failed, because the machine could not be reached" in line
    assert f"operator provision {ANSAN}" in line
    heals(operator)


LOCKS = ("/var/lib/dpkg/lock-frontend", "/var/lib/dpkg/lock", "/var/lib/apt/lists/lock", "/var/cache/apt/archives/lock")
HOLDER = f"""
import fcntl, sys
held = [open(name, "w") for name in {LOCKS!r}]
for file in held:
    fcntl.lockf(file, fcntl.LOCK_EX)
print("held", flush=True)
sys.stdin.read()
"""


@contextlib.contextmanager
def package_locks(lab: Lab) -> Iterator[None]:
    """As another package manager would hold them, on the box itself."""
    argv = [*lab.machine("ansan").inside(), "python3", "-c", HOLDER]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdin is not None
        try:
            assert holder.stdout.readline() == "held\n"
            yield
        finally:
            holder.stdin.close()


def test_the_package_lock_is_held_for_a_minute(operator: SmallOperator, lab: Lab) -> None:
    with package_locks(lab):
        run = start(operator)
        run.until_in("converge")
        held_until = time.monotonic() + 60
        until(lambda: time.monotonic() > held_until or run.process.poll() is not None, 70, every=1)
        assert run.process.poll() is None, run.process.communicate()[0]
    said, _ = run.process.communicate(timeout=300)
    assert run.process.returncode == 0, said
    heals(operator)


def test_a_role_fails_in_the_middle(operator: SmallOperator, lab: Lab) -> None:
    run = start(operator)
    run.until_in("converge")
    lab.root("ansan", "mkdir -p /etc/dure; echo > /etc/dure/file_share")
    line = told_at_the_end(run, 300)
    assert line.startswith(
        f"error: {ANSAN}: step converge failed, because `file_share: Make the directory of settings` failed: "
    )
    assert "/etc/dure/file_share" in line
    assert f"operator provision {ANSAN}" in line
    lab.root("ansan", "rm /etc/dure/file_share")
    heals(operator)


def test_a_package_cannot_be_installed(operator: SmallOperator, lab: Lab) -> None:
    run = start(operator)
    run.until_in("converge")
    lab.root("ansan", "mkdir -p /etc/samba/smb.conf/in-the-way")
    line = told_at_the_end(run, 300)
    assert line.startswith(f"error: {ANSAN}: step converge failed, because `base: Install the packages of all roles`")
    assert "dpkg: error processing package samba-common" in line
    lab.root("ansan", "rm -r /etc/samba/smb.conf")
    heals(operator)


def test_the_boxs_disk_is_full(operator: SmallOperator, lab: Lab) -> None:
    lab.fresh("ansan", disk_megabytes=700)
    lab.root("ansan", "fallocate -l 660M /full || dd if=/dev/zero of=/full bs=1M count=660")
    line = told_at_the_end(start(operator), 300)
    assert line.startswith(f"error: {ANSAN}: step ")
    assert "No space left on device" in line or "enough free space" in line
    assert f"operator provision {ANSAN}" in line
    lab.root("ansan", "rm /full")
    heals(operator)


@pytest.fixture
def with_cloud(operator: SmallOperator, tmp_path: Path) -> SmallOperator:
    """The same with a vault in AWS."""
    return SmallOperator(operator.workspace, operator.lab, small_program(tmp_path / "program", cloud=True))


@pytest.fixture
def faults(with_cloud: SmallOperator, lab: Lab) -> Iterator[Faults]:
    """What stands between the workspace and its AWS."""
    file = with_cloud.workspace / ".dure" / "local.yaml"
    settings = yaml.safe_load(file.read_text())
    with faulty(settings["aws_endpoint"]) as proxy:
        file.write_text(yaml.safe_dump({**settings, "aws_endpoint": proxy.endpoint}))
        yield proxy


def test_aws_answers_500(with_cloud: SmallOperator, faults: Faults) -> None:
    faults.failing = making_bucket
    line = told_at_the_end(start(with_cloud), 300)
    faults.failing = None
    assert line.startswith(f"error: {ANSAN}: step cloud_up failed, because ")
    assert "500" in line
    assert f"operator provision {ANSAN}" in line
    heals(with_cloud)
