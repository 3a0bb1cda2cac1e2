"""pydantic's errors about an accounting case -> Problems in the house's words, with line and column."""

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from dure.model.accounting.case_fields import LATEST, CaseModel
from dure.model.accounting.case_model import (
    TAGS,
    AccountingCase,
    AtLeast,
    MonthPeriod,
    SampledCheckModel,
    TimelineCheckModel,
    WeeklyHoursModel,
)
from dure.model.accounting.json_text import offset_of
from dure.model.document import Path_
from dure.model.explain import known_keys, nearest
from dure.model.problem import Problem
from dure.model.text import place, printable

MOST = 20
WANTED = {
    "string_type": ("text", 'write it in quotes, such as "99.9"'),
    "int_type": ("a whole number", "write digits without quotes or point"),
    "int_from_float": ("a whole number", "write digits without a point"),
    "list_type": ("a list", "write it as [ … ]"),
    "tuple_type": ("a list", "write it as [ … ]"),
    "dict_type": ("an object", 'write it as { "name": … }'),
    "model_type": ("an object", 'write it as { "name": … }'),
    "model_attributes_type": ("an object", 'write it as { "name": … }'),
    "none_required": ("null", "write null, or remove the key"),
}
# What has two shapes has its keys by the shape that was taken.
KEYS_OF: dict[str | int, type[CaseModel]] = {
    "month": MonthPeriod,
    "sampled": SampledCheckModel,
    "known": TimelineCheckModel,
    "k of n": AtLeast,
    "weekly": WeeklyHoursModel,
}
LIMITS = {"less_than_equal": "at most {le}", "greater_than_equal": "at least {ge}"}


def problems_of(file: str, line: int, text: str, at: Path_, error: ValidationError) -> list[Problem]:
    """At most twenty problems, in the order of the file. `at` leads to the case in the text."""
    found = []
    for details in error.errors(include_url=False)[:MOST]:
        loc = _without_tag(details["loc"])
        what, why, mend, is_key = _words(details, loc)
        row, column = place(text, offset_of(text, at + loc, key=is_key))
        found.append(Problem(file, line + row - 1, column, what, why, mend))
    return sorted(set(found))


def _without_tag(loc: Path_) -> Path_:
    """pydantic's path less the name of the shape that it took: the case's own keys and numbers."""
    at = _tag_at(loc)
    return loc[:at] + loc[at + 1 :] if len(loc) > at and loc[at] in TAGS else loc


def _tag_at(loc: Path_) -> int:
    """Where pydantic puts the shape's name: after the key, and for a check after its name."""
    return 2 if loc[:1] == ("checks",) else 1


def _words(details: ErrorDetails, loc: Path_) -> tuple[str, str, str, bool]:
    """What, why, mend, and whether the key is meant rather than the value."""
    context, kind, value = details.get("ctx", {}), details["type"], details["input"]
    name = _name(loc)
    if kind == "dure":
        return context["what"], context["why"], context["mend"], False
    if kind == "extra_forbidden":
        known = _keys_beside(details["loc"])
        near = nearest(str(loc[-1]), known)
        why = f"the keys are {', '.join(known)}" if known else "it is not part of the format"
        return f'unknown key "{printable(str(loc[-1]))}"', why, f"write {near}" if near else "remove it", True
    if kind == "missing":
        if isinstance(loc[-1], int):
            return f"{_name(loc[:-1])} is too short", "an entry lacks a value", "complete it", False
        return f'key "{loc[-1]}" is missing', "it has no default", f'add "{loc[-1]}"', False
    if kind in WANTED:
        wanted, mend = WANTED[kind]
        return f"{name} is {_shown(value)}", f"{wanted} belongs here", mend, False
    if kind in ("enum", "literal_error"):
        wanted = str(context.get("expected", ""))
        words = [word.strip("'") for word in wanted.replace(" or ", ", ").split(", ")]
        by_lower = {word.lower(): word for word in words}
        near = by_lower.get(str(value).lower()) or by_lower.get(nearest(str(value).lower(), by_lower), "")
        return f"{name} is {_shown(value)}", f"it is one of {wanted}", f"write {near or 'one of these'}", False
    if kind == "string_pattern_mismatch":
        mend = 'write digits with a point, such as "99.9"'
        return f"{name} is {_shown(value)}", "it is read as an exact decimal number of at most 3 digits", mend, False
    if kind in LIMITS and LATEST in (context.get("le"), -context.get("ge", 0)):
        mend = "divide milliseconds by 1000, or correct it"
        return f"{name} is {_shown(value)}, no moment near us", "times are seconds since 1970", mend, False
    if kind in LIMITS:
        limit = LIMITS[kind].format(**context)
        return f"{name} is {_shown(value)}", f"it is {limit}", f"write a number of {limit}", False
    why = details["msg"][:1].lower() + details["msg"][1:]
    return f"{name} is {_shown(value)}", why, "write a value that fits", False


def _keys_beside(loc: Path_) -> list[str]:
    """The keys of the object in which the last step of pydantic's path was found."""
    shape = KEYS_OF.get(loc[_tag_at(loc)]) if len(loc) > _tag_at(loc) else None
    return list(shape.model_fields) if shape else known_keys(AccountingCase, loc[:-1])


def _name(loc: Path_) -> str:
    return printable(".".join(str(step) for step in loc), 80) or "the case"


def _shown(value: object) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, list):
        return f"a list of {len(value)}"
    return f'"{printable(value, 40)}"' if isinstance(value, str) else printable(str(value), 40)
