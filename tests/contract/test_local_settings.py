"""`.dure/local.yaml`, written by people and by the lab: faults are told as those of any other file."""

from pathlib import Path

import pytest

from tests.contract.bad_workspace import build
from tests.contract.command import operator


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"engineer: 3\n", '.dure/local.yaml:1:11: engineer is "3", a number, because text belongs here'),
        (b"\nproxy_comand: x\n", '.dure/local.yaml:2:1: unknown key "proxy_comand", because nothing reads it'),
        (b"- a\n", ".dure/local.yaml:1:1: the file is a list, because a mapping belongs here"),
        (b"a: : :\n", ".dure/local.yaml:1:4: the file is not YAML"),
        (b"engineer: !!python/name:os.system x\n", ".dure/local.yaml:1:11: tag !!python/name:os.system is not read"),
        (b"database_ways: { db.example: localhost }\n", '.dure/local.yaml:1:30: "localhost" is no way to a database'),
        (b"\xff\xfe", ".dure/local.yaml:1:1: byte 0xff is not UTF-8"),
    ],
)
def test_a_fault_is_told_at_its_place(content: bytes, told: str, tmp_path: Path) -> None:
    root = build({}, tmp_path)
    (root / ".dure").mkdir()
    (root / ".dure" / "local.yaml").write_bytes(content)
    outcome = operator("secrets", "list", "-w", root)
    assert outcome.code == 2
    assert outcome.stderr.splitlines()[1].startswith(told)


def test_a_directory_or_a_pipe_in_its_place_is_told_and_not_waited_for(tmp_path: Path) -> None:
    root = build({"directory": [".dure", ".dure/local.yaml"]}, tmp_path)
    outcome = operator("secrets", "list", "-w", root)
    assert outcome.code == 2
    assert ".dure/local.yaml is not a file" in outcome.stderr


def test_an_empty_file_is_the_defaults(tmp_path: Path) -> None:
    root = build({"directory": [".dure"], "write": {}}, tmp_path)
    (root / ".dure" / "local.yaml").write_text("# nothing yet\n")
    assert operator("secrets", "list", "-w", root).code == 0
