"""The first state of a new stack, written without a start of the engine."""

import json
from pathlib import Path

import pytest
from dure.cloud.states import make_bare, state_file


@pytest.fixture
def states(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PULUMI_BACKEND_URL", f"file://{tmp_path}")
    made = tmp_path / ".pulumi"
    made.mkdir()
    return made


def test_where_the_engine_made_one_the_next_is_written_as_it_would(states: Path) -> None:
    (states / "meta.yaml").write_text("version: 1\n")
    assert make_bare("alpha.main")
    (file,) = (states / "stacks" / "dure").iterdir()
    assert file == state_file("alpha.main")
    assert json.loads(file.read_text()) == {"version": 3, "checkpoint": {"stack": "organization/dure/alpha.main"}}


def test_a_backend_without_the_engines_mark_is_left_to_the_engine(states: Path) -> None:
    assert not make_bare("alpha.main")
    assert list(states.iterdir()) == []


def test_a_backend_that_is_no_directory_is_left_to_the_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PULUMI_BACKEND_URL", "s3://states")
    assert not make_bare("alpha.main")


def test_a_state_that_stands_is_not_replaced(states: Path) -> None:
    (states / "meta.yaml").write_text("version: 1\n")
    file = states / "stacks" / "dure" / "alpha.main.json"
    file.parent.mkdir(parents=True)
    file.write_text("a whole state")
    assert make_bare("alpha.main")
    assert file.read_text() == "a whole state"
    assert list(file.parent.iterdir()) == [file]
