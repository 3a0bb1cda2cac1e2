"""Changes of resources from the engine's events, secrets masked."""

import queue
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from pulumi.automation import DiagnosticEvent, EngineEvent, StepEventMetadata
from pydantic import JsonValue

from dure.cloud.preview import MASK, Operation, Preview, PropertyChange, ResourceChange, StackEvent
from dure.plan.subject import UNKNOWN_TEXT, Resource, ResourceOperation

CHANGES: dict[str, Operation] = {
    "create": "create",
    "update": "update",
    "replace": "replace",
    "delete": "delete",
    "read": "read",
    "import": "import",
}
"""What counts as a change; the create and delete steps of a replacement are part of its `replace`."""
PLANNED: dict[str, ResourceOperation] = {
    "same": "same",
    "create": "create",
    "update": "update",
    "replace": "replace",
    "delete": "delete",
    "read": "same",
    "import": "create",
}
"""What becomes of a resource; the other steps are parts of these."""
SIGNATURE = "4dabf18193072939515e22adb298388d"
UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
COLOUR = re.compile(r"<\{%.*?%\}>")
STACK = "pulumi:pulumi:Stack"
OWN_TYPES = (STACK, "pulumi:providers:")
"""The stack itself and its providers: the engine's book-keeping, not resources of ours."""
NOISE = ("update failed", "preview failed")
"""What the engine adds to every failure."""
STEP = re.compile(r'\.?([^.\[\]"]+)|\[(\d+)\]|\["([^"]+)"\]')


LAST_EVENT = 30.0
"""Seconds for an event that was sent before what has come already."""


@dataclass(frozen=True, slots=True)
class Found:
    """What one pass of the engine told of a stack's resources."""

    changes: tuple[ResourceChange, ...]
    unchanged: int
    resources: tuple[Resource, ...]

    def preview(self, stack: str) -> Preview:
        return Preview(stack=stack, changes=self.changes, unchanged=self.unchanged, resources=self.resources)


class Watcher:
    """Collects changes and errors while an operation runs, and tells progress as it comes.

    `previews_first`: the operation has two passes, of which the first is a preview; see `first_pass`.
    """

    def __init__(self, tell: Callable[[StackEvent], None], *, previews_first: bool = False) -> None:
        self._tell = tell
        self._changes: dict[str, ResourceChange] = {}
        self._resources: dict[str, Resource] = {}
        self._first: queue.Queue[Found] = queue.Queue()
        self._previews_first = previews_first
        self.errors: list[str] = []
        self.unchanged = 0
        self.outputs: dict[str, JsonValue] = {}
        """The stack's, secret ones masked."""
        self.applying = False
        """The first pass was looked at."""

    @property
    def changes(self) -> tuple[ResourceChange, ...]:
        return tuple(self._changes.values())

    @property
    def resources(self) -> tuple[Resource, ...]:
        """All of the stack, those that stay and those that go included, sorted by URN."""
        return tuple(self._resources[urn] for urn in sorted(self._resources))

    def found(self) -> "Found":
        """All so far."""
        return Found(self.changes, self.unchanged, self.resources)

    def first_pass(self) -> "Found":
        """What the preview found, once its last event has come: events have a way of their own from the engine.

        Raises TimeoutError when it does not come.
        """
        try:
            found = self._first.get(timeout=LAST_EVENT)
        except queue.Empty:
            raise TimeoutError(f"the engine has not ended its preview's events in {LAST_EVENT:.0f} s") from None
        self.applying = True
        return found

    def __call__(self, event: EngineEvent) -> None:
        if event.summary_event and self._previews_first:
            self._previews_first = False
            self._first.put(self.found())
            self._changes, self._resources, self.unchanged = {}, {}, 0
        if event.resource_pre_event:
            self._begun(event.resource_pre_event.metadata)
        elif event.res_outputs_event:
            self._ended(event.res_outputs_event.metadata, "done")
        elif event.res_op_failed_event:
            self._ended(event.res_op_failed_event.metadata, "failed")
        elif event.diagnostic_event:
            self._said(event.diagnostic_event)

    def _begun(self, step: StepEventMetadata) -> None:
        if step.type.startswith(OWN_TYPES):
            return
        if step.op.value in PLANNED:
            self._resources[step.urn] = resource_of(step)
        if step.op.value == "same":
            self.unchanged += 1
        elif step.op.value in CHANGES:
            change = change_of(step)
            self._changes[change.urn] = change
            self._tell(StackEvent(kind="started", op=change.op, type=change.type, name=change.name))

    def _ended(self, step: StepEventMetadata, kind: str) -> None:
        """A refresh tells only here what it found changed, the stack itself its outputs when all else is done."""
        if step.type == STACK and step.new and step.new.outputs is not None:
            self.outputs = {name: _shown(value) for name, value in step.new.outputs.items()}
        if step.op.value in CHANGES and step.urn not in self._changes and not step.type.startswith(OWN_TYPES):
            self._changes[step.urn] = change_of(step)
        if step.op.value not in CHANGES or step.type.startswith(OWN_TYPES):
            return
        ended = StackEvent(
            kind="failed" if kind == "failed" else "done", op=step.op.value, type=step.type, name=name_of(step.urn)
        )
        self._tell(ended)

    def _said(self, said: DiagnosticEvent) -> None:
        if said.ephemeral or said.severity == "debug":
            return
        words = COLOUR.sub("", said.message).partition("\nTraceback (most recent call last)")[0].strip()
        if said.severity == "error" and words and words not in (*NOISE, *self.errors):
            self.errors.append(words)
        if words:
            self._tell(StackEvent(kind="message", text=words))


