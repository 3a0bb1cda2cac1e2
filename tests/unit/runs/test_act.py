"""A restore or rewind stands in the audit log before it touches anything, and its end after it."""

import subprocess
import sys
from pathlib import Path

import pytest
from dure.cli.runs import show_run
from dure.errors import DureError
from dure.runs import act as act_module
from dure.runs.act import Act, act
from dure.runs.audit import entries
from dure.runs.audit_memory import read_memory
from dure.runs.audit_verify import findings
from dure.runs.cancel import cancel
from dure.runs.context import Context
from dure.runs.journal import list_runs
from dure.store.tables import Audit

from tests.unit.runs.conftest import Office
from tests.unit.runs.machine import Machine

SITE = "hansol-plastics/ansan"
DIES = """
import os, signal, sys
from pathlib import Path
from dure.model.local import LocalSettings
from dure.runs.act import act
from dure.runs.context import Context

settings = LocalSettings(engineer="kim-minsu", ssh_key=Path(sys.argv[2]), proxy_command="false")
context = Context(Path(sys.argv[1]), settings)
with act(context, "restore", "hansol-plastics/ansan", "kill", "/srv/x as of today"):
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    machine = Machine(tmp_path / "hub")
    monkeypatch.setattr(act_module, "Session", lambda route: machine)
    return machine


def do(context: Context, result: str = "done: /srv/x.restored") -> Act:
    with act(context, "restore", SITE, "왜", "/srv/x as of today") as one:
        one.result = result
    return one


def results(context: Context) -> list[str]:
    return [entry.result for entry in entries(context.store)]


def remembered(context: Context, hub: Machine) -> list[int]:
    return sorted(read_memory(context, hub).links)


def test_the_log_and_the_hub_have_it_as_begun_before_and_with_its_result_after(office: Office, hub: Machine) -> None:
    with act(office.minsu, "restore", SITE, "왜", "/srv/x as of today") as one:
        assert results(office.minsu) == ["begun: /srv/x as of today"]
        assert remembered(office.minsu, hub) == [1]
        assert findings(office.minsu, None) == (1, [])  # its run lives
        one.result = "done: /srv/x.restored"
    assert results(office.minsu) == ["begun: /srv/x as of today", "done: /srv/x.restored"]
    assert remembered(office.minsu, hub) == [1, 2]
    assert findings(office.minsu, read_memory(office.minsu, hub)) == (2, [])
    assert one.note == ""


def test_what_fails_has_its_failure_as_its_end(office: Office, hub: Machine) -> None:
    def fail(error: BaseException) -> None:
        with act(office.minsu, "restore", SITE, "", "x"):
            raise error

    with pytest.raises(DureError):
        fail(DureError("the box does not answer"))
    with pytest.raises(KeyboardInterrupt):
        fail(KeyboardInterrupt())
    told = results(office.minsu)
    assert told[1] == "failed: the box does not answer"
    assert told[3] == "failed: broken off by KeyboardInterrupt, how far it came is not known"
    assert {run.state for run in list_runs(office.minsu.store, SITE, 5)} == {"failed"}


def test_what_cannot_be_signed_is_not_begun(office: Office, hub: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(DureError, match="nothing is touched: there is no ssh-keygen on PATH") as caught:
        do(office.minsu)
    assert "openssh-client" in caught.value.mend
    assert results(office.minsu) == []
    (run,) = list_runs(office.minsu.store, SITE, 5)
    assert run.state == "failed"


@pytest.fixture
def half_told(office: Office, hub: Machine) -> Act:
    """A restore after which the engineer's key was gone; the key is there again."""
    key = office.minsu.settings.ssh_key
    assert key is not None
    with act(office.minsu, "restore", SITE, "", "/srv/x") as one:
        one.result = "done: /srv/x.restored"
        key.rename(key.with_name("away"))
    key.with_name("away").rename(key)
    return one


def test_an_end_that_cannot_be_signed_is_said_and_found(
    office: Office, half_told: Act, capsys: pytest.CaptureFixture[str]
) -> None:
    assert half_told.note.startswith("the restore has ended (done), but stands in the audit log as begun only: ")
    show_run(office.minsu, half_told.journal.run, as_json=False, steps=True)
    shown = capsys.readouterr()
    assert "done: /srv/x.restored" in shown.out
    assert "as begun only" in shown.err
    count, (found,) = findings(office.minsu, None)
    assert (count, found.number, found.kind) == (1, 1, "unfinished")
    assert "its run ended as done" in found.text


def test_the_next_act_signs_the_end_that_was_missing(office: Office, half_told: Act) -> None:
    do(office.jiwon)
    assert results(office.minsu)[1] == "told late: done: /srv/x.restored"
    assert findings(office.minsu, None) == (4, [])


@pytest.fixture
def killed(office: Office) -> Office:
    """minsu's restore was killed between its link and its end."""
    argv = [sys.executable, "-c", DIES, str(office.root), str(office.minsu.settings.ssh_key)]
    assert subprocess.run(argv, timeout=60).returncode == -9
    return office


def test_a_killed_one_stands_as_begun_and_is_found_when_its_process_is_dead(killed: Office) -> None:
    assert results(killed.minsu) == ["begun: /srv/x as of today"]
    _, (found,) = findings(killed.minsu, None)
    assert found.kind == "unfinished"
    assert f"restore {SITE} was begun by kim-minsu, and its end is not in the log: its process is dead" in found.text


def test_the_next_act_signs_that_a_killed_one_died(killed: Office, hub: Machine) -> None:
    do(killed.jiwon)
    assert results(killed.jiwon)[1] == "closed: its process died, how far it came is not known"
    assert findings(killed.jiwon, None) == (4, [])
    assert {run.state for run in list_runs(killed.minsu.store, SITE, 5)} == {"closed", "done"}


def test_a_killed_one_can_be_closed_by_hand(killed: Office) -> None:
    (run,) = list_runs(killed.minsu.store, SITE, 5)
    cancel(killed.minsu, run.id)
    assert findings(killed.minsu, None) == (2, [])


def test_an_end_that_was_cut_off_is_found_by_the_hub(office: Office, hub: Machine) -> None:
    do(office.minsu)
    with office.minsu.store.transaction() as session:
        session.delete(session.get_one(Audit, 2))
    texts = [one.text for one in findings(office.minsu, read_memory(office.minsu, hub))[1]]
    assert any("the end is cut off: the hub remembers link 2" in text for text in texts)
    assert any("its end is not in the log" in text for text in texts)
