"""What the sandbox remembers beside the double: a file a resource.

For each resource it holds what the double said right after our last write. The double may keep a value in another
form, or not at all; only when it says something else later has somebody changed it. For types that the double lacks
the record is the resource itself.
"""

import hashlib
import json
import os
import re
import threading
from pathlib import Path

from dure.cloud.sandbox.handler import Calls
from dure.cloud.sandbox.properties import Properties

READABLE = 40


def _file(calls: Calls, kind: str, identity: str) -> Path:
    short = re.sub(r"[^A-Za-z0-9.-]", "_", identity)[:READABLE]
    digest = hashlib.sha256(f"{calls.region} {identity}".encode()).hexdigest()[:12]
    return calls.record / kind.rpartition(":")[2] / f"{short}-{digest}.json"


def write(calls: Calls, kind: str, identity: str, value: Properties) -> None:
    """Write then rename, so that a reader sees the old or the new."""
    file = _file(calls, kind, identity)
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_name(f".{file.name}.{os.getpid()}.{threading.get_ident()}")
    draft.write_text(json.dumps(value, default=str), encoding="utf-8")
    draft.replace(file)


def read(calls: Calls, kind: str, identity: str) -> Properties | None:
    """None when nothing was written, or it was forgotten."""
    try:
        found: Properties = json.loads(_file(calls, kind, identity).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    return found


def forget(calls: Calls, kind: str, identity: str) -> None:
    _file(calls, kind, identity).unlink(missing_ok=True)
