"""`make demo` and `make test` find out first what a machine lacks, in one line, and leave nothing half done."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FILES = ("tools", "operator", "tests/packages.txt", "requirements-setup.lock", "requirements-dev.lock")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of what set-up reads, without .venv, readable by everybody."""
    target = tmp_path / "checkout"
    for name in FILES:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, target / name, ignore=shutil.ignore_patterns("__pycache__"))
        elif source.exists():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, target / name)
    return target


def prepare(checkout: Path, purpose: str, prefix: tuple[str, ...] = (), **variables: str) -> tuple[int, str]:
    """Exit code and the lines on stderr of one set-up with the system's own Python."""
    finished = subprocess.run(
        [*prefix, sys.executable, str(checkout / "tools/prepare.py"), purpose],
        capture_output=True,
        text=True,
        env={"PATH": os.environ["PATH"], "HOME": str(checkout), "PIP_RETRIES": "0", **variables},
        timeout=60,
    )
    return finished.returncode, finished.stderr.strip()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_demo_without_root_says_so_in_one_line_and_touches_nothing(checkout: Path) -> None:
    for directory in (checkout, *checkout.parents):
        if directory.stat().st_uid == os.geteuid() and directory != Path("/"):
            directory.chmod(directory.stat().st_mode | 0o055)
    interpreter = Path("/usr/bin/python3")
    finished = subprocess.run(
        ["setpriv", "--reuid=65534", "--clear-groups", str(interpreter), str(checkout / "tools/prepare.py"), "demo"],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert finished.returncode == 2
    assert finished.stderr.count("\n") == 1
    assert "needs root" in finished.stderr
    assert not (checkout / ".venv").exists()


NOWHERE = {
    "PIP_INDEX_URL": "http://127.0.0.1:9/simple", "PIP_FIND_LINKS": "", "PIP_CONFIG_FILE": os.devnull, "GOPROXY": "off",
}  # fmt: skip


def test_without_a_registry_set_up_stops_in_one_line_and_leaves_no_environment(checkout: Path) -> None:
    code, message = prepare(checkout, "test", DURE_CACHE=str(ROOT / ".cache" / "nothing"), **NOWHERE)
    assert code == 2
    assert message.count("\n") == 0
    assert "registry" in message
    assert not (checkout / ".venv").exists()


OTHER_SYSTEM = """
import pathlib, sys
sys.path.insert(0, "tools")
import prepare
prepare.OS_RELEASE = pathlib.Path(sys.argv.pop(1))
sys.exit(prepare.main())
"""


@pytest.mark.parametrize(
    ("os_release", "name"),
    [
        ('ID=ubuntu\nID_LIKE=debian\nVERSION_ID="24.04"\nPRETTY_NAME="Ubuntu 24.04.1 LTS"\n', "Ubuntu 24.04.1 LTS"),
        ('PRETTY_NAME="Debian GNU/Linux 11 (bullseye)"\nID=debian\nVERSION_ID="11"\n', "Debian GNU/Linux 11"),
        ('# newest\nID=debian\nVERSION_ID="13"\n', "debian 13"),
        ("ID=arch\n", "arch"),
        (None, "unknown"),
    ],
    ids=["Ubuntu", "Debian 11", "Debian 13", "Arch", "unknown"],
)
def test_demo_on_another_system_says_so_before_anything_is_installed(
    checkout: Path, tmp_path: Path, os_release: str | None, name: str
) -> None:
    file = tmp_path / "os-release"
    if os_release is not None:
        file.write_text(os_release)
    finished = subprocess.run(
        [sys.executable, "-B", "-c", OTHER_SYSTEM, str(file), "demo"],
        capture_output=True, text=True, timeout=60, cwd=checkout,
    )  # fmt: skip
    assert finished.returncode == 2
    assert finished.stderr.count("\n") == 1
    assert f"needs Debian 12 and this is {name}" in finished.stderr
    assert "use a Debian 12 machine" in finished.stderr
    assert not (checkout / ".venv").exists()


@pytest.fixture
def programs(tmp_path: Path) -> Path:
    """A PATH with what set-up looks for, and an apt-get that leaves a mark; neither pulumi nor go."""
    directory = tmp_path / "bin"
    directory.mkdir()
    for name in ("sh", "unshare", "true", "dpkg-query", "touch"):
        if found := shutil.which(name):
            (directory / name).symlink_to(found)
    put(directory, "apt-get", f"touch {tmp_path / 'apt-was-called'}")
    return directory


def put(programs: Path, name: str, script: str) -> None:
    (programs / name).unlink(missing_ok=True)
    (programs / name).write_text(f"#!/bin/sh\n{script}\n")
    (programs / name).chmod(0o755)


def prepare_with(checkout: Path, programs: Path, purpose: str = "test", **variables: str) -> str:
    """The line with which set-up stops, given these programs alone and an empty cache."""
    settings = {"PATH": str(programs), "DURE_CACHE": str(programs.parent / "cache"), **NOWHERE, **variables}
    code, message = prepare(checkout, purpose, **settings)
    assert code == 2
    assert message.count("\n") == 0
    assert message.startswith("cannot go on:")
    assert not (checkout / ".venv").exists()
    assert not (programs.parent / "apt-was-called").exists()
    assert not list((checkout / "operator").rglob("__pycache__"))
    return message


def test_without_pulumi_and_go_set_up_names_what_to_install(checkout: Path, programs: Path) -> None:
    assert "install Go 1.25 or newer" in prepare_with(checkout, programs)


def test_go_that_is_too_old_is_told_before_anything_is_installed(checkout: Path, programs: Path) -> None:
    put(programs, "go", "echo go1.24.9")
    message = prepare_with(checkout, programs)
    assert "Go is too old" in message
    assert "it is go1.24.9" in message
    assert "install Go 1.25 or newer" in message


@pytest.mark.parametrize("version", ["v3.200.0", "v4.0.0"])
def test_pulumi_that_does_not_suit_is_told_where_nothing_can_build_another(
    checkout: Path, programs: Path, version: str
) -> None:
    put(programs, "pulumi", f"echo {version}")
    message = prepare_with(checkout, programs)
    assert "the Pulumi CLI on PATH does not suit" in message
    assert f"it is {version[1:]}, 3.206 or newer, below 4.0, is wanted" in message


REQUIRING_ALONE = "import sys; sys.path.insert(0, 'tools'); import prepare; prepare.require_programs('test')"


@pytest.mark.parametrize(("name", "says"), [("pulumi", "v3.206.0"), ("go", "go1.25.0")])
def test_pulumi_that_suits_or_go_that_can_build_it_is_enough(
    checkout: Path, programs: Path, name: str, says: str
) -> None:
    put(programs, name, f"echo {says}")
    finished = subprocess.run(
        [sys.executable, "-B", "-c", REQUIRING_ALONE],
        capture_output=True, text=True, timeout=60, cwd=checkout,
        env={"PATH": str(programs), "HOME": str(checkout), "DURE_CACHE": str(programs.parent / "cache")},
    )  # fmt: skip
    assert (finished.returncode, finished.stderr) == (0, "")


@pytest.mark.skipif(os.geteuid() != 0, reason="who is not root is told so first")
def test_demo_without_namespaces_says_so_before_anything_is_installed(checkout: Path, programs: Path) -> None:
    put(programs, "unshare", "exit 1")
    message = prepare_with(checkout, programs, "demo")
    assert "refuses namespaces: use a virtual machine, or a container with full privileges" in message
