"""What the hub remembers of the audit log shows what the log alone cannot: a rewritten end, a log that is gone."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from dure.errors import UsageError
from dure.model.local import LocalSettings
from dure.runs import audit_verify
from dure.runs.audit import append, chain_id
from dure.runs.audit_memory import read_memory, send_head
from dure.runs.audit_verify import accept, findings
from dure.runs.context import Context
from dure.runs.remote_lease import ask
from dure.store.tables import Audit

from tests.unit.runs.conftest import Office
from tests.unit.runs.machine import Machine


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    machine = Machine(tmp_path / "hub")
    monkeypatch.setattr(audit_verify, "Session", lambda route: machine)
    return machine


def link(context: Context, run: str) -> None:
    append(context, what="provision", where="hub", why="", result="done", run=run, plan="", commit="")


def finished_run(context: Context, hub: Machine, run: str) -> str:
    """A link, and the hub told of it; what the hub found not to fit."""
    link(context, run)
    return send_head(context, hub)


def cut_off(context: Context, number: int) -> None:
    with context.store.transaction() as session:
        session.delete(session.get_one(Audit, number))


def wrong(context: Context, hub: Machine) -> list[str]:
    return [one.text for one in findings(context, read_memory(context, hub))[1]]


def test_a_log_whose_links_the_hub_heard_of_is_whole(office: Office, hub: Machine) -> None:
    assert [finished_run(office.minsu, hub, f"run-{number}") for number in range(3)] == ["", "", ""]
    assert wrong(office.minsu, hub) == []


def test_an_end_that_was_replaced_stays_found_after_any_number_of_runs(office: Office, hub: Machine) -> None:
    for number in range(3):
        finished_run(office.minsu, hub, f"run-{number}")
    cut_off(office.minsu, 3)
    assert finished_run(office.minsu, hub, "run-3") == "it remembers another link 3"
    assert finished_run(office.minsu, hub, "run-4") == "it remembers another link 3"
    assert wrong(office.minsu, hub) == ["is not the link that the hub remembers"]


def test_a_run_after_a_longer_end_was_cut_off_says_so(office: Office, hub: Machine) -> None:
    for number in range(4):
        finished_run(office.minsu, hub, f"run-{number}")
    for number in (4, 3, 2):
        cut_off(office.minsu, number)
    assert finished_run(office.minsu, hub, "run-5") == "it remembers link 4, and the last here is 2"


def test_links_of_a_time_when_the_hub_was_out_of_reach_are_told_later(office: Office, hub: Machine) -> None:
    finished_run(office.minsu, hub, "run-0")
    for number in range(1, 60):
        link(office.minsu, f"run-{number}")
    send_head(office.minsu, hub)
    assert sorted(read_memory(office.minsu, hub).links) == list(range(1, 61))


def test_a_line_that_a_power_cut_left_half_written_loses_no_other(office: Office, hub: Machine) -> None:
    finished_run(office.minsu, hub, "run-0")
    file = next(hub.root.glob("*.links"))
    with file.open("a") as half:
        half.write("\n2 abc")
    finished_run(office.minsu, hub, "run-1")
    assert sorted(read_memory(office.minsu, hub).links) == [1, 2]


# -- logs that are gone -----------------------------------------------------------------------------------------------


@pytest.fixture
def lost(office: Office, hub: Machine) -> Context:
    """minsu's workstation after its store was deleted; the hub remembers two links of the old chain."""
    for run in ("run-0", "run-1"):
        finished_run(office.minsu, hub, run)
    office.minsu.store.close()
    for file in (office.root / ".dure").glob("store.sqlite*"):
        file.unlink()
    again = Context(office.root, office.minsu.settings)
    finished_run(again, hub, "run-2")
    return again


def test_a_deleted_store_does_not_make_the_log_whole_again(lost: Context, hub: Machine) -> None:
    (said,) = wrong(lost, hub)
    assert "the log of kim-minsu in sqlite:///" in said
    assert "is gone: the hub remembers 2 links of it" in said


def test_a_workspace_that_moved_has_its_log_still(office: Office, hub: Machine) -> None:
    finished_run(office.minsu, hub, "run-0")
    office.minsu.store.close()
    moved = Context(office.root.rename(office.root.with_name("moved")), office.minsu.settings)
    assert wrong(moved, hub) == []


def test_a_workspace_that_was_removed_as_a_whole_is_missed_from_the_next_one(office: Office, hub: Machine) -> None:
    finished_run(office.minsu, hub, "run-0")
    office.minsu.store.close()
    elsewhere = office.root.with_name("elsewhere")
    shutil.copytree(office.root, elsewhere, ignore=shutil.ignore_patterns(".dure"))
    shutil.rmtree(office.root)
    (said,) = wrong(Context(elsewhere, office.minsu.settings), hub)
    assert "the hub remembers 1 links of it" in said


def test_a_second_workspace_of_this_machine_is_not_missed(office: Office, hub: Machine) -> None:
    finished_run(office.minsu, hub, "run-0")
    second = office.root.with_name("second")
    shutil.copytree(office.root, second, ignore=shutil.ignore_patterns(".dure"))
    assert wrong(Context(second, office.minsu.settings), hub) == []


def test_a_chain_of_another_machine_is_not_missed(office: Office, hub: Machine) -> None:
    told = {"engineer": "lee-jiwon", "host": "laptop-2", "machine": "0123456789abcdef", "store": "sqlite:////x"}
    ask(hub, "hub", "remember", chain="feedfeedfeedfeed", links=[[1, "a" * 64]], origin={**told})
    finished_run(office.minsu, hub, "run-0")
    assert wrong(office.minsu, hub) == []


def test_a_loss_that_was_signed_with_its_reason_is_known(lost: Context, hub: Machine) -> None:
    said = wrong(lost, hub)[0]
    chain = said.partition("(chain ")[2].partition(")")[0]
    with pytest.raises(UsageError, match="needs a reason"):
        accept(lost, chain, "")
    with pytest.raises(UsageError, match="is not lost here"):
        accept(lost, chain_id(lost.store), "잘못 적음")
    entry = accept(lost, chain, "노트북 디스크 고장")
    assert (entry.who, entry.why) == ("kim-minsu", "노트북 디스크 고장")
    assert wrong(lost, hub) == []


def test_a_password_of_the_store_is_not_told_to_the_hub(office: Office, hub: Machine, tmp_path: Path) -> None:
    finished_run(office.minsu, hub, "run-0")
    origin = json.loads(next(hub.root.glob("*.origin")).read_text())
    assert origin["store"] == f"sqlite:///{office.root}/.dure/store.sqlite"
    assert set(origin) == {"engineer", "host", "machine", "store"}
    settings = LocalSettings(engineer="kim-minsu", store_url="postgresql://msp:s3cret@db.example/dure")
    assert "s3cret" not in json.dumps(audit_verify.place_of(replace(office.minsu, settings=settings)))
