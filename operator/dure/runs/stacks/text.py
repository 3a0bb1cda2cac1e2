"""A preview for a person: what would become of each resource, property by property. Pure."""

import json
from collections.abc import Iterable, Iterator

from pydantic import JsonValue

from dure.cloud.preview import PropertyChange, ResourceChange
from dure.runs.stacks.preview import headline
from dure.runs.stacks.result import StackPreview

MARKS = {"create": "+", "update": "~", "replace": "±", "delete": "-", "read": ">", "import": "="}
LONGEST_VALUE = 160


def preview_text(previews: Iterable[StackPreview]) -> str:
    """All stacks with their resources."""
    return "\n".join(line for one in previews for line in [headline(one), *details(one)])


def details(one: StackPreview) -> Iterator[str]:
    """The lines below a stack's headline."""
    for change in one.preview.changes if one.preview else ():
        yield from change_lines(change)
    if one.afterwards:
        yield f"  + {one.afterwards}"


def change_lines(change: ResourceChange) -> Iterator[str]:
    """`  ~ aws:s3/bucket:Bucket vault`, then a line a property."""
    yield f"  {MARKS.get(change.op, '?')} {change.type} {change.name}"
    for one in change.properties:
        yield f"      {one.path}: {_difference(change, one)}"


def _difference(change: ResourceChange, one: PropertyChange) -> str:
    if change.op == "create":
        return shown(one.after)
    return f"{shown(one.before)} -> {shown(one.after)}"


def shown(value: JsonValue) -> str:
    """A value in one line, cut where it is long."""
    if value is None:
        return "(none)"
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    text = text.replace("\n", "\\n")
    return text if len(text) <= LONGEST_VALUE else text[: LONGEST_VALUE - 1] + "…"
