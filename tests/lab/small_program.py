"""The command with a small blueprint for boxes, so that a test of runs takes seconds where all roles take minutes."""

import shutil
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from tests.lab.conftest import ROOT, Operator

JOINED = ("base", "accounts", "wireguard")
"""The fewest roles with which a box is reached through its tunnel."""
ROLES = (*JOINED, "file_share")


@dataclass(frozen=True, slots=True)
class SmallOperator(Operator):
    """The command from a copy of the program whose blueprint for boxes has few roles."""

    program: Path = field(default_factory=Path)

    def environment(self, **variables: str) -> dict[str, str]:
        return {**Operator.environment(self, **variables), "PYTHONPATH": str(self.program)}


def small_program(root: Path, roles: tuple[str, ...] = ROLES, *, cloud: bool = False) -> Path:
    """As a wheel lays it out: `dure` with its toolkit inside."""
    nothing_built = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "operator" / "dure", root / "dure", ignore=nothing_built)
    for part in ("stacks", "playbooks", "blueprints"):
        shutil.copytree(ROOT / part, root / "dure" / "toolkit" / part, ignore=nothing_built)
    file = root / "dure" / "toolkit" / "blueprints" / "hybrid-server" / "blueprint.yaml"
    blueprint = yaml.safe_load(file.read_text())
    blueprint["roles"] = [role for role in blueprint["roles"] if role["name"] in roles]
    blueprint["verification"] = [one for one in blueprint["verification"] if one["kind"] == "tunnel"]
    blueprint["checks"] = [check for check in blueprint["checks"] if check["name"] in ("tunnel", "file-share")]
    if not cloud:
        del blueprint["cloud"]
    file.write_text(yaml.safe_dump(blueprint, allow_unicode=True))
    return root
