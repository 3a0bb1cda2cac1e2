"""Properties of resources between the engine's protobuf structs and plain JSON values."""

from collections.abc import Mapping
from typing import TypeAlias

from google.protobuf.json_format import MessageToDict, ParseDict
from google.protobuf.struct_pb2 import Struct
from pydantic import JsonValue

Properties: TypeAlias = dict[str, JsonValue]

UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
"""Stands for a value that exists only after something else was made (Pulumi's wire format)."""
SIGNATURE = "4dabf18193072939515e22adb298388d"
SECRET = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105 - a marker of the wire format, no secret


def to_plain(struct: Struct) -> Properties:
    """Whole numbers as int, secrets unwrapped, engine-internal keys (`__…`) left out."""
    plain: Properties = MessageToDict(struct)
    return {key: _plain(value) for key, value in plain.items() if not key.startswith("__")}


def _plain(value: JsonValue) -> JsonValue:
    if isinstance(value, dict):
        if value.get(SIGNATURE) == SECRET:
            return _plain(value.get("value"))
        return {key: _plain(inner) for key, inner in value.items() if not key.startswith("__")}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value


def to_struct(properties: Mapping[str, JsonValue]) -> Struct:
    """None values are left out: absent and null are the same to a resource."""
    given = {key: value for key, value in properties.items() if value is not None}
    struct: Struct = ParseDict(given, Struct())
    return struct


def has_unknown(value: JsonValue) -> bool:
    if isinstance(value, dict):
        return any(has_unknown(inner) for inner in value.values())
    if isinstance(value, list):
        return any(has_unknown(inner) for inner in value)
    return value == UNKNOWN


def differences(old: JsonValue, new: JsonValue, path: str = "") -> dict[str, str]:
    """Paths that differ -> `add`, `delete` or `update`; nested maps go by `a.b`, lists by `a[0]`."""
    if old == new:
        return {}
    if isinstance(old, dict) and isinstance(new, dict):
        found: dict[str, str] = {}
        for key in sorted(old.keys() | new.keys()):
            found |= differences(old.get(key), new.get(key), _below(path, key))
        return found
    if isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        found = {}
        for index, (before, after) in enumerate(zip(old, new, strict=True)):
            found |= differences(before, after, f"{path}[{index}]")
        return found
    return {path: "add" if old is None else "delete" if new is None else "update"}


def _below(path: str, key: str) -> str:
    if not key.replace("_", "").isalnum():
        return f'{path}["{key}"]'
    return f"{path}.{key}" if path else key


def text(properties: Mapping[str, JsonValue], key: str) -> str:
    """A property that must be text; empty when absent."""
    value = properties.get(key)
    return "" if value is None else str(value)


def mapping(value: JsonValue) -> Properties:
    return value if isinstance(value, dict) else {}


def items(value: JsonValue) -> list[Properties]:
    """The maps of a list property."""
    return [inner for inner in value if isinstance(inner, dict)] if isinstance(value, list) else []


def tags(value: JsonValue) -> dict[str, str]:
    return {key: str(inner) for key, inner in mapping(value).items()}
