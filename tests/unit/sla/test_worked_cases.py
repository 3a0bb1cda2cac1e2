"""The worked cases come out exactly: by the command, and by the slow oracle that the engine is compared with."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given

from tests.unit.sla import engine, oracle
from tests.unit.sla.cases import accounting_cases
from tests.unit.sla.examples import tried

CASES = [json.loads(line) for line in (Path(__file__).parent / "data/cases.jsonl").read_text("utf-8").splitlines()]
SMALL = [row for row in CASES if isinstance(row["case"]["period"], list)]


def test_there_are_fifty_five_of_them() -> None:
    assert len({row["id"] for row in CASES}) == 55


@pytest.mark.parametrize("row", CASES, ids=lambda row: row["id"])
def test_a_worked_case_comes_out_exactly(row: dict[str, Any]) -> None:
    assert engine.explained(row["case"]) == row["expect"]


@pytest.mark.parametrize("row", SMALL, ids=lambda row: row["id"])
def test_the_oracle_agrees_with_the_worked_cases(row: dict[str, Any]) -> None:
    assert oracle.explained(row["case"]) == row["expect"]


@tried
@given(accounting_cases())
def test_engine_and_oracle_agree_on_any_case(case: dict[str, Any]) -> None:
    assert engine.explained(case) == oracle.explained(case)
