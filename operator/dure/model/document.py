"""YAML text -> plain data that remembers where each value stood.

PyYAML's C loader composes nodes (0.65 ms a file; their marks give line and column); the nodes become plain
data here and nowhere else, so no tag can construct anything. Plain scalars are read as YAML 1.2 does: only
true and false are booleans, 02:30 and 010-1234 are text.
"""

import math
import re
import unicodedata
from dataclasses import dataclass, field
from pathlib import Path

import yaml
from pydantic import JsonValue

from dure.model.problem import Problem
from dure.model.text import UNSEEN, clean, place, read_bytes

MAX_NODES = 100_000
MAX_DEPTH = 40
MOST_DIGITS = 18
"""Of a number; longer ones stay text."""
# The C parser recurses on the C stack: 300,000 open brackets end the process without a message. Text whose
# nesting could pass this bound is walked as events (no recursion) before it is composed.
SAFE_NESTING = 2_000
CORE = "tag:yaml.org,2002:"
PLAIN_TAGS = {CORE + name for name in ("str", "int", "float", "bool", "null", "timestamp", "value", "merge")}
INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]*)")
FLOAT = re.compile(r"[-+]?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?")
ESCAPED_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
ESCAPED = re.compile(f"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff{UNSEEN}]")

Path_ = tuple[str | int, ...]
Pair = tuple[yaml.Node, yaml.Node]


@dataclass(frozen=True, slots=True)
class Document:
    """One file: `data` is None when it could not be read at all; then `problems` says why."""

    file: str
    data: JsonValue
    root: yaml.Node | None
    problems: list[Problem]
    unread: frozenset[tuple[int, int]] = frozenset()
    """Line and column of values that were refused and stand empty in the data."""
    index: "dict[int, dict[str, Pair]]" = field(default_factory=dict, repr=False, compare=False)
    """Identity of a mapping node -> key -> key node and value node; filled as places are asked for."""

    def at(self, path: Path_, *, key: bool = False) -> tuple[int, int]:
        """Line and column, from 1, of the value (or its key) under path, else of the nearest that exists."""
        node, spot = self.root, self.root
        for step in path:
            found = self._child(node, step)
            if found is None:
                continue  # pydantic puts names of union members and validators into its paths
            spot, node = (found[0] if key else found[1]), found[1]
        if spot is None:
            return 1, 1
        return spot.start_mark.line + 1, spot.start_mark.column + 1

    def _child(self, node: yaml.Node | None, step: str | int) -> Pair | None:
        """The key node and value node below; in a list both are the item."""
        if isinstance(node, yaml.MappingNode):
            if id(node) not in self.index:
                # From the end, so that of two equal keys the first stays: its value is the one that was read.
                self.index[id(node)] = {str(key.value): (key, value) for key, value in reversed(node.value)}
            return self.index[id(node)].get(str(step))
        if isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
            return node.value[step], node.value[step]
        return None

    def value(self, path: Path_) -> JsonValue:
        """The data under a path that exists."""
        here = self.data
        for step in path:
            below: JsonValue = None
            if isinstance(here, dict):
                below = here.get(str(step))
            elif isinstance(here, list):
                below = here[int(step)]
            here = below
        return here

    def problem(self, path: Path_, what: str, why: str, mend: str, *, key: bool = False) -> Problem:
        line, column = self.at(path, key=key)
        return Problem(self.file, line, column, what, why, mend)


def read_document(root: Path, file: Path) -> Document:
    """Read one YAML file of the workspace `root`; whatever is wrong with it becomes problems."""
    name = file.relative_to(root).as_posix()
    raw = read_bytes(name, file, root=root)
    if isinstance(raw, Problem):
        return Document(name, None, None, [raw])
    return parse_document(name, raw)


def parse_document(file: str, raw: bytes) -> Document:
    """The same for bytes at hand."""
    text = clean(file, raw)
    if text.content is None:
        return Document(file, None, None, text.problems)
    try:
        _refuse_deep_nesting(text.content)
        node = yaml.compose(text.content, Loader=yaml.CSafeLoader)
    except _TooDeep as error:
        problem = _too_deep(file, error.line, error.column)
        return Document(file, None, None, [*text.problems, problem])
    except yaml.YAMLError as error:
        return Document(file, None, None, [*text.problems, _syntax_problem(file, text.content, error)])
    if node is None:
        return Document(file, {}, None, text.problems)
    conversion = _Conversion(file, node)
    data = conversion.convert(node)
    problems = text.problems + conversion.problems
    if conversion.nodes > MAX_NODES:
        return Document(file, None, None, problems)
    if data is None and not problems:
        data = {}  # `null` is an empty file, not one that cannot be read
    return Document(file, data, node, problems, frozenset(conversion.unread))


class _TooDeep(Exception):
    def __init__(self, line: int, column: int) -> None:
        self.line, self.column = line, column


