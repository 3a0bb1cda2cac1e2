"""Long JSON, digests and words kept small: column types that read what was never made small as it is."""

import base64
import json
import re
import zlib
from typing import Any

from pydantic import JsonValue
from sqlalchemy import JSON, String, Text
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

MARK = "z1:"
"""Before what is packed. JSON never begins so."""
WORTH_IT = 200
"""Characters; a shorter text gains nothing."""
DIGEST = re.compile("[0-9a-f]{64}")


def pack(text: str) -> str:
    """zlib, as text: a column of either database takes it, and a person sees that it is no JSON."""
    if len(text) < WORTH_IT:
        return text
    return MARK + base64.b64encode(zlib.compress(text.encode(), 9)).decode()


def unpack(text: str) -> str:
    """The text again. Raises ValueError for one that was damaged."""
    if not text.startswith(MARK):
        return text
    engine = zlib.decompressobj()
    try:
        found = engine.decompress(base64.b64decode(text.removeprefix(MARK), validate=True)).decode()
    except (zlib.error, ValueError) as error:
        raise ValueError(f"what is packed cannot be read: {error}") from error
    if not engine.eof or engine.unused_data:
        raise ValueError("what is packed cannot be read: it does not end where it should")
    return found


class PackedText(TypeDecorator[str]):
    """Text. One that was damaged comes out as it is: no digest over it holds then."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else pack(value)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> str | None:
        if value is None:
            return None
        try:
            return unpack(str(value))
        except ValueError:
            return str(value)


class PackedJson(TypeDecorator[dict[str, JsonValue]]):
    """An object; packed it is a JSON string. Reading one that was damaged raises ValueError, as for broken JSON."""

    impl = JSON
    cache_ok = True

    def process_bind_param(self, value: dict[str, JsonValue] | None, dialect: Dialect) -> JsonValue:
        if value is None:
            return None
        packed = pack(json.dumps(value, ensure_ascii=False, separators=(",", ":")))
        return packed if packed.startswith(MARK) else value

    def process_result_value(self, value: Any | None, dialect: Dialect) -> Any:
        return json.loads(unpack(value)) if isinstance(value, str) else value


class Digest(TypeDecorator[str]):
    """A sha256 in hexadecimal, which SQLite keeps as its 32 bytes; any other text is kept as it is."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> Any:
        if value is None or dialect.name != "sqlite" or not DIGEST.fullmatch(value):
            return value
        return bytes.fromhex(value)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> str | None:
        return value.hex() if isinstance(value, bytes) else value


class Word(TypeDecorator[str]):
    """One of a few words, kept as the character that stands for it; any other text is kept as it is."""

    impl = String
    cache_ok = True

    def __init__(self, length: int, **characters: str) -> None:
        super().__init__(length)
        self.characters = tuple(characters.items())
        self._short = dict(characters)
        self._long = {short: word for word, short in characters.items()}

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else self._short.get(value, value)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> str | None:
        return None if value is None else self._long.get(value, value)
