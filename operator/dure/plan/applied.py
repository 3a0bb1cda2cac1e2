"""The plan that was last applied to each site: `.dure/applied/<customer>.<site>.json`, this workstation's memory."""

import os
import tempfile
from pathlib import Path

from pydantic import ValidationError

from dure.errors import DureError
from dure.model.local import state_directory
from dure.plan.value import Plan


def applied_file(root: Path, site_id: str) -> Path:
    """Where the plan of a site is kept."""
    return root / ".dure" / "applied" / f"{site_id.replace('/', '.')}.json"


def save(root: Path, plan: Plan) -> Path:
    """Remember the plan as applied; a reader sees the old one or the new one. The file."""
    state_directory(root)
    file = applied_file(root, plan.site)
    file.parent.mkdir(mode=0o700, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=".applied-")
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(plan.canonical_json())
            stream.flush()
            os.fsync(stream.fileno())
        temporary.replace(file)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    return file


def load(root: Path, site_id: str) -> Plan | None:
    """The plan last applied from this workstation; None when there is none. Raises DureError when it is damaged."""
    file = applied_file(root, site_id)
    if not file.exists():
        return None
    try:
        return Plan.model_validate_json(file.read_bytes())
    except ValidationError as error:
        raise DureError(
            "the plan last applied cannot be read",
            where=str(file),
            why="it is damaged or of another version",
            mend=f"rm {file}; the next provision writes it anew",
        ) from error