def _refuse_deep_nesting(content: str) -> None:
    brackets = content.count("[") + content.count("{")
    longest = max(map(len, content.splitlines()), default=0)
    if brackets < SAFE_NESTING and longest < SAFE_NESTING:
        return
    depth = 0
    for event in yaml.parse(content, Loader=yaml.CSafeLoader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > MAX_DEPTH and event.start_mark is not None:
                raise _TooDeep(event.start_mark.line + 1, event.start_mark.column + 1)
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1


def _too_deep(file: str, line: int, column: int) -> Problem:
    what = f"values nest more than {MAX_DEPTH} deep"
    return Problem(
        file,
        line,
        column,
        what,
        "no key of a workspace needs that",
        "remove the nesting or the alias that repeats itself",
    )


def _syntax_problem(file: str, content: str, error: yaml.YAMLError) -> Problem:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    line, column = (mark.line + 1, mark.column + 1) if mark else place(content, len(content))
    why = getattr(error, "problem", None) or str(error).splitlines()[0]
    context = getattr(error, "context", None)
    mend = "compare indents, colons, quotes and brackets with the line above"
    if "undefined alias" in why:
        mend = "define the anchor before it is used, or write the value out"
    elif "mapping values are not allowed" in why:
        mend = "indent the line as its neighbours, or put text that holds a colon into quotes"
    elif "single document" in (context or ""):
        mend = "remove the line `---`: a file holds one document"
    return Problem(file, line, column, "the file is not YAML", f"{context}: {why}" if context else why, mend)


def _distinct_nodes(root: yaml.Node) -> int:
    """How many values are written there: an alias is its target once more, and counts once. Stops past MAX_NODES."""
    seen = {id(root)}
    waiting = [root]
    while waiting and len(seen) <= MAX_NODES:
        node = waiting.pop()
        below: list[yaml.Node] = []
        if isinstance(node, yaml.MappingNode):
            below = [value for _, value in node.value]
        elif isinstance(node, yaml.SequenceNode):
            below = list(node.value)
        fresh = [one for one in below if id(one) not in seen]
        seen.update(map(id, fresh))
        waiting += fresh
    return len(seen)


class _Conversion:
    """Nodes to data; counts as it goes, since an alias costs its whole target each time."""

    def __init__(self, file: str, root: yaml.Node) -> None:
        self.file = file
        self.root = root
        self.problems: list[Problem] = []
        self.unread: set[tuple[int, int]] = set()
        self.nodes = 0

    def tell(self, node: yaml.Node, what: str, why: str, mend: str, *, empty: bool = False) -> None:
        """Note a problem; `empty` when the value stands empty in the data because of it."""
        line, column = node.start_mark.line + 1, node.start_mark.column + 1
        self.problems.append(Problem(self.file, line, column, what, why, mend))
        if empty:
            self.unread.add((line, column))

    def convert(self, node: yaml.Node, depth: int = 0) -> JsonValue:
        self.nodes += 1
        if self.nodes > MAX_NODES:
            if self.nodes == MAX_NODES + 1:
                self._too_many(node)
            return None
        if depth > MAX_DEPTH:
            mark = node.start_mark
            self.problems.append(_too_deep(self.file, mark.line + 1, mark.column + 1))
            self.nodes = MAX_NODES + 1  # one message is enough
            return None
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, depth)
        if isinstance(node, yaml.SequenceNode):
            if node.tag != CORE + "seq":
                return self._foreign_tag(node)
            return [self.convert(item, depth + 1) for item in node.value]
        return self._scalar(node) if isinstance(node, yaml.ScalarNode) else None

    def _too_many(self, node: yaml.Node) -> None:
        if _distinct_nodes(self.root) > MAX_NODES:
            what, why = f"the file holds more than {MAX_NODES:,} values", "at most so many of one file are read"
            self.tell(node, what, why, "remove what does not belong in it")
            return
        what, why = (
            f"the file expands to more than {MAX_NODES:,} values",
            "aliases repeat their target each time they are used",
        )
        self.tell(node, what, why, "write the values out, or split the file")

    def _mapping(self, node: yaml.MappingNode, depth: int) -> JsonValue:
        if node.tag != CORE + "map":
            return self._foreign_tag(node)
        data: dict[str, JsonValue] = {}
        first: dict[str, int] = {}
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                self.tell(
                    key, "a key is a list or mapping", "keys are plain words", "write a plain word before the colon"
                )
                continue
            if key.tag == CORE + "merge":
                self.tell(
                    key, "the merge key `<<` is not read", "a file says what it means in place", "write the values out"
                )
                continue
            if key.tag not in PLAIN_TAGS:
                self._foreign_tag(key)
                continue
            name = str(key.value)
            if name in data:
                self.tell(
                    key, f'key "{name}" stands twice', f"line {first[name]} has it already", "remove one of the two"
                )
                continue
            first[name] = key.start_mark.line + 1
            data[name] = self.convert(value, depth + 1)
        return data

    def _scalar(self, node: yaml.ScalarNode) -> JsonValue:
        if node.tag not in PLAIN_TAGS or (node.style and node.tag != CORE + "str"):
            return self._foreign_tag(node)
        # One spelling of Korean, whatever computer it was typed on: Windows does not find a share by the other.
        text = unicodedata.normalize("NFC", str(node.value))
        hidden = ESCAPED.search(text)
        if hidden:
            kind = "control" if ESCAPED_CONTROL.fullmatch(hidden[0]) else "invisible"
            self.tell(
                node,
                f"the text holds {kind} character U+{ord(hidden[0]):04X}",
                "it was written as an escape",
                "delete the escape",
                empty=True,
            )
            return ""
        return text if node.style else plain_scalar(text)

    def _foreign_tag(self, node: yaml.Node) -> JsonValue:
        tag = node.tag.replace(CORE, "!!")
        self.tell(
            node,
            f"tag {tag} is not read",
            "a workspace holds plain values and constructs nothing",
            "remove the tag and write the value",
            empty=True,
        )
        return None


PLAIN_WORDS: dict[str, JsonValue] = {"": None, "~": None, "null": None, "true": True, "false": False}


def plain_scalar(text: str) -> JsonValue:
    """An unquoted scalar by YAML 1.2's core schema, decimal numbers alone."""
    if text in PLAIN_WORDS:
        return PLAIN_WORDS[text]
    if INTEGER.fullmatch(text) and len(text) <= MOST_DIGITS:
        return int(text)
    if FLOAT.fullmatch(text) and len(text) < 40:
        number = float(text)
        return number if math.isfinite(number) else text
    return text
