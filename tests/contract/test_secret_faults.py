"""What goes wrong with `operator secrets` is told before anything is written."""

import shutil
from pathlib import Path

import pytest

from tests.contract.bad_workspace import GOOD, build
from tests.contract.command import operator

LARGE = "x" * (64 * 1024 + 1)


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    return build({}, tmp_path)


@pytest.mark.parametrize(
    "arguments", [("list", "alhpa"), ("list", "alhpa", "--json"), ("set", "alhpa/modem")], ids=lambda one: one[0]
)
def test_a_customer_that_is_not_there_is_told_with_the_nearest(arguments: tuple[str, ...], workspace: Path) -> None:
    refused = operator("secrets", *arguments, "-w", workspace, stdin="x")
    assert (refused.code, bool(refused.stdout)) == (2, "--json" in arguments)
    assert 'no customer "alhpa"' in refused.stderr
    assert 'To mend: write "alpha"' in refused.stderr
    assert [file.name for file in (workspace / "secrets").iterdir()] == ["alpha.yaml"]


def test_list_reads_nothing_outside_the_workspace(workspace: Path) -> None:
    shutil.copy(GOOD / "secrets" / "alpha.yaml", workspace.parent / "stolen.yaml")
    refused = operator("secrets", "list", "../../stolen", "-w", workspace)
    assert (refused.code, refused.stdout) == (2, "")


def test_a_value_too_large_to_keep_is_refused(workspace: Path) -> None:
    (workspace / "large").write_text(LARGE)
    for options, stdin in (((), LARGE), (("--file", workspace / "large"), "")):
        refused = operator("secrets", "set", "alpha/modem", *options, "-w", workspace, stdin=stdin)
        assert refused.code == 2
        assert "at most 65,536 bytes" in refused.stderr
    assert operator("secrets", "set", "alpha/modem", "-w", workspace, stdin=LARGE[:-1]).code == 0
    assert operator("secrets", "list", "alpha", "-w", workspace).code == 0


def test_a_file_that_would_grow_past_what_is_read_is_not_written(workspace: Path) -> None:
    file = workspace / "secrets" / "alpha.yaml"
    row = f"age:00000000:{'A' * 60_000}"
    file.write_text("".join(f"n{number}: {row}\n" for number in range(17)))
    before = file.read_bytes()
    refused = operator("secrets", "set", "alpha/modem", "-w", workspace, stdin=LARGE[:-1])
    assert refused.code == 2
    assert "secrets/alpha.yaml is full" in refused.stderr
    assert file.read_bytes() == before


@pytest.mark.parametrize(("content", "why"), [(b"\xff\xfe", "not UTF-8"), (None, "Is a directory")])
def test_a_value_that_is_no_text_is_refused(content: bytes | None, why: str, workspace: Path) -> None:
    file = workspace / "value"
    if content is None:
        file.mkdir()
    else:
        file.write_bytes(content)
    refused = operator("secrets", "set", "alpha/modem", "--file", file, "-w", workspace)
    assert refused.code == 2
    assert f"{file}: the value cannot be read, because" in refused.stderr
    assert why in refused.stderr
    assert operator("secrets", "set", "alpha/modem", "-w", workspace, stdin="\udcff").code == 2


def test_a_recipient_that_is_none_is_told_as_it_was_given(workspace: Path) -> None:
    refused = operator("secrets", "recipients", "--add", "garbage", "-w", workspace)
    assert refused.code == 2
    assert refused.stderr.startswith('error: "garbage" is not a recipient, because')
    assert "operator.yaml:" not in refused.stderr


@pytest.mark.parametrize("identity", ["/dev/zero", "/dev/null"])
def test_a_device_is_no_identity(identity: str, workspace: Path) -> None:
    (workspace / ".dure").mkdir()
    (workspace / ".dure" / "local.yaml").write_text(f"age_identity: {identity}\n")
    refused = operator("secrets", "get", "--yes", "alpha/main/restic_password", "-w", workspace)
    assert refused.code == 1
    assert refused.stderr.startswith(f"error: {identity}: the identity cannot be read")
