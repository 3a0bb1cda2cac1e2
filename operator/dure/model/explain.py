"""pydantic's errors -> Problems: the place in the file, the house's words, the nearest known key."""

import difflib
import functools
from collections.abc import Iterable
from typing import TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from dure.model.document import MOST_DIGITS, Document, Path_
from dure.model.problem import Problem

ModelT = TypeVar("ModelT", bound=BaseModel)
TYPE_WORDS = {
    "string_type": ("text", 'put it into quotes: "{value}"'),
    "int_type": ("a whole number", "write digits without quotes"),
    "bool_type": ("true or false", "write true or false"),
    "list_type": ("a list", "start each entry with `- `, or write [a, b]"),
    "tuple_type": ("a list", "start each entry with `- `, or write [a, b]"),
    "dict_type": ("a mapping", "write its keys below, indented"),
    "model_type": ("a mapping", "write its keys below, indented"),
    "model_attributes_type": ("a mapping", "write its keys below, indented"),
    "float_type": ("a number", "write digits without quotes"),
}


def nearest(word: str, known: Iterable[str]) -> str:
    """The known word that was probably meant; empty when none is near."""
    if len(word) < 3:
        return ""  # so short a word is near to anything
    return next(iter(difflib.get_close_matches(word, sorted(set(known)), n=1, cutoff=0.6)), "")


def parse(model: type[ModelT], document: Document, at: Path_ = ()) -> tuple[ModelT | None, list[Problem]]:
    """The document's data (below `at`) as a model, or the problems that forbid it."""
    data = document.value(at)
    try:
        return model.model_validate(data), []
    except ValidationError as error:
        details = error.errors(include_url=False)
        found = [problem_of(document, model, one, at) for one in details]
        # What could not be read stands empty in the data: one message about it is enough.
        return None, [one for one in found if (one.line, one.column) not in document.unread]


def problem_of(document: Document, model: type[BaseModel], error: ErrorDetails, at: Path_) -> Problem:
    path = at + tuple(error["loc"])
    context = error.get("ctx", {})
    kind, value = error["type"], error["input"]
    name = ".".join(str(step) for step in error["loc"]) or "the file"
    if kind == "dure":
        return document.problem(path, context["what"], context["why"], context["mend"])
    if kind == "extra_forbidden":
        return _unknown_key(document, model, path, len(at))
    if kind == "missing":
        key = str(path[-1])
        mend = f"add `{key}:` here{_example(model, error['loc'])}"
        return document.problem(path[:-1], f'key "{key}" is missing', "it has no default", mend)
    if kind == "too_short" and isinstance(value, list) and not value:
        mend = f"write at least {context.get('min_length', 1)} below `{path[-1]}:`, each started with `- `"
        return document.problem(path, f"{name} is empty", "there must be something in it", mend)
    if kind == "int_type" and isinstance(value, str) and value.lstrip("+-").isdecimal() and len(value) > MOST_DIGITS:
        what = f"{name} is a number of {len(value.lstrip('+-')):,} digits"
        return document.problem(path, what, f"at most {MOST_DIGITS} are read", "write a value that fits")
    if kind in TYPE_WORDS:
        wanted, mend = TYPE_WORDS[kind]
        what = f"{name} is {_kind_of(value)}"
        if kind == "string_type" and (value is None or isinstance(value, dict | list)):
            mend = "write the text, or remove the key"
        return document.problem(path, what, f"{wanted} belongs here", mend.format(value=value))
    if kind == "literal_error":
        wanted = str(context.get("expected", ""))
        near = nearest(str(value), [word.strip("'") for word in wanted.replace(" or ", ", ").split(", ")])
        mend = f"write {near}" if near else "write one of these"
        return document.problem(path, f'{name} is "{_short(value)}"', f"it is one of {wanted}", mend)
    if kind == "string_pattern_mismatch":
        why = f"it does not match {context.get('pattern', '')}"
        return document.problem(path, f'{name} is "{_short(value)}"', why, f"correct it{_example(model, error['loc'])}")
    return document.problem(path, f'{name} is "{_short(value)}"', _lower(error["msg"]), "write a value that fits")


def _unknown_key(document: Document, model: type[BaseModel], path: Path_, skip: int) -> Problem:
    key = str(path[-1])
    known = known_keys(model, path[skip:-1])
    near = nearest(key, known)
    mend = f'write "{near}"' if near else f"remove it; known here: {', '.join(known)}"
    return document.problem(path, f'unknown key "{key}"', "nothing reads it", mend, key=True)


def known_keys(model: type[BaseModel], path: Iterable[str | int]) -> list[str]:
    """Keys that the model takes at that place, by its JSON Schema."""
    here = _schema_at(model, path)
    properties = here.get("properties", {})
    return list(properties) if isinstance(properties, dict) else []


@functools.cache
def _schema(model: type[BaseModel]) -> dict[str, object]:
    """Made once: a file may hold thousands of faults."""
    return model.model_json_schema()


def _schema_at(model: type[BaseModel], path: Iterable[str | int]) -> dict[str, object]:
    schema = _schema(model)
    here: dict[str, object] = schema
    for step in path:
        below = here.get("items") if isinstance(step, int) else dict_of(here.get("properties")).get(step)
        here = _resolve(schema, dict_of(below))
    return here


def _resolve(schema: dict[str, object], here: dict[str, object]) -> dict[str, object]:
    choices = here.get("anyOf")
    for choice in choices if isinstance(choices, list) else []:
        if isinstance(choice, dict) and choice.get("type") != "null":
            here = {**here, **choice}
    reference = here.get("$ref")
    if isinstance(reference, str):
        target = dict_of(dict_of(schema.get("$defs")).get(reference.rsplit("/", 1)[-1]))
        return {**target, **{key: value for key, value in here.items() if key != "$ref"}}
    return here


def dict_of(value: object) -> dict[str, object]:
    return value if isinstance(value, dict) else {}


def _example(model: type[BaseModel], path: Iterable[str | int]) -> str:
    examples = _schema_at(model, path).get("examples")
    return f", such as {examples[0]}" if isinstance(examples, list) and examples else ""


def _kind_of(value: object) -> str:
    if value is None:
        return "empty"
    if isinstance(value, bool):
        return f"{str(value).lower()}, a truth value"
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list):
        return "a list"
    return f'"{_short(value)}", ' + ("text" if isinstance(value, str) else "a number")


def _short(value: object) -> str:
    text = str(value)
    return text if len(text) <= 40 else text[:39] + "…"


def _lower(message: str) -> str:
    return message[:1].lower() + message[1:]
