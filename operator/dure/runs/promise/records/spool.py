"""Checked rows on their way to the store, in a temporary file that is sorted by key: memory does not grow with them."""

import json
import sqlite3
from collections.abc import Iterator
from itertools import groupby
from types import TracebackType
from typing import Self

from dure.runs.promise.records.kind import Values

CACHE_KIB = 8192
Key = tuple[str, ...]
Spooled = tuple[int, Values]
"""Line and values."""


class Spool:
    """Each key once. Gone when it is left."""

    def __enter__(self) -> Self:
        self._file = sqlite3.connect("", isolation_level=None)  # without a name it is a temporary file of its own
        self._file.execute(f"PRAGMA cache_size=-{CACHE_KIB}")
        self._file.execute(
            "CREATE TABLE row (customer TEXT, key TEXT, line INTEGER, content TEXT, PRIMARY KEY (customer, key)) "
            "WITHOUT ROWID"
        )
        self._file.execute("BEGIN")
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._file.close()

    def add(self, customer: str, key: Key, line: int, values: Values) -> int | None:
        """Keep a row; the line of the one that has its key already, else None."""
        name = "\x1f".join(key)
        content = json.dumps(values, separators=(",", ":"), ensure_ascii=False)
        insert = "INSERT OR IGNORE INTO row VALUES (?, ?, ?, ?)"
        if self._file.execute(insert, (customer, name, line, content)).rowcount:
            return None
        query = "SELECT line FROM row WHERE customer = ? AND key = ?"
        return int(self._file.execute(query, (customer, name)).fetchone()[0])

    def customers(self) -> Iterator[tuple[str, Iterator[Spooled]]]:
        """Customer after customer, each with its rows in the order of their keys; one pass."""
        rows = self._file.execute("SELECT customer, line, content FROM row ORDER BY customer, key")
        for customer, group in groupby(rows, key=lambda one: str(one[0])):
            yield customer, ((int(line), json.loads(content)) for _, line, content in group)
