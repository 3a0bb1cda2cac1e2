"""A program's inputs: `dure:inputs` of the stack's configuration, read to a typed value or refused in one line."""

import json
from typing import TypeVar

import pulumi
from pydantic import BaseModel, ConfigDict, ValidationError

T = TypeVar("T", bound="Inputs")


class Inputs(BaseModel):
    """Base of every program's inputs: nothing unknown, nothing converted in silence."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


def read(kind: type[T]) -> T:
    """Raises ValueError that names all keys which are missing, unknown or of another type."""
    given = pulumi.Config("dure").get_object("inputs")
    if not isinstance(given, dict):
        raise ValueError(f"dure:inputs is {'missing' if given is None else 'not a map'}; docs/cloud.md lists its keys")
    return parse(kind, given)


def parse(kind: type[T], given: dict[str, object]) -> T:
    """As `read`, from a map."""
    try:
        return kind.model_validate_json(json.dumps(given))
    except ValidationError as error:
        found = [f"{_path(one['loc'])} {_said(one['type'], one['msg'], one['input'])}" for one in error.errors()]
        older = any(one["type"] == "missing" and one["loc"][:1] == ("upstream",) for one in error.errors())
        more = " (a landing zone of before puts less out: `operator stacks up landing-zone`)" if older else ""
        raise ValueError(f"dure:inputs: {'; '.join(found)}{more}; docs/cloud.md lists the keys") from None


def _path(location: tuple[int | str, ...]) -> str:
    return ".".join(map(str, location)) or "it"


def _said(kind: str, message: str, given: object) -> str:
    if kind == "missing":
        return "is missing"
    if kind == "extra_forbidden":
        return "is no key of this program"
    return f"is {given!r}: {message[:1].lower()}{message[1:]}"
