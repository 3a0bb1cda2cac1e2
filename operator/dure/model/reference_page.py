"""docs/workspace.md: every key of every file, written from the models by `make docs`."""

from collections.abc import Iterable
from pathlib import Path

from pydantic import JsonValue

from dure.model.explain import dict_of
from dure.model.schema import Kind, schema_of, site_blueprints

HEAD = """\
# The workspace: all files and keys

Written from the models by `make docs`; do not edit it here.

A workspace is the MSP's Git repository. `operator init DIR` makes one, `operator validate` finds every mistake in it,
`operator schema --write` puts the JSON Schema files there by which editors complete and check.

| file | holds |
|---|---|
| `operator.yaml` | the MSP, its engineers, its hub, who can open the secrets |
| `customers/<id>.yaml` | one customer: contacts, staff, sites; named after its id |
| `secrets/<id>.yaml` | `name: age:…`: names in clear, each value encrypted by itself; the MSP's in `operator.yaml` |
| `allocations.yaml` | `customer/site: 10.64.1.0/24`, a line a site, written by `operator allocate` |
| `waivers.yaml` | rules of policy that need not hold for a site or resource, with reason, approver and end |
| `prices/` | AWS's price lists, written by `operator cost --import` |
| `windows/<customer>/<id>.yaml` | agreed maintenance with its signatures, written by `operator window` |
| `exclusions/<customer>/<id>.yaml` | what the contract takes out, with evidence, written by `operator exclude` |
| `restatements/<customer>/<id>.yaml` | a closed month's new revision, written by `operator sla restate` |
| `waived/<customer>/<month>-<service>-<won>.yaml` | a credit that is given up, written by `operator sla waive` |
| `reviews/<customer>/<id>.yaml` | what a quarter's review of the indicators changes, written by `operator sla review` |
| `known_hosts` | pinned host keys of boxes and hub, written by `operator enrol` |
| `.dure/` | this workstation's own: settings, store, run journal; never committed |

## How files are read

- UTF-8 without byte-order mark, LF line ends, no tabs in indents, at most 1 MiB a file and one document.
- Plain values are read as YAML 1.2 does: only `true` and `false` are truth values, only decimal digits are numbers.
  `02:30`, `no` and `010-1234-5678` are text without quotes.
- Composed and decomposed Korean (as some Macs write) are one spelling: the composed.
- Unknown keys are mistakes. Tags (`!…`) and merge keys (`<<`) are not read; anchors and aliases are.
- Characters that nobody sees (zero width, bidirectional controls, line separators) are mistakes, also as escapes.
- A link may lead to another file of the workspace, never out of it.
- Files lie right in their directory: a `.yml`, or a file one directory deeper, is a mistake. Hidden files (`.…`) are
  passed over: editors put swap and lock files there.
- Ids are lower-case ASCII letters and digits joined by hyphens: `hansol-plastics`. Names may be Korean.
- A secret is referred to as `owner/name`: `hansol-plastics/ansan/restic_password` is `ansan/restic_password` in
  `secrets/hansol-plastics.yaml`.
- The LAN of a site is a /24 or smaller. Its overlay is a /24 of `overlay_pool`, mapped address by address; the pool's
  first /24 is the hub's own. An allocation stays; a released one is given out again only when the pool has no other.
"""


TITLES: tuple[tuple[Kind, str], ...] = (
    ("operator", "operator.yaml"),
    ("customer", "customers/&lt;id&gt;.yaml"),
    ("waivers", "waivers.yaml"),
)


def page(toolkit: Path) -> str:
    """The whole page."""
    parts = [HEAD]
    for kind, title in TITLES:
        schema = dict_of(schema_of(kind, toolkit))
        parts.append(f"## {title}\n")
        parts.append("".join(_table(schema, schema, "")))
    parts.append("## Parameters of blueprints\n")
    for blueprint in site_blueprints(toolkit):
        parts.append(f"### {blueprint.id}\n\n{blueprint.name}, {blueprint.name_en}. Under `parameters` of a site.\n")
        schema = {"properties": dict(blueprint.parameters), "required": _required(blueprint.parameters)}
        parts.append("".join(_table(schema, schema, "")))
    return "\n".join(parts).rstrip("\n") + "\n"


def _required(parameters: dict[str, dict[str, JsonValue]]) -> list[str]:
    return [name for name, schema in parameters.items() if "default" not in schema]


def _table(root: dict[str, object], schema: dict[str, object], prefix: str) -> Iterable[str]:
    yield "| key | value | default | meaning |\n|---|---|---|---|\n"
    yield from _rows(root, schema, prefix)


def _rows(root: dict[str, object], schema: dict[str, object], prefix: str) -> Iterable[str]:
    names = schema.get("required")
    required = names if isinstance(names, list) else []
    for name, raw in dict_of(schema.get("properties")).items():
        field = dict_of(raw)
        target = _target(root, field)
        key = f"{prefix}{name}"
        default = "required" if name in required else _default(field)
        meaning = str(field.get("description") or target.get("description") or "").replace("|", "\\|")
        yield f"| `{key}` | {_value(root, field)} | {default} | {meaning} |\n"
        if target.get("properties"):
            yield from _rows(root, target, f"{key}.")
        items = _target(root, dict_of(target.get("items")))
        if items.get("properties"):
            yield from _rows(root, items, f"{key}[].")


def _target(root: dict[str, object], field: dict[str, object]) -> dict[str, object]:
    """What a field is in the end: references followed, `or null` put aside."""
    choices = field.get("anyOf") or field.get("allOf")
    for choice in choices if isinstance(choices, list) else []:
        if dict_of(choice).get("type") != "null":
            return _target(root, dict_of(choice))
    reference = field.get("$ref")
    if isinstance(reference, str):
        return dict_of(dict_of(root.get("$defs")).get(reference.rsplit("/", 1)[-1]))
    return field


def _value(root: dict[str, object], field: dict[str, object]) -> str:
    target = _target(root, field)
    words_allowed = target.get("enum")
    if isinstance(words_allowed, list):
        return " or ".join(f"`{word}`" for word in words_allowed)
    kind = str(target.get("type", "any"))
    words = {
        "string": "text",
        "integer": "whole number",
        "array": "list",
        "object": "mapping",
        "boolean": "true or false",
    }
    text = words.get(kind, kind)
    if kind == "array":
        inner = _target(root, dict_of(target.get("items")))
        text = f"list of {'mappings' if inner.get('properties') else words.get(str(inner.get('type')), 'values') + 's'}"
        text = text.replace("texts", "text")
    low, high = target.get("minimum"), target.get("maximum")
    if low is not None or high is not None:
        text += f", {low if low is not None else ''} to {high}" if high is not None else f", at least {low}"
    examples = field.get("examples") or target.get("examples")
    if isinstance(examples, list) and examples and not isinstance(examples[0], dict | list):
        text += f", such as `{examples[0]}`"
    return text


def _default(field: dict[str, object]) -> str:
    value = field.get("default")
    if value in ("", None, []) or isinstance(value, dict):
        return "none" if not isinstance(value, dict) else ""
    if isinstance(value, list):
        return f"`[{', '.join(str(one) for one in value)}]`"
    return f"`{value}`"
