"""What is said between a stack and the process that runs one operation on it: JSON lines."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, JsonValue

BEAT = 10.0
"""Seconds: a dozen of them go missing before a process is taken for frozen (`conversation.SILENCE`)."""
Verb = Literal["preview", "up", "refresh", "destroy", "outputs", "drift"]


class Request(BaseModel):
    """One operation. Secrets are never in it: they are files that its environment names."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    verb: Verb
    stack: str
    program_directory: str
    work_directory: str
    configuration: dict[str, JsonValue]
    """Key with its namespace -> value; maps and lists as they are."""
    endpoint: str = ""
    region: str
    unprotect: bool = False
    """Destroy protected resources too, whichever they are."""
    unprotect_urns: tuple[str, ...] = ()
    """Destroy these protected resources too."""
    plan_file: str = ""
    """The engine's own plan: `preview` writes it, `up` does what it says or nothing; empty: none."""
    asks: bool = False
    """`up` previews first, tells what it found, and waits until it may go on."""
    lock_seconds: float
    """How long to wait for a live holder of the stack's lock."""
    beat_seconds: float = BEAT
    """Between two of the process's signs of life."""


class Surroundings(BaseModel):
    """Where a worker works; its first line, before the Request. The environment names files with secrets."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    environment: dict[str, str]
    directory: str


class Failure(BaseModel):
    """Why an operation failed; becomes a DureError on the other side."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    what: str
    why: str = ""
    mend: str = ""
    kind: Literal["error", "usage", "refused", "cancelled"] = "error"
