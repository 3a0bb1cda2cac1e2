"""A workspace of two engineers with real keys, without any machine."""

import subprocess
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from dure.model.local import LocalSettings
from dure.model.workspace import HUB
from dure.runs.context import Context
from dure.runs.holder import Holder, this_process
from dure.runs.journal import create_run
from dure.runs.live import Request
from dure.runs.provision import command
from dure.store.tables import Run

from tests.unit.runs.machine import Machine

OPERATOR = """\
msp: {{ id: hanbit-it, name: 한빛아이티, phone: 02-555-0100, email: support@hanbit-it.example }}
engineers:
  - {{ id: kim-minsu, name: 김민수, name_en: Minsu Kim, email: minsu@hanbit-it.example, ssh_keys: ["{minsu}"] }}
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


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    machine = Machine(tmp_path / "hub")
    monkeypatch.setattr(command, "Session", lambda route: machine)
    return machine


@pytest.fixture
def theirs(office: Office) -> Holder:
    """Whoever works on run-1, which another workstation began and has not ended."""
    holder = replace(this_process("lee-jiwon", "run-1"), host="another-laptop")
    request = Request(site=HUB)
    create_run(
        office.minsu.store,
        Run(
            id="run-1", kind="provision", site=HUB, engineer="lee-jiwon", reason="", request=request.model_dump(),
            plan_digest="", state="open", started_at=datetime(2026, 11, 22, 4, 55, tzinfo=UTC), error="",
            cancel_by="", holder=holder.as_json(),
        ),
    )  # fmt: skip
    return holder
