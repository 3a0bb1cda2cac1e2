"""What a stack would change, or changed, as values that hold no secret."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, JsonValue

from dure.plan.subject import MASK, Resource

__all__ = ["MASK", "Operation", "Preview", "PropertyChange", "ResourceChange", "StackEvent", "UpResult"]

Operation = Literal["create", "update", "replace", "delete", "read", "import", "refresh"]


class Value(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class PropertyChange(Value):
    """One property; `before` is None when it is new, `after` when it goes. Secrets are masked."""

    path: str
    before: JsonValue = None
    after: JsonValue = None


class ResourceChange(Value):
    urn: str
    type: str
    name: str
    op: Operation
    properties: tuple[PropertyChange, ...] = ()

    def line(self) -> str:
        """Such as `update aws:s3/bucket:Bucket vault: tags`."""
        paths = ", ".join(one.path for one in self.properties) if self.op in ("update", "replace") else ""
        return f"{self.op} {self.type} {self.name}" + (f": {paths}" if paths else "")


class Preview(Value):
    """Resources that would change; those that stay are only counted.

    `resources` are all of them with their inputs, for rules and prices.
    """

    stack: str
    changes: tuple[ResourceChange, ...]
    unchanged: int
    resources: tuple[Resource, ...] = ()

    @property
    def empty(self) -> bool:
        return not self.changes


class UpResult(Value):
    """What was done; plain outputs only: secret ones are had by Stack.outputs()."""

    stack: str
    changes: tuple[ResourceChange, ...]
    unchanged: int
    seconds: float
    outputs: dict[str, JsonValue]
    """Plain outputs; a secret one reads `[secret]`."""
    resources: tuple[Resource, ...] = ()
    """All that `up` made or left as it was, with what only AWS could tell; empty for other operations."""
    note: str = ""
    """What had to be mended first, as a line."""


class StackResource(Value):
    """One resource of a state; what is protected holds data."""

    urn: str
    type: str
    protect: bool

    @property
    def name(self) -> str:
        return self.urn.rpartition("::")[2]


class Drift(Value):
    """What the cloud has otherwise than the state: `update` is changed by hand, `delete` is missing there.

    `recorded` are ids and ARNs of all that the state knows, by which what is unmanaged is told.
    """

    stack: str
    changes: tuple[ResourceChange, ...]
    recorded: tuple[str, ...]
    resources: int = 0
    """How many resources of the cloud the state knows."""


class StackEvent(Value):
    """Progress: a resource begun, done or failed, or a message of the engine or a provider."""

    kind: Literal["started", "done", "failed", "message"]
    op: str = ""
    type: str = ""
    name: str = ""
    text: str = ""

    def line(self) -> str:
        if self.kind == "message":
            return self.text
        return f"{self.kind} {self.op} {self.type} {self.name}".strip()