def change_of(step: StepEventMetadata) -> ResourceChange:
    """One step as a value: for a new resource all its inputs, else what differs."""
    old: Mapping[str, JsonValue] = step.old.inputs if step.old and step.old.inputs else {}
    new: Mapping[str, JsonValue] = step.new.inputs if step.new and step.new.inputs else {}
    if step.op.value == "create":
        paths = sorted(key for key in new if not key.startswith("__"))
    else:
        paths = sorted((step.detailed_diff or {}) or (step.diffs or []))
    return ResourceChange(
        urn=step.urn,
        type=step.type,
        name=name_of(step.urn),
        op=CHANGES[step.op.value],
        properties=tuple(
            PropertyChange(path=path, before=_shown(_at(old, path)), after=_shown(_at(new, path))) for path in paths
        ),
    )


def resource_of(step: StepEventMetadata) -> Resource:
    """The resource that a step is about, whole."""
    op = PLANNED[step.op.value]
    there = step.new if step.new and op != "delete" else step.old
    old = _inputs(step.old.inputs) if step.old and op in ("update", "replace", "delete") else None
    return Resource(
        urn=step.urn,
        type=step.type,
        name=name_of(step.urn),
        op=op,
        inputs={} if op == "delete" else _inputs(step.new.inputs if step.new else None),
        before=old,
        protect=bool(there and there.protect),
        parent=there.parent if there else "",
    )


def _inputs(given: Mapping[str, JsonValue] | None) -> dict[str, JsonValue]:
    return {key: _shown(value) for key, value in (given or {}).items() if not key.startswith("__")}


def name_of(urn: str) -> str:
    return urn.rpartition("::")[2]


def _at(properties: JsonValue | Mapping[str, JsonValue], path: str) -> JsonValue:
    """The value at `a.b[0]["c.d"]`; None when there is none."""
    value = properties
    for plain, index, quoted in STEP.findall(path):
        if isinstance(value, Mapping):
            value = value.get(plain or quoted)
        elif isinstance(value, list) and index and int(index) < len(value):
            value = value[int(index)]
        else:
            return None
    return dict(value) if isinstance(value, Mapping) else value


def _shown(value: JsonValue) -> JsonValue:
    """Secrets masked, unknowns in words, internal keys left out."""
    if isinstance(value, Mapping):
        if SIGNATURE in value:
            return MASK
        return {key: _shown(inner) for key, inner in value.items() if not key.startswith("__")}
    if isinstance(value, list):
        return [_shown(inner) for inner in value]
    return value.replace(UNKNOWN, UNKNOWN_TEXT) if isinstance(value, str) else value
