"""Outputs that are closed, broken or full, and arguments that are not UTF-8: one line and a code, never a traceback."""

import errno
import json
import os
import subprocess
import sys
from pathlib import Path
from unittest import mock

import pytest

from tests.contract.bad_workspace import build
from tests.contract.command import operator

PROGRAM = str(Path(sys.executable).parent / "operator")


def shell(line: str, root: Path) -> "subprocess.CompletedProcess[bytes]":
    """The line in bash, in the workspace; `O` is the command."""
    return subprocess.run(
        ["bash", "-c", line.replace("O ", f"{PROGRAM} ", 1)], cwd=root, capture_output=True, timeout=60, check=False
    )


@pytest.mark.parametrize(
    "line", ["O status >&-", "O plan alpha/main >&-", "O status <&- >&- 2>&-", "O plan alpha/main 2>&-"]
)
def test_a_closed_stream_is_as_good_as_none(line: str, tmp_path: Path) -> None:
    done = shell(line, build({}, tmp_path))
    assert (done.returncode, done.stderr) == (0, b"")


def test_what_is_said_to_a_closed_stream_reaches_no_file(tmp_path: Path) -> None:
    """The first file that is opened would get the number of the stream."""
    root = build({}, tmp_path)
    assert shell("O allocate nope/x 2>&- >&-", root).returncode == 2
    assert shell("O allocate alpha/main 2>&- >&-", root).returncode == 0
    assert not any(b"error" in file.read_bytes() for file in root.rglob("*") if file.is_file())


def test_an_error_whose_reader_went_away_is_told_without_a_traceback(tmp_path: Path) -> None:
    edits = {"big": {"customers/alpha.yaml": ["key: 1\n", 9000]}}
    done = shell("O plan alpha/main --json | head -3; exit ${PIPESTATUS[0]}", build(edits, tmp_path))
    assert b"Traceback" not in done.stderr
    assert done.stderr.startswith(b"error: the workspace has ")
    assert done.returncode in (1, 2)


@pytest.mark.parametrize("line", ["O plan nope/x --json >/dev/full", "O plan alpha/main >/dev/full"])
def test_a_full_output_says_that_space_is_to_be_made(line: str, tmp_path: Path) -> None:
    done = shell(line, build({}, tmp_path))
    assert done.returncode == 1
    assert b"Traceback" not in done.stderr
    told = b"error: No space left on device, because the disk is full. To mend: free space, then give the same command"
    assert told in done.stderr


def test_a_full_disk_is_told_with_the_path(tmp_path: Path) -> None:
    full = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "/var/full")
    with mock.patch("dure.cli.status.workspace_root", side_effect=full):
        done = operator("status")
    assert done.code == 1
    assert done.stderr.startswith("error: /var/full: No space left on device, because the disk is full. To mend: free")


@pytest.mark.parametrize(
    "line",
    [
        r"O restore alpha/main $'/srv/\xff'",
        r"O provision alpha/main --yes --reason $'\xff'",
        r"O vault rewind alpha/main --before 2026-11-01 --reason $'\xff'",
        r"O validate $'\xff'",
        r"O $'\xff'",
    ],
)
def test_an_argument_that_is_not_utf8_is_refused(line: str, tmp_path: Path) -> None:
    done = shell(line, build({}, tmp_path))
    assert (done.returncode, done.stdout, done.stderr.count(b"\n")) == (2, b"", 1)
    assert b"is not UTF-8" in done.stderr


def test_that_is_told_as_json_too(tmp_path: Path) -> None:
    done = shell(r"O runs show $'\xff' --json", build({}, tmp_path))
    assert done.returncode == 2
    assert json.loads(done.stdout)["error"]["what"] == 'argument 3 is not UTF-8: "\\xff"'
