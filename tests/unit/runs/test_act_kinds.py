"""Runs that are no state of a site."""

from dure.runs.journal import ACTS
from dure.runs.promise.records.command import KINDS


def test_every_import_is_one() -> None:
    assert {f"import {name}" for name in KINDS} < {*ACTS}
