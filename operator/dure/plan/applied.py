"""The plan that was last applied to each site: `.dure/applied/<customer>.<site>.json`, this workstation's memory."""

from pathlib import Path

from pydantic import ValidationError

from dure.errors import DureError
from dure.model.local import state_directory
from dure.model.writing import cannot_write, replace_file
from dure.plan.value import Plan


def applied_file(root: Path, site_id: str) -> Path:
    """Where the plan of a site is kept."""
    return root / ".dure" / "applied" / f"{site_id.replace('/', '.')}.json"


def save(root: Path, plan: Plan) -> Path:
    """Remember the plan as applied; a reader sees the old one or the new one. The file."""
    state_directory(root)
    file = applied_file(root, plan.site)
    try:
        file.parent.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise cannot_write(file.parent, error) from error
    replace_file(file, plan.canonical_json(), mode=0o600)
    return file


def load(root: Path, site_id: str) -> Plan | None:
    """The plan last applied from this workstation; None when there is none. Raises DureError when it is damaged."""
    file = applied_file(root, site_id)
    try:
        return Plan.model_validate_json(file.read_bytes())
    except FileNotFoundError:
        return None
    except (OSError, ValidationError) as error:
        raise DureError(
            "the plan last applied cannot be read",
            where=str(file),
            why=(isinstance(error, OSError) and error.strerror) or "it is damaged or of another version",
            mend=f"rm -r {file}; the next provision writes it anew",
        ) from error
