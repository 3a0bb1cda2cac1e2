"""Recorded stacks: see tests/record_subjects.py."""

from functools import cache
from pathlib import Path

from dure.plan.subject import Subject

HERE = Path(__file__).parent
NAMES = tuple(sorted(file.stem for file in HERE.glob("*.json")))


@cache
def subject(name: str) -> Subject:
    return Subject.model_validate_json((HERE / f"{name}.json").read_bytes())
