"""Secret files stand on tmpfs, for their owner alone, and are gone afterwards, even after a kill."""

import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from dure.secrets import secret_files
from dure.secrets.files import PREFIX, memory_directory

ROOT = Path(__file__).parents[3]


def test_files_are_for_their_owner_alone_and_gone_afterwards() -> None:
    with secret_files({"restic_password": "열쇠", "raw": b"\x00\xff"}) as directory:
        assert stat.S_IMODE(directory.stat().st_mode) == 0o700
        assert {stat.S_IMODE(file.stat().st_mode) for file in directory.iterdir()} == {0o600}
        assert (directory / "restic_password").read_text(encoding="utf-8") == "열쇠"
        assert (directory / "raw").read_bytes() == b"\x00\xff"
        kind = subprocess.run(["stat", "-f", "-c", "%T", str(directory)], check=True, capture_output=True, text=True)
        assert kind.stdout.strip() in ("tmpfs", "ramfs")
    assert not directory.exists()


def test_an_error_inside_removes_them_too() -> None:
    with pytest.raises(RuntimeError), secret_files({"a": "b"}) as directory:
        raise RuntimeError
    assert not directory.exists()


@pytest.mark.parametrize("name", ["../a", "a/b", ".hidden"])
def test_a_name_that_leads_elsewhere_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="is not a file name"), secret_files({name: "x"}):
        pass


def test_what_a_killed_process_left_is_removed_by_the_next() -> None:
    ask = (
        "import os, sys\nfrom dure.secrets import secret_files\n"
        "with secret_files({'a': 'b'}) as directory:\n    print(directory, flush=True)\n    sys.stdin.read()\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "operator")}
    with subprocess.Popen(
        [sys.executable, "-c", ask], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
    ) as process:
        assert process.stdout is not None
        left = Path(process.stdout.readline().strip())
        with secret_files({}):
            assert left.exists(), "a living process keeps its files"
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert left.exists()
    with secret_files({}):
        assert not left.exists()
    assert list(memory_directory().glob(f"{PREFIX}{process.pid}-*")) == []
