"""The store's disk fills up: said so, and gone on with once there is room."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.unit.runs.conftest import Office
from tests.unit.runs.test_durable import PROGRAM, Work

pytestmark = pytest.mark.lab  # needs root, to mount a small disk in a mount namespace of its own

FILL_AND_MEND = """
set -u
mount -t tmpfs -o size={size} tmpfs {state}
{program} {workspace} {log} 2> {log}.said && exit 9
mount -o remount,size=50m {state}
exec {program} {workspace} {log} {again}
"""


@pytest.fixture
def work(office: Office, tmp_path: Path) -> Work:
    (office.root / ".dure").mkdir()
    work = Work(office, tmp_path / "log")
    work.log.with_suffix(".stop").write_text("")
    return work


@pytest.mark.parametrize(
    ("size", "said", "again"),
    [
        ("120k", "the store cannot be written, because its disk is full", ""),
        ("400k", "the journal of runs cannot be used, because", "run-1"),
    ],
)
def test_a_full_disk_is_named_and_the_run_goes_on_once_there_is_room(
    work: Work, size: str, said: str, again: str
) -> None:
    root = work.office.root
    program = f"{sys.executable} {PROGRAM}"
    script = FILL_AND_MEND.format(
        size=size,
        state=root / ".dure",
        program=program,
        workspace=root,
        log=work.log,
        again=again,
    )
    mended = subprocess.run(["unshare", "--mount", "sh", "-c", script], capture_output=True, text=True, timeout=120)
    message = Path(f"{work.log}.said").read_text().splitlines()[-1]
    assert said in message
    assert "full" in message
    assert "df -h" in message
    assert mended.returncode == 0, mended.stderr
    assert work.lines()[-1] == "all one two three four five"
