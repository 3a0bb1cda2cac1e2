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
    before = dict(_leaves("", old.model_dump(mode="json"))) if old else {}
    after = dict(_leaves("", new.model_dump(mode="json")))
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
    """Dicts by key; lists of things that have a name or id by it, so that an insertion shifts nothing."""
    if isinstance(value, dict) and value:
        return [leaf for key in value for leaf in _leaves(f"{path}.{key}" if path else key, value[key])]
    if isinstance(value, list) and value and all(isinstance(item, dict) for item in value):
        leaves = []
        for index, item in enumerate(value):
            leaves += _leaves(f"{path}.{_label(item, index)}", item)
        return leaves
    return [(path, value)]


def _label(item: JsonValue, index: int) -> str:
    if isinstance(item, dict):
        if "protocol" in item and "port" in item:
            return f"{item['port']}/{item['protocol']}"
        for key in ("name", "id"):
            if isinstance(item.get(key), str) and item.get(key):
                return str(item[key])
    return str(index)
