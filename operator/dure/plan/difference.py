"""What differs between two plans, leaf by leaf."""

from dataclasses import dataclass
from typing import Literal

from pydantic import JsonValue

from dure.plan.value import Plan


@dataclass(frozen=True, slots=True)
class Difference:
    """`path` reads as the plan's JSON does, such as machine.roles.backup.variables.backup_time."""

    path: str
    kind: Literal["added", "removed", "changed"]
    old: JsonValue
    new: JsonValue

    def text(self) -> str:
        """`+ path: new`, `- path: old` or `~ path: old -> new`."""
        if self.kind == "added":
            return f"+ {self.path}: {self.new}"
        if self.kind == "removed":
            return f"- {self.path}: {self.old}"
        return f"~ {self.path}: {self.old} -> {self.new}"


def compare(old: Plan | None, new: Plan) -> list[Difference]:
    """Differences in the order of paths; all of `new` is added when nothing was applied before."""
    return leaf_differences(old.model_dump(mode="json") if old else None, new.model_dump(mode="json"))


def leaf_differences(old: JsonValue, new: JsonValue) -> list[Difference]:
    """Of two JSON values, in the order of paths; all of `new` is added where `old` is None."""
    before = dict(_leaves("", old)) if old is not None else {}
    after = dict(_leaves("", new))
    found = []
    for path in sorted(before.keys() | after.keys()):
        if path not in before:
            found.append(Difference(path, "added", None, after[path]))
        elif path not in after:
            found.append(Difference(path, "removed", before[path], None))
        elif before[path] != after[path]:
            found.append(Difference(path, "changed", before[path], after[path]))
    return found


def _leaves(path: str, value: JsonValue) -> list[tuple[str, JsonValue]]:
    """Dicts by key; lists of things by what names them, so that an insertion shifts nothing."""
    if isinstance(value, dict) and value:
        return [leaf for key in value for leaf in _leaves(f"{path}.{key}" if path else key, value[key])]
    if isinstance(value, list) and value and all(isinstance(item, dict) for item in value):
        labels = [_label(item) for item in value]
        if not all(labels) or len(set(labels)) < len(labels):
            labels = [str(index) for index in range(len(value))]
        return [leaf for label, item in zip(labels, value, strict=True) for leaf in _leaves(f"{path}.{label}", item)]
    return [(path, value)]


def _label(item: JsonValue) -> str:
    """What tells an item of a list from its neighbours; empty when nothing does."""
    if not isinstance(item, dict):
        return ""
    if "protocol" in item and "port" in item:
        return f"{item['port']}/{item['protocol']}"
    label = item.get("id") or item.get("name")
    return label if isinstance(label, str) else ""
