"""CSV with samples, spans, or the times in which a collector was dead, read line by line."""

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from dure.errors import UsageError
from dure.model.problem import Problem
from dure.model.text import printable
from dure.runs.promise.intake.batch import BadValue, Batch, Enough, read_latency, read_state, read_time

SAMPLES = ("customer", "check", "time", "state")
SPANS = ("customer", "check", "from", "to", "state")
DEAD = ("customer", "collector", "dead_from", "dead_to")
LATENCY = "latency_ms"
"""May stand beside the columns of samples, wherever it likes."""
LONGEST_LINE = 10_000


class NotText(Exception):
    """A byte that is not UTF-8."""

    def __init__(self, line: int, column: int, byte: int) -> None:
        self.line, self.column, self.byte = line, column, byte


def read_csv(file: Path, batch: Batch) -> None:
    """Put the file's rows into the batch; faults go to its problems. Raises UsageError when it cannot be opened."""
    with opened(file) as stream:
        try:
            _rows(text_lines(stream), batch)
        except Enough:
            return
        except NotText as error:
            what = f"byte 0x{error.byte:02x} is not UTF-8"
            told = Problem(batch.file, error.line, error.column, what, "a CSV is UTF-8 text", "save it as UTF-8")
            batch.problems.append(told)


def opened(file: Path) -> BinaryIO:
    try:
        return file.open("rb")
    except OSError as error:
        why = (error.strerror or "the system refused").lower()
        shown = printable(str(file), 200)
        raise UsageError("the file cannot be read", where=shown, why=why, mend=f"ls -l {shown}") from error


def text_lines(stream: BinaryIO) -> Iterator[str]:
    """Lines of a UTF-8 file, one at a time. Raises NotText, and csv.Error for a line that is far too long."""
    number = 0
    while raw := stream.readline(LONGEST_LINE + 1):
        number += 1
        if len(raw) > LONGEST_LINE:
            raise csv.Error(f"it has more than {LONGEST_LINE:,} bytes")
        try:
            yield raw.decode("utf-8-sig" if number == 1 else "utf-8")
        except UnicodeDecodeError as error:
            raise NotText(number, error.start + 1, raw[error.start]) from error


def _rows(lines: Iterator[str], batch: Batch) -> None:
    reader = csv.reader(lines, strict=True)
    try:
        header = [name.strip() for name in next(reader, [])]
        names = tuple(name for name in header if name != LATENCY)
        if names not in (SAMPLES, SPANS, DEAD):
            why = "the first line names the columns"
            mend = f"write {','.join(SAMPLES)} for samples, or {','.join(SPANS)} for spans"
            batch.fault(1, 1, f'the columns are "{printable(",".join(header))}"', why, mend)
            return
        if LATENCY in header and (names != SAMPLES or header.count(LATENCY) > 1):
            why, mend = "a sample alone has an answer time, and one of them", f"leave {LATENCY} out"
            batch.fault(1, 1, f"{LATENCY} does not fit the columns", why, mend)
            return
        places = [header.index(name) for name in (*names, *(one for one in header if one == LATENCY))]
        read = {SAMPLES: _sample, SPANS: _span, DEAD: _dead}[names]
        for row in reader:
            if row:
                read(row, reader.line_num, header, places, batch)
    except csv.Error as error:
        batch.fault(max(reader.line_num, 1), 1, "the line is no CSV", str(error), "correct its quotes, or its length")


def _fits(row: list[str], line: int, header: list[str], batch: Batch) -> bool:
    if len(row) == len(header):
        return True
    why = f"it has {len(row)} fields, the first line has {len(header)}"
    batch.fault(line, 1, "the line does not fit the columns", why, "write all fields, or remove the line")
    return False


def _dead(row: list[str], line: int, header: list[str], places: list[int], batch: Batch) -> None:
    if not _fits(row, line, header, batch):
        return
    at = 0
    try:
        key = (row[places[0]].strip(), row[places[1]].strip())
        batch.book(key[0])
        at = 2
        start, end = read_time(row[places[2]].strip()), read_time(row[places[3]].strip())
        batch.add_dead(key, start, end)
    except BadValue as error:
        batch.fault(line, _column(row, places[at]), error.what, error.why, error.mend)


def _sample(row: list[str], line: int, header: list[str], places: list[int], batch: Batch) -> None:
    """`places` end with that of the answer time where there is one."""
    if not _fits(row, line, header, batch):
        return
    fields = [row[place].strip() for place in places]
    at = 2
    try:
        ts = read_time(fields[2])
        at = 3
        state = read_state(fields[3])
        at = 4
        took = read_latency(fields[4]) if len(fields) > 4 else None
        at = 0
        key = (fields[0], fields[1])
        batch.column_of(key)
        at = 2
        batch.add_sample(key, line, ts, state, took)
    except BadValue as error:
        batch.fault(line, _column(row, places[at]), error.what, error.why, error.mend)


def _span(row: list[str], line: int, header: list[str], places: list[int], batch: Batch) -> None:
    if not _fits(row, line, header, batch):
        return
    fields = [row[place].strip() for place in places]
    at = 2
    try:
        start = read_time(fields[2])
        at = 3
        end = read_time(fields[3])
        at = 4
        state = read_state(fields[4])
        at = 0
        key = (fields[0], fields[1])
        batch.column_of(key)
        at = 2
        batch.add_span(key, line, start, end, state)
    except BadValue as error:
        batch.fault(line, _column(row, places[at]), error.what, error.why, error.mend)


def _column(row: list[str], place: int) -> int:
    """Where a field begins, in a line without quotes."""
    return 1 + sum(len(text) + 1 for text in row[:place])
