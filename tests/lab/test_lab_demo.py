"""`make demo` goes on where it failed, makes a finished one anew, and removes nothing that is not its own."""

import subprocess
import sys
from pathlib import Path

import pytest
from dure.errors import DureError
from dure.lab import demo
from dure.lab.instance import Lab

from tests.lab.beside import name_beside

STEPS = [
    ("enrol", "hub"),
    ("provision", "hub"),
    ("enrol", demo.SITE),
    ("provision", demo.SITE),
    ("demo", "past"),
    ("report", demo.CUSTOMER),
]


def demonstrate(what: str, directory: Path, lab: str) -> subprocess.CompletedProcess[str]:
    argv = [sys.executable, "-m", "dure.lab.demo", what, "--directory", str(directory), "--lab", lab]
    return subprocess.run(argv, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize("what", ["up", "down"])
def test_a_directory_that_is_not_a_demonstrations_is_left_alone(what: str, tmp_path: Path) -> None:
    own = tmp_path / "demo"
    (own / ".dure").mkdir(parents=True)
    (own / "operator.yaml").write_text("내 작업\n")
    refused = demonstrate(what, own, "nolab")
    assert refused.returncode == 2
    assert f"error: {own} is not a demonstration's" in refused.stderr
    assert "--directory" in refused.stderr
    assert (own / "operator.yaml").read_text() == "내 작업\n"


@pytest.mark.lab
@pytest.mark.parametrize("what", ["up", "down"])
def test_a_lab_that_is_not_a_demonstrations_is_left_alone(what: str, session_lab: Lab, tmp_path: Path) -> None:
    refused = demonstrate(what, tmp_path / "demo", session_lab.name)
    assert refused.returncode == 2
    assert f"operator lab down --name {session_lab.name}" in refused.stderr
    assert session_lab.is_up()


class Engineer:
    """Stands in for the product's own command, which other tests run: keeps what was asked, and fails when told to."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, ...]] = []
        self.fails_at: tuple[str, ...] | None = None

    def __call__(self, workspace: Path, *arguments: str) -> None:
        assert (workspace / "operator.yaml").exists()
        self.asked.append(arguments[:2])
        if arguments[:2] == self.fails_at:
            raise DureError("it failed")


@pytest.mark.lab
def test_a_demonstration_that_failed_goes_on_and_a_finished_one_is_made_anew(
    session_lab: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engineer = Engineer()
    begun: list[tuple[Path, str]] = []
    monkeypatch.setattr(demo, "operator", engineer)
    directory = tmp_path / "demo"
    with name_beside(session_lab) as name:
        lab = Lab(name)
        try:
            engineer.fails_at = STEPS[1]
            with pytest.raises(DureError, match="it failed"):
                demo.up(directory, name, fast=True)
            assert engineer.asked == STEPS[:2]
            lab.root("hub", "touch /root/before")
            engineer.asked, engineer.fails_at = [], None
            demo.up(directory, name, fast=True)
            assert engineer.asked == STEPS[1:], "what had succeeded was done again"
            assert lab.root("hub", "ls /root").stdout == "before\n", "the lab was made anew"
            engineer.asked = []
            monkeypatch.setattr(demo, "begin", lambda directory, lab: begun.append((directory, lab.name)))
            demo.up(directory, name, fast=True)
            assert (engineer.asked, begun) == (STEPS, [(directory, name)])
            demo.down(directory, name)
            assert (lab.is_up(), directory.exists()) == (False, False)
        finally:
            lab.down()
