"""JSON text to plain data, with the line and column of any value found again when something is wrong with it."""

import json
import re
from collections.abc import Callable, Iterable
from json.decoder import JSONDecodeError

from pydantic import JsonValue

from dure.model.document import Path_
from dure.model.problem import Problem
from dure.model.text import place, printable

SPACE = re.compile(r"[ \t\n\r]*")
HUGE = re.compile(r"[0-9]{4000,}")  # Python itself refuses to read some more digits than that


class NotJson(ValueError):
    """Text that cannot be read, with the problem that says where and why."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        super().__init__(problem.text())


class _Twice(ValueError):
    def __init__(self, key: str) -> None:
        self.key = key
        super().__init__(key)


class _NoNumber(ValueError):
    pass


def _once(pairs: list[tuple[str, JsonValue]]) -> dict[str, JsonValue]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [key for key, _ in pairs]
        raise _Twice(next(key for key in names if names.count(key) > 1))
    return found


def _no_constant(text: str) -> JsonValue:
    raise _NoNumber(text)


def parse_json(file: str, line: int, text: str) -> JsonValue:
    """The data of a text that begins at that line of the file. Raises NotJson, never anything else."""
    try:
        data: JsonValue = json.loads(text, object_pairs_hook=_once, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        offset, what, why, mend = _complaint(text, error)
        row, column = place(text, offset)
        raise NotJson(Problem(file, line + row - 1, column, what, why, mend)) from error
    return data


def _complaint(text: str, error: Exception) -> tuple[int, str, str, str]:
    """Offset, what, why and mend."""
    if isinstance(error, JSONDecodeError):
        why = f"JSON is read strictly, and there it says: {error.msg.lower()}"
        return error.pos, "this is not JSON", why, "correct it there"
    if isinstance(error, _Twice):
        what = f'key "{printable(error.key)}" stands twice'
        return _second(text, error.key), what, "one of the two would be ignored", "remove one of the two"
    if isinstance(error, RecursionError):
        return 0, "the text nests too deep", "a case needs five levels", "look at its brackets"
    if isinstance(error, _NoNumber):
        offset = max(text.find(str(error)), 0)
        return offset, f"{error} is no number", "times and counts are whole numbers", "correct it there"
    match = HUGE.search(text)
    what, why = "a number has thousands of digits", "times and counts are whole numbers of few digits"
    return match.start() if match else 0, what, why, "correct it there"


def _second(text: str, key: str) -> int:
    """Offset of the second member of that name in the first object that has two."""
    for start in (match.start() for match in re.finditer(r"\{", text)):
        spots = [spot for name, spot, _ in _members(text, start) if name == key]
        if len(spots) > 1:
            return spots[1]
    return 0


def _skip(text: str, offset: int) -> int:
    match = SPACE.match(text, offset)
    return match.end() if match else offset


def _members(text: str, start: int) -> Iterable[tuple[str, int, int]]:
    """(key, offset of the key, offset of the value) of an object that begins at `start`; ends where it is no object."""
    raw: Callable[[str, int], tuple[JsonValue, int]] = json.JSONDecoder().raw_decode
    offset = _skip(text, start + 1)
    while text[offset : offset + 1] == '"':
        try:
            key, after = raw(text, offset)
            value = _skip(text, _skip(text, after) + 1)
            yield str(key), offset, value
            offset = _skip(text, raw(text, value)[1])
        except (ValueError, RecursionError):
            return
        if text[offset : offset + 1] != ",":
            return
        offset = _skip(text, offset + 1)


def _items(text: str, start: int) -> Iterable[int]:
    """Offsets of the items of an array that begins at `start`."""
    raw = json.JSONDecoder().raw_decode
    offset = _skip(text, start + 1)
    while text[offset : offset + 1] not in ("]", ""):
        yield offset
        offset = _skip(text, raw(text, offset)[1])
        offset = _skip(text, offset + 1) if text[offset : offset + 1] == "," else offset


def offset_of(text: str, path: Path_, *, key: bool = False) -> int:
    """Where the value (or its key) under a path stands, else the nearest above it that exists; `text` is JSON."""
    here = spot = _skip(text, 0)
    for step in path:
        if text[here] == "{":
            found = next(((at, value) for name, at, value in _members(text, here) if name == step), None)
            if found is not None:
                spot, here = (found[0] if key else found[1]), found[1]
        elif text[here] == "[" and isinstance(step, int):
            item = next((at for number, at in enumerate(_items(text, here)) if number == step), None)
            if item is not None:
                spot = here = item
    return spot
