"""Members of one object deep in a JSON file of any size, one at a time, with the line where each begins.

AWS's price list of EC2 has gigabytes: neither it nor a part of it that nobody asked for is ever held in memory.
"""

import json
import re
from collections.abc import Iterator
from typing import TextIO

from pydantic import JsonValue

CHUNK = 1 << 18
LONGEST = 1 << 24
"""Characters of one member; a longer one is no price list's."""
SPACE = re.compile(r"[ \t\r\n]*")
STRUCTURE = re.compile(r'["{}\[\]]')
STRING_END = re.compile(r'(?:[^"\\]|\\.)*"', re.DOTALL)
SCALAR_END = re.compile(r"[,\]}\s]")


class NotJson(ValueError):
    """`line` counts from 1."""

    def __init__(self, line: int, why: str) -> None:
        self.line, self.why = line, why
        super().__init__(f"line {line}: {why}")


class JsonReader:
    """Reads forward only."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._text = ""
        self._at = 0
        self._lines = 1
        self._ended = False

    @property
    def line(self) -> int:
        return self._lines + self._text.count("\n", 0, self._at)

    def members(self, *path: str) -> Iterator[tuple[str, JsonValue, int]]:
        """Key, value and line of each member of the object under path; none when there is no such object."""
        self._take("{")
        while self._peek() != "}":
            key = self._key()
            if not path:
                line = self.line
                yield key, self._value(), line
            elif key == path[0]:
                if self._peek() != "{":
                    return
                yield from self.members(*path[1:])
                return
            else:
                self._skip()
            if self._peek() == ",":
                self._at += 1
        self._at += 1

    def elements(self) -> Iterator[tuple[JsonValue, int]]:
        """Value and line of each element of the array that the file is."""
        self._take("[")
        while self._peek() != "]":
            line = self.line
            yield self._value(), line
            if self._peek() != "]":
                self._take(",")
        self._at += 1

    def scalars(self) -> Iterator[tuple[str, str]]:
        """Text members at the top, until the first that is not text: a price list begins with them."""
        self._take("{")
        while self._peek() == '"':
            key = self._key()
            if self._peek() != '"':
                return
            yield key, str(self._value())
            if self._peek() == ",":
                self._at += 1

    def _key(self) -> str:
        if self._peek() != '"':
            raise NotJson(self.line, "a key is expected")
        key = str(self._value())
        self._take(":")
        return key

    def _fill(self) -> bool:
        """More text; False at the end."""
        more = "" if self._ended else self._stream.read(CHUNK)
        self._ended = not more
        self._lines += self._text.count("\n", 0, self._at)
        self._text, self._at = self._text[self._at :] + more, 0
        return bool(more)

    def _peek(self) -> str:
        """The next character that is no space."""
        while True:
            found = SPACE.match(self._text, self._at)
            self._at = found.end() if found else self._at
            if self._at < len(self._text):
                return self._text[self._at]
            if not self._fill():
                raise NotJson(self.line, "the file ends too early")

    def _take(self, character: str) -> None:
        if self._peek() != character:
            raise NotJson(self.line, f"{character} is expected")
        self._at += 1

    def _value(self) -> JsonValue:
        self._peek()
        decoder = json.JSONDecoder()
        while True:
            try:
                value, end = decoder.raw_decode(self._text, self._at)
            except json.JSONDecodeError as error:
                line = self.line + self._text.count("\n", self._at, error.pos)  # before more text moves the place
                if len(self._text) - self._at > LONGEST or not self._fill():
                    raise NotJson(line, error.msg) from error
                continue
            if end == len(self._text) and self._fill():
                continue  # a number may go on
            self._at = end
            result: JsonValue = value
            return result

    def _skip(self) -> None:
        """Past one value, whatever its size."""
        if self._peek() not in '{["':
            self._find(SCALAR_END)
            self._at -= 1
            return
        depth = 0
        while True:
            mark = self._find(STRUCTURE)
            if mark == '"':
                self._find(STRING_END)
            else:
                depth += 1 if mark in "{[" else -1
            if depth == 0:
                return

    def _find(self, pattern: re.Pattern[str]) -> str:
        """Go behind the next match; what it matched."""
        while True:
            found = (
                pattern.search(self._text, self._at)
                if pattern is not STRING_END
                else pattern.match(self._text, self._at)
            )
            if found:
                self._at = found.end()
                return found[0]
            if pattern is not STRING_END:
                self._at = len(self._text)
            if not self._fill():
                raise NotJson(self.line, "the file ends too early")
