"""What every command has in common: help, version, errors as a line and as JSON, an output that is full."""

import json
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from dure.cli.main import COMMANDS
from dure.runs.journal import create_run
from dure.store.database import Store, store_at
from dure.store.tables import Run

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "hanbit-it"
PROGRAM = [str(Path(sys.executable).parent / "operator")]


def operator(*arguments: str, **more: object) -> "subprocess.CompletedProcess[str]":
    return subprocess.run([*PROGRAM, *arguments], text=True, stderr=subprocess.PIPE, **more)  # type: ignore[call-overload,no-any-return]


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_every_command_helps_with_an_example(command: str) -> None:
    told = operator(command, "--help", stdout=subprocess.PIPE)
    assert told.returncode == 0
    text = " ".join(word for word in told.stdout.split() if word != "│")
    assert f"Example: operator {command}" in text


def test_an_error_is_an_object_on_stdout_when_json_is_asked_for() -> None:
    told = operator("plan", "hansol-plastics/nowhere", "--json", "-w", str(EXAMPLE), stdout=subprocess.PIPE)
    assert told.returncode == 2
    assert "nowhere" in json.dumps(json.loads(told.stdout)["error"])
    assert told.stderr.startswith("error: ")


@pytest.mark.parametrize(
    "wrong", [["plan", "--json"], ["plan", "a/b", "--bogus", "--json"], ["runs", "nope", "--json"]]
)
def test_a_wrong_command_line_is_told_as_json_too(wrong: list[str]) -> None:
    told = operator(*wrong, stdout=subprocess.PIPE)
    assert told.returncode == 2
    error = json.loads(told.stdout)["error"]
    assert error["what"]
    assert error["mend"] == f"operator {wrong[0]} --help"
    assert "Usage: operator" in told.stderr


def test_a_wrong_word_is_repeated_without_what_moves_the_cursor() -> None:
    told = operator("plan", "a/b", "x\x1b[2J\u202ey", stdout=subprocess.PIPE)
    assert told.returncode == 2
    assert "unexpected extra argument" in told.stderr
    assert not {"\x1b", "\u202e"} & set(told.stderr)


def test_problems_of_the_workspace_come_as_json_too(tmp_path: Path) -> None:
    (tmp_path / "operator.yaml").write_text("msp: 7\n")
    (tmp_path / "customers").mkdir()
    (tmp_path / "customers" / "a.yaml").write_text("id: a\n")
    told = operator("plan", "a/b", "--json", "-w", str(tmp_path), stdout=subprocess.PIPE)
    assert told.returncode == 2
    problems = json.loads(told.stdout)["problems"]
    assert {"file", "line", "column", "what", "why", "mend"} == set(problems[0])


def test_a_full_output_ends_with_one_line_instead_of_a_traceback() -> None:
    with Path("/dev/full").open("w") as full:
        told = operator("plan", "hansol-plastics/ansan", "-w", str(EXAMPLE), stdout=full)
    assert told.returncode == 1
    assert told.stderr.count("\n") == 1
    assert "No space left" in told.stderr


def test_a_log_whose_last_line_is_half_written_is_shown_without_it(tmp_path: Path) -> None:
    root = tmp_path / "workspace"
    shutil.copytree(EXAMPLE, root)
    run = new_run(store_at(root, ""))
    file = root / ".dure" / "artifacts" / run / "events.jsonl"
    file.parent.mkdir(parents=True)
    whole = {"at": 1.0, "kind": "note", "step": "converge", "text": "half way", "state": "", "seconds": None}
    file.write_text(json.dumps(whole) + '\n{"at": 2.0, "ki', encoding="utf-8")
    told = operator("runs", "logs", run, "-w", str(root), stdout=subprocess.PIPE)
    assert (told.returncode, "half way" in told.stdout) == (0, True)


def new_run(store: Store) -> str:
    """A run of which only the store knows."""
    plain = dict.fromkeys(("engineer", "reason", "plan_digest", "error", "cancel_by"), "")
    at = datetime.now(UTC)
    row = Run(
        id="20261124-1", kind="provision", site="hub", state="open", started_at=at, request={}, holder={}, **plain
    )
    create_run(store, row)
    return row.id
