"""An IAM policy document as a value (IAM User Guide, "IAM JSON policy element reference")."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from pydantic import JsonValue

VERSION = "2012-10-17"
ELEMENTS = frozenset(
    {"Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource", "Condition"}
)


class Unreadable(ValueError):
    """The text is no policy document; the message says why."""


@dataclass(frozen=True, slots=True)
class Principals:
    """Kind (`AWS`, `Service`, `Federated`, `CanonicalUser`, or `*` for everyone) with a value."""

    pairs: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Condition:
    """One operator on one key, such as StringEquals aws:SourceAccount."""

    operator: str
    key: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Statement:
    """`negated_…` tells that the element was NotAction, NotResource or NotPrincipal."""

    sid: str
    effect: Literal["Allow", "Deny"]
    actions: tuple[str, ...]
    resources: tuple[str, ...]
    conditions: tuple[Condition, ...] = ()
    principals: Principals | None = None
    negated_actions: bool = False
    negated_resources: bool = False
    negated_principals: bool = False


@dataclass(frozen=True, slots=True)
class Document:
    statements: tuple[Statement, ...]
    variables: bool = True
    """Policy variables are read: only in version 2012-10-17."""


def parse_document(text: str | Mapping[str, JsonValue]) -> Document:
    """Raises Unreadable for what AWS would refuse too."""
    if isinstance(text, str):
        try:
            given: JsonValue = json.loads(text)
        except json.JSONDecodeError as error:
            raise Unreadable(f"it is not JSON: {error}") from error
    else:
        given = dict(text)
    if not isinstance(given, dict) or "Statement" not in given:
        raise Unreadable("it has no Statement")
    listed = given["Statement"]
    statements = tuple(_statement(one) for one in (listed if isinstance(listed, list) else [listed]))
    return Document(statements, given.get("Version") == VERSION)


def _statement(given: JsonValue) -> Statement:
    if not isinstance(given, dict):
        raise Unreadable("a Statement is no object")
    strange = sorted(set(given) - ELEMENTS)
    if strange:
        raise Unreadable(f"{strange[0]} is no element of a Statement")
    effect = given.get("Effect")
    if effect != "Allow" and effect != "Deny":
        raise Unreadable("Effect is neither Allow nor Deny")
    for name in ("Action", "Resource", "Principal"):
        if name in given and f"Not{name}" in given:
            raise Unreadable(f"{name} and Not{name} stand in one Statement")
    if "Action" not in given and "NotAction" not in given:
        raise Unreadable("a Statement names no Action")
    return Statement(
        sid=str(given.get("Sid", "")),
        effect="Allow" if effect == "Allow" else "Deny",
        actions=_texts(given.get("Action", given.get("NotAction"))),
        resources=_texts(given.get("Resource", given.get("NotResource", "*"))),
        conditions=tuple(_conditions(given.get("Condition", {}))),
        principals=_principals(given.get("Principal", given.get("NotPrincipal"))),
        negated_actions="NotAction" in given,
        negated_resources="NotResource" in given,
        negated_principals="NotPrincipal" in given,
    )


def _texts(given: JsonValue) -> tuple[str, ...]:
    listed = given if isinstance(given, list) else [given]
    if not listed or not all(isinstance(one, str | bool | int | float) for one in listed):
        raise Unreadable("an element holds neither text nor a list of text")
    return tuple(str(one).lower() if isinstance(one, bool) else str(one) for one in listed)


def _principals(given: JsonValue) -> Principals | None:
    if given is None:
        return None
    if isinstance(given, str):
        if given != "*":
            raise Unreadable("Principal is neither * nor an object")
        return Principals((("*", "*"),))
    if not isinstance(given, dict):
        raise Unreadable("Principal is neither * nor an object")
    return Principals(tuple((kind, one) for kind, values in given.items() for one in _texts(values)))


def _conditions(given: JsonValue) -> list[Condition]:
    if not isinstance(given, dict):
        raise Unreadable("Condition is no object")
    found = []
    for operator, keys in given.items():
        if not isinstance(keys, dict):
            raise Unreadable(f"Condition {operator} is no object")
        found += [Condition(operator, key, _texts(values)) for key, values in keys.items()]
    return found
