"""What cannot be written is told in one line, and nothing that stood before is lost."""

import errno
import os
from collections.abc import Callable
from pathlib import Path
from unittest import mock

import pytest

from tests.contract.bad_workspace import build
from tests.contract.command import operator

SET = ("secrets", "set", "alpha/modem")
ALLOCATE = ("allocate", "alpha/main")


def a_file(path: Path) -> None:
    path.write_text("")


@pytest.mark.parametrize(
    ("command", "blocked", "block"),
    [
        (ALLOCATE, ".dure", a_file),
        (ALLOCATE, ".dure/allocations.lock", Path.mkdir),
        (SET, ".dure", a_file),
        (SET, ".dure/secrets.lock", Path.mkdir),
        (SET, "secrets", a_file),
        (("schema", "--write"), ".schema", a_file),
        (("schema", "--write"), ".schema/customer.schema.json", Path.mkdir),
        (("plan", "alpha/main", "--diff"), ".dure/applied/alpha.main.json", Path.mkdir),
    ],
)
def test_something_else_in_the_place_is_told_with_path_and_mending(
    command: tuple[str, ...], blocked: str, block: Callable[[Path], None], tmp_path: Path
) -> None:
    root = build({"delete": ["secrets/alpha.yaml", "allocations.yaml"]}, tmp_path)
    if blocked == "secrets":
        (root / "secrets").rmdir()
    (root / blocked).parent.mkdir(parents=True, exist_ok=True)
    block(root / blocked)
    outcome = operator(*command, "-w", root, stdin="x")
    assert outcome.code in (1, 2), outcome.stderr
    (line,) = outcome.stderr.splitlines()[-1:]
    assert blocked in line
    assert "To mend: " in line


@pytest.mark.parametrize(("command", "file"), [(ALLOCATE, "allocations.yaml"), (SET, "secrets/alpha.yaml")])
def test_on_a_full_disk_the_old_file_stands_and_nothing_else_is_left(
    command: tuple[str, ...], file: str, tmp_path: Path
) -> None:
    root = build({"write": {"allocations.yaml": "# ours\n"}}, tmp_path)
    before = {path: path.read_bytes() for path in root.rglob("*") if path.is_file()}
    full = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    with mock.patch("os.fsync", side_effect=full):
        outcome = operator(*command, "-w", root, stdin="x")
    assert outcome.code == 1
    assert outcome.stderr.startswith(f"error: {root / file}: {Path(file).name} cannot be written, because No space")
    after = {path: path.read_bytes() for path in root.rglob("*") if path.is_file() and ".dure" not in path.parts}
    assert after == before


def test_a_file_keeps_its_mode_and_a_link_stays_one(tmp_path: Path) -> None:
    root = build({"write": {"elsewhere.yaml": ""}}, tmp_path)
    (root / "allocations.yaml").unlink()
    (root / "allocations.yaml").symlink_to("elsewhere.yaml")
    (root / "elsewhere.yaml").chmod(0o660)
    assert operator(*ALLOCATE, "-w", root).code == 0
    assert (root / "allocations.yaml").is_symlink()
    assert "alpha/main" in (root / "elsewhere.yaml").read_text(encoding="utf-8")
    assert (root / "elsewhere.yaml").stat().st_mode & 0o777 == 0o660


@pytest.mark.parametrize("command", [("status",), ("runs", "list"), ("audit", "show")])
def test_a_store_that_cannot_be_made_is_told_with_path_and_mending(command: tuple[str, ...], tmp_path: Path) -> None:
    root = build({}, tmp_path)
    a_file(root / ".dure")
    outcome = operator(*command, "-w", root)
    assert outcome.code in (1, 2)
    assert ".dure" in outcome.stderr
    assert "To mend: " in outcome.stderr


@pytest.mark.parametrize(
    ("settings", "store", "told", "code"),
    [
        ("", b"not a database at all, but long enough to be taken for one" * 20, "the store's file is damaged", 1),
        ("store_url: mysql://db/dure\n", b"", "it is written for SQLite and PostgreSQL", 2),
    ],
)
def test_a_store_that_is_none_is_told_as_that(
    settings: str, store: bytes, told: str, code: int, tmp_path: Path
) -> None:
    root = build({}, tmp_path)
    (root / ".dure").mkdir()
    (root / ".dure" / "local.yaml").write_text(settings)
    (root / ".dure" / "store.sqlite").write_bytes(store)
    outcome = operator("status", "-w", root)
    assert (outcome.code, told in outcome.stderr) == (code, True), outcome.stderr
    assert "To mend: " in outcome.stderr


def test_a_schema_directory_that_leads_elsewhere_is_not_written_through(tmp_path: Path) -> None:
    (tmp_path / "others").mkdir()
    root = build({}, tmp_path / "ours")
    (root / ".schema").symlink_to(tmp_path / "others")
    outcome = operator("schema", "--write", "-w", root)
    assert outcome.code == 4
    assert ".schema/operator.schema.json leads out of the workspace" in outcome.stderr
    assert list((tmp_path / "others").iterdir()) == []
