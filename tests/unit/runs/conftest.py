"""A workspace of two engineers with real keys, without any machine."""

import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest
from dure.model.local import LocalSettings
from dure.runs.context import Context

OPERATOR = """\
msp: {{ id: hanbit-it, name: 한빛아이티, phone: 02-555-0100, email: support@hanbit-it.example }}
engineers:
  - {{ id: kim-minsu, name: 김민수, email: minsu@hanbit-it.example, ssh_keys: ["{minsu}"] }}
  - {{ id: lee-jiwon, name: 이지원, email: jiwon@hanbit-it.example, ssh_keys: ["{jiwon}"] }}
hub: {{ address: 203.0.113.10 }}
"""


@dataclass(frozen=True)
class Office:
    """The workspace as each of the two engineers sees it."""

    root: Path
    minsu: Context
    jiwon: Context


def make_key(file: Path) -> str:
    """A fresh Ed25519 key pair; returns the public line."""
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", file.name, "-f", str(file)], check=True)
    return file.with_suffix(".pub").read_text().strip()


@pytest.fixture
def office(tmp_path: Path) -> Office:
    keys = {name: tmp_path / name for name in ("minsu", "jiwon")}
    root = tmp_path / "workspace"
    root.mkdir()
    (root / "operator.yaml").write_text(OPERATOR.format(**{name: make_key(file) for name, file in keys.items()}))
    minsu = Context(root, LocalSettings(engineer="kim-minsu", ssh_key=keys["minsu"]))
    jiwon = Context(root, LocalSettings(engineer="lee-jiwon", ssh_key=keys["jiwon"]))
    return Office(root, minsu, jiwon)
