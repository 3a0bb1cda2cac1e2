"""No run ends without a link in the audit log, and where none can be made the run says so."""

from pathlib import Path

import pytest
from dure.cli.runs import show_run
from dure.model.workspace import HUB
from dure.runs.audit import entries
from dure.runs.cancel import cancel
from dure.runs.context import Context
from dure.runs.holder import Holder, this_process
from dure.runs.journal import Journal, find_run, list_runs, notes_of
from dure.runs.live import Request
from dure.runs.provision import command
from dure.runs.remote_lease import ask
from dure.store.tables import Run

from tests.unit.runs.conftest import Office
from tests.unit.runs.machine import Machine
from tests.unit.runs.test_living_runs import Unattended, provision_here


def results(context: Context, run: str) -> list[tuple[str, str]]:
    return [(entry.who, entry.result) for entry in entries(context.store) if entry.run == run]


def dies_here(office: Office) -> None:
    """run-1 began on this workstation, and its process is dead."""
    with office.minsu.store.transaction() as session:
        run = session.get_one(Run, "run-1")
        run.holder = {**run.holder, "host": _host(), "boot": "an earlier boot"}


def _host() -> str:
    return this_process("", "").host


def test_a_dead_run_that_is_given_up_gets_its_link(office: Office, hub: Machine, theirs: Holder) -> None:
    ask(hub, HUB, "take", holder=theirs.as_json(), ttl=-1)
    with pytest.raises(Exception, match="not enrolled"):
        provision_here(office)
    ((who, result),) = results(office.minsu, "run-1")
    assert who == "kim-minsu"
    assert result.startswith("closed: its process is dead")


def test_a_dead_run_that_is_cancelled_gets_its_link(office: Office, theirs: Holder) -> None:
    dies_here(office)
    assert cancel(office.jiwon, "run-1").note == ""
    assert results(office.jiwon, "run-1") == [("lee-jiwon", "cancelled: by lee-jiwon, its process was dead")]


@pytest.fixture
def keyless(office: Office) -> Office:
    """minsu's signing key is gone."""
    key = office.minsu.settings.ssh_key
    assert key is not None
    key.unlink()
    return office


def test_a_run_whose_link_cannot_be_signed_says_so_where_it_is_shown(
    keyless: Office, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(Exception, match="not enrolled"):
        command.provision(keyless.minsu, Request(site=HUB, yes=True), Unattended())
    (run,) = (one.id for one in _runs(keyless))
    assert find_run(keyless.minsu.store, run).state == "failed"
    show_run(keyless.minsu, run, as_json=False, steps=False)
    said = capsys.readouterr().err
    assert said.startswith("note: the audit log has no link of this run: ")
    assert "it could not be signed" in said


def test_a_cancel_that_cannot_be_signed_says_so(keyless: Office, theirs: Holder) -> None:
    dies_here(keyless)
    assert "it could not be signed" in cancel(keyless.minsu, "run-1").note
    assert find_run(keyless.minsu.store, "run-1").state == "cancelled"


def test_a_half_written_event_does_not_hide_the_others(office: Office, theirs: Holder) -> None:
    directory: Path = office.minsu.artifacts("run-1")
    journal = Journal(office.minsu.store, "run-1", directory)
    journal.tell("note", "audit", "하나")
    with (directory / "events.jsonl").open("a") as half:
        half.write('{"at": 17\n')
    journal.tell("note", "audit", "둘")
    assert notes_of(directory, "audit") == ["하나", "둘"]


def _runs(office: Office) -> list[Run]:
    return list_runs(office.minsu.store, HUB, 5)
