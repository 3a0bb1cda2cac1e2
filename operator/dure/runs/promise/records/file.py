"""A file of an import, line by line: CSV, a JSON array, or JSON lines. It is never held whole."""

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from pydantic import JsonValue

from dure.cost.json_stream import JsonReader, NotJson
from dure.errors import UsageError
from dure.model.explain import nearest
from dure.model.text import printable
from dure.runs.promise.intake.csv_file import NotText, opened, text_lines
from dure.runs.promise.records.faults import Faults
from dure.runs.promise.records.kind import Kind

FORMATS = ("csv", "json", "jsonl")
Line = tuple[int, dict[str, str], dict[str, int]]
"""Line number, fields, and where each begins in its line."""


def format_of(file: Path, asked: str) -> str:
    """The format asked for, else by the file's suffix. Raises UsageError."""
    found = asked or file.suffix.lower().removeprefix(".")
    if found not in FORMATS:
        what = f'"{printable(found)}" is no format' if found else "the file's format cannot be told"
        mend = f"--format {' or '.join(FORMATS)}"
        raise UsageError(what, where=printable(str(file), 200), why="its suffix tells it", mend=mend)
    return found


def read_lines(file: Path, form: str, kind: Kind, faults: Faults) -> Iterator[Line]:
    """Lines that have the kind's columns; faults go to `faults`. Raises UsageError when the file cannot be opened."""
    with opened(file) as stream:
        try:
            yield from {"csv": _csv, "json": _json, "jsonl": _json_lines}[form](stream, kind, faults)
        except NotText as error:
            what = f"byte 0x{error.byte:02x} is not UTF-8"
            faults.add(error.line, error.column, what, "the file is UTF-8 text", "save it as UTF-8")


def _csv(stream: BinaryIO, kind: Kind, faults: Faults) -> Iterator[Line]:
    reader = csv.reader(text_lines(stream), strict=True)
    try:
        header = [name.strip() for name in next(reader, [])]
        if not _header_fits(header, kind, faults):
            return
        for cells in reader:
            if not cells:
                continue
            if len(cells) != len(header):
                why = f"it has {len(cells)} fields, the first line has {len(header)}"
                what, mend = "the line does not fit the columns", "write all fields, or remove the line"
                faults.add(reader.line_num, 1, what, why, mend)
                continue
            at, places = 1, {}
            for name, cell in zip(header, cells, strict=True):
                places[name], at = at, at + len(cell) + 1
            yield reader.line_num, dict(zip(header, cells, strict=True)), places
    except csv.Error as error:
        line = max(reader.line_num, 1)
        faults.add(line, 1, "the line is no CSV", str(error), "correct its quotes, or its length")


def _header_fits(header: list[str], kind: Kind, faults: Faults) -> bool:
    """Every column is known and stands once, and none that is needed is missing; what is not read stays at home."""
    before = faults.count
    at = 1
    for index, name in enumerate(header):
        if name not in kind.columns:
            faults.add(1, at, f'unknown column "{printable(name, 40)}"', *_unknown(name, kind))
        elif name in header[:index]:
            faults.add(1, at, f'the column "{name}" stands twice', "nobody knows which one counts", "remove one")
        at += len(name) + 1
    for name in kind.required:
        if name not in header:
            why = "the first line names the columns, and every line needs it"
            faults.add(1, 1, f'the column "{name}" is missing', why, f"write {','.join(kind.required)} at least")
    return faults.count == before


def _unknown(name: str, kind: Kind) -> tuple[str, str]:
    near = nearest(name, kind.columns)
    mend = f'write "{near}"' if near else f"remove it; known are {', '.join(kind.columns)}"
    return "nothing reads it, and what nobody needs is not kept", mend


def _json(stream: BinaryIO, kind: Kind, faults: Faults) -> Iterator[Line]:
    reader = JsonReader(io.TextIOWrapper(stream, encoding="utf-8-sig", errors="strict"))
    try:
        for value, line in reader.elements():
            yield from _object(value, line, kind, faults)
    except NotJson as error:
        faults.add(
            error.line, 1, "the file is no JSON array", error.why.lower(), "write [{…}, {…}], or use --format jsonl"
        )
    except UnicodeDecodeError as error:
        what = f"byte 0x{error.object[error.start]:02x} is not UTF-8"
        faults.add(reader.line, 1, what, "the file is UTF-8 text", "save it as UTF-8")
    except RecursionError:
        faults.add(reader.line, 1, "the file is no JSON array", "it is nested too deeply", "write [{…}, {…}]")


def _json_lines(stream: BinaryIO, kind: Kind, faults: Faults) -> Iterator[Line]:
    number = 0
    try:
        for number, text in enumerate(text_lines(stream), 1):
            if not text.strip():
                continue
            try:
                value = json.loads(text)
            except (ValueError, RecursionError) as error:
                why = error.msg.lower() if isinstance(error, json.JSONDecodeError) else printable(str(error), 100)
                faults.add(number, 1, "the line is no JSON", why, "write one object a line")
                continue
            yield from _object(value, number, kind, faults)
    except csv.Error as error:
        faults.add(number + 1, 1, "the line is too long", str(error), "write one object a line")


def _object(value: JsonValue, line: int, kind: Kind, faults: Faults) -> Iterator[Line]:
    if not isinstance(value, dict):
        faults.add(line, 1, "the entry is no object", "an entry is {column: value, …}", "write it in braces")
        return
    before = faults.count
    fields = {}
    for name, cell in value.items():
        if name not in kind.columns:
            faults.add(line, 1, f'unknown key "{printable(name, 40)}"', *_unknown(name, kind))
            continue
        text = _plain(cell)
        if text is None:
            faults.add(
                line, 1, f"{name} is nested", "a value is a text, a number, yes or no, or a list", "write it flat"
            )
            continue
        fields[name] = text
    for name in kind.required:
        if name not in value:
            faults.add(line, 1, f'the key "{name}" is missing', "every entry needs it", f'add "{name}"')
    if faults.count == before:
        yield line, fields, {}


def _plain(cell: JsonValue) -> str | None:
    """A JSON value as a CSV has it; lists are joined by semicolons, pairs of times by a slash. None: nested deeper."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, str | int | float):
        return str(cell)
    if not isinstance(cell, list):
        return None
    parts = []
    for one in cell:
        if isinstance(one, list) and len(one) == 2 and all(isinstance(each, str | int) for each in one):
            parts.append("/".join(str(each) for each in one))
        elif isinstance(one, str | int) and not isinstance(one, bool):
            parts.append(str(one))
        else:
            return None
    return ";".join(parts)
