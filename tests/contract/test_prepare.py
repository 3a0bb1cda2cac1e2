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


def test_without_a_registry_set_up_stops_in_one_line_and_leaves_no_environment(checkout: Path) -> None:
    nowhere = {"PIP_INDEX_URL": "http://127.0.0.1:9/simple", "PIP_FIND_LINKS": "", "PIP_CONFIG_FILE": os.devnull}
    cached = {"DURE_CACHE": str(ROOT / ".cache" / "nothing"), "GOPROXY": "off"}
    code, message = prepare(checkout, "test", **nowhere, **cached)
    assert code == 2
    assert message.count("\n") == 0
    assert "registry" in message
    assert not (checkout / ".venv").exists()


def test_without_pulumi_and_go_set_up_names_what_to_install(checkout: Path, tmp_path: Path) -> None:
    programs = tmp_path / "bin"
    programs.mkdir()
    for name in ("unshare", "dpkg-query", "apt-get"):
        if found := shutil.which(name):
            (programs / name).symlink_to(found)
    code, message = prepare(checkout, "test", PATH=str(programs), DURE_CACHE=str(tmp_path / "cache"))
    assert code == 2
    assert message.startswith("cannot go on:")
    assert "Go 1.25" in message
