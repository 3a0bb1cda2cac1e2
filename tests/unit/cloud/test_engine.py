"""Where the Pulumi CLI comes from, with stand-ins for what is on PATH."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from dure.cloud import engine, engine_home
from dure.errors import DureError

Put = Callable[[str, str], Path]

BUILDS = """
case "$1" in
  env) echo go1.26.8 ;;
  build)
    count="$DURE_CACHE/builds"; echo x >> "$count"
    mkdir -p "$GOPATH/pkg/mod/m"; chmod 500 "$GOPATH/pkg/mod/m"
    for last; do :; done
    while [ "$1" != "-o" ]; do shift; done
    printf '#!/bin/sh\\necho v3.259.0\\n' > "$2"; chmod 755 "$2" ;;
esac
"""


@pytest.fixture
def put(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Put:
    """Programs on a PATH that has only the shell's own besides, and an empty cache."""
    programs = tmp_path / "bin"
    programs.mkdir()
    for name in ("sh", "mkdir", "chmod", "echo"):
        (programs / name).symlink_to(Path("/bin") / name)
    monkeypatch.setenv("PATH", str(programs))
    monkeypatch.setenv("DURE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(engine, "INSTALLER_HOST", "127.0.0.1")

    def write(name: str, script: str) -> Path:
        (programs / name).write_text(f"#!/bin/sh\n{script}")
        (programs / name).chmod(0o755)
        return programs / name

    return write


def quiet(line: str) -> None:
    """No progress wanted."""


@pytest.mark.parametrize("version", ["v3.206.0", "v3.259.0", "v3.300.1"])
def test_one_on_path_is_taken_when_it_suits(put: Put, version: str) -> None:
    on_path = put("pulumi", f"echo {version}")
    assert engine.ensure_pulumi(quiet) == engine.find_pulumi() == on_path


@pytest.mark.parametrize("said", ["echo v3.205.0", "echo v4.0.0", "echo nonsense", "exit 1"])
def test_one_on_path_that_does_not_suit_is_passed_by(put: Put, said: str) -> None:
    put("pulumi", said)
    put("go", BUILDS)
    assert engine.ensure_pulumi(quiet) == engine.cached_engine()


def test_it_is_built_once_where_the_installer_cannot_be_reached(put: Put) -> None:
    put("go", BUILDS)
    lines: list[str] = []
    begun = time.monotonic()
    built = engine.ensure_pulumi(lines.append)
    assert time.monotonic() - begun < 10, "an installer that does not answer is given up at once"
    assert (
        subprocess.run([built, "version"], capture_output=True, text=True, check=True).stdout.strip() == engine.VERSION
    )
    assert "cannot be reached" in lines[0]
    assert lines[-1].startswith(f"the Pulumi CLI {engine.VERSION} is ready")
    assert sorted(one.name for one in built.parent.iterdir()) == ["lock", "pulumi"], "sources and caches are gone"
    assert engine.ensure_pulumi(quiet) == built
    assert (Path(os.environ["DURE_CACHE"]) / "builds").read_text() == "x\n"


def test_two_processes_at_once_make_one(put: Put) -> None:
    put("go", BUILDS)
    script = (
        "import sys; from dure.cloud import engine; engine.INSTALLER_HOST = '127.0.0.1';"
        "print(engine.ensure_pulumi(lambda line: print(line, file=sys.stderr)))"
    )
    both = [subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True) for _ in range(2)]
    assert {one.communicate(timeout=60)[0].strip() for one in both} == {str(engine.cached_engine())}
    assert (Path(os.environ["DURE_CACHE"]) / "builds").read_text() == "x\n"


@pytest.mark.parametrize(
    ("go", "said"),
    [
        ("", "there is no Pulumi CLI and no Go to build it with"),
        ("echo go1.19.8", "Go is too old to build the Pulumi CLI"),
        ("exit 1", "Go does not work"),
        ('[ "$1" = env ] && echo go1.26.8 && exit 0; echo "disk full" >&2; exit 1', "could not be built.*disk full"),
    ],
)
def test_without_a_fit_go_one_line_says_what_to_do(put: Put, go: str, said: str) -> None:
    if go:
        put("go", go)
    with pytest.raises(DureError, match=said) as missing:
        engine.ensure_pulumi(quiet)
    assert "put it on PATH" in missing.value.mend
    assert "\n" not in missing.value.line()
    assert not engine.cached_engine().exists()


def test_old_logs_of_the_engine_go_and_are_looked_for_once_an_hour(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DURE_CACHE", str(tmp_path))
    home = engine_home.engine_home()
    logs = home / "logs"
    logs.mkdir()
    now = time.time()
    for name, age in (("old", engine_home.LOGS_KEPT + 60), ("new", 60.0)):
        (logs / f"{name}.log").touch()
        os.utime(logs / f"{name}.log", (now - age, now - age))
    assert engine_home.engine_home() == home
    assert len(list(logs.iterdir())) == 2, "it was looked at a moment ago"
    os.utime(home / ".logs-swept", (now - engine_home.SWEEP_EVERY - 1,) * 2)
    engine_home.engine_home()
    assert [one.name for one in logs.iterdir()] == ["new.log"]


def test_a_version_is_asked_once_of_a_file_as_it_is(tmp_path: Path) -> None:
    program, asked = tmp_path / "pulumi", tmp_path / "asked"
    script = f"#!/bin/sh\necho . >> {asked}\necho v3.%s.0\n"
    program.write_text(script % "210")
    program.chmod(0o700)
    assert [engine._version_of(program) for _ in range(3)] == [(3, 210, 0)] * 3
    assert asked.read_text().count(".") == 1
    program.write_text(script % "2110")
    assert engine._version_of(program) == (3, 2110, 0)
