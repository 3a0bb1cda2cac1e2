"""The lab for tests: one for the whole session, as new for each module.

DURE_LAB names it (default `test`); DURE_KEEP_LAB=1 leaves it up for the next session. Under `pytest -n 2` each worker
has a lab of its own, and tests that share a fixture stay together.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from dure.lab.host import lock, unfit
from dure.lab.instance import Lab
from dure.lab.workspace import Prepared, prepare

ROOT = Path(__file__).parents[2]
PROGRAM = Path(sys.executable).parent / "operator"


LONGEST = "test_provision.py"
"""Begun first, so that the workers end at about the same time."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest module to the front."""
    items.sort(key=lambda item: item.path.name != LONGEST)


@dataclass(frozen=True, slots=True)
class Operator:
    """Runs the `operator` command as users do: as a process, in a workspace."""

    workspace: Path
    lab: str

    def __call__(
        self, *arguments: str, expect: int | None = 0, seconds: float = 600, **variables: str
    ) -> subprocess.CompletedProcess[str]:
        """The finished command; AssertionError with its output when its exit code is not `expect` (None: any)."""
        done = subprocess.run(
            [str(PROGRAM), *arguments],
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
            cwd=self.workspace,
            env=self.environment(**variables),
        )
        said = f"operator {' '.join(arguments)} ended with {done.returncode}\n{done.stdout}\n{done.stderr}"
        assert expect is None or done.returncode == expect, said
        return done

    def start(self, *arguments: str, **variables: str) -> "subprocess.Popen[str]":
        """The command in the background, in a process group of its own; output on one pipe."""
        return subprocess.Popen(
            [str(PROGRAM), *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            cwd=self.workspace,
            env=self.environment(**variables),
            start_new_session=True,
        )

    def environment(self, **variables: str) -> dict[str, str]:
        """Ours, pointed at this workspace and lab."""
        return {**os.environ, "DURE_WORKSPACE": str(self.workspace), "DURE_LAB": self.lab, **variables}


@pytest.fixture(scope="session")
def fit_host() -> None:
    """Skips with the reason where the lab cannot run; in CI that is a failure."""
    skip_or_fail(unfit(), os.environ.get("CI") == "true")


def skip_or_fail(reason: str | None, in_ci: bool) -> None:
    """Skip with the reason that the host is unfit for; fail in CI, which must not lose tests unseen."""
    if reason and in_ci:
        pytest.fail(f"CI must run the lab's tests, and this host cannot: {reason}")
    if reason:
        pytest.skip(reason)


@pytest.fixture(autouse=True)
def _lab_tests_need_a_fit_host(request: pytest.FixtureRequest) -> None:
    if request.node.get_closest_marker("lab"):
        request.getfixturevalue("fit_host")


@pytest.fixture(scope="session")
def session_lab(fit_host: None) -> Iterator[Lab]:
    """The lab as the module before left it; most tests want `lab`."""
    name = (os.environ.get("DURE_LAB", "") or "test") + os.environ.get("PYTEST_XDIST_WORKER", "").removeprefix("gw")
    with lock(f"dure-lab-session-{name}", busy=f"another test session uses the lab `{name}`"):
        lab = Lab(name)
        lab.up()
        yield lab
        if os.environ.get("DURE_KEEP_LAB") != "1":
            lab.down()


@pytest.fixture(scope="module")
def lab(session_lab: Lab) -> Lab:
    """At the start of each module: machines as they left the factory, lines whole, the AWS double empty."""
    session_lab.reset()
    return session_lab


@pytest.fixture
def prepared(lab: Lab, tmp_path: Path) -> Prepared:
    """A copy of the example workspace with keys and secrets for this lab."""
    return prepare(ROOT / "examples" / "hanbit-it", tmp_path / "workspace", lab)


@pytest.fixture
def workspace(prepared: Prepared) -> Path:
    """The root of `prepared`."""
    return prepared.root


@pytest.fixture
def operator(workspace: Path, lab: Lab) -> Operator:
    """The command, run in `workspace`."""
    return Operator(workspace, lab.name)
