"""The credits of a month as a table for a spreadsheet."""

import csv
import io
from dataclasses import dataclass
from typing import cast

from dure.runs.promise.credits import COLUMNS, Bill, write_csv


@dataclass
class Lines:
    """A bill of one service that has the given name."""

    name: str

    def lines(self) -> list[tuple[str, ...]]:
        return [("2026-10", "aa", self.name, *("" for _ in COLUMNS[3:]))]

    def total(self) -> tuple[str, ...]:
        return self.lines()[0]


def test_a_name_that_a_spreadsheet_would_run_stays_a_name() -> None:
    stream = io.StringIO()
    write_csv([cast("Bill", Lines("=1+2"))], stream)
    _, line, total = csv.reader(io.StringIO(stream.getvalue()))
    assert line[2] == total[2] == "'=1+2"
