"""One run a site: a living holder is named and respected, a dead one is not waited for."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from dure.runs import machine_state
from dure.runs.holder import Holder, this_process
from dure.runs.lease import TTL_SECONDS, LeaseTaken, LocalLease

SITE = "hansol-plastics/ansan"

HOLDING = """
import sys
from pathlib import Path
from dure.runs.holder import this_process
from dure.runs.lease import LocalLease
LocalLease(Path(sys.argv[1]), "hansol-plastics/ansan", this_process("lee-jiwon", "run-2")).take()
print("taken", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def mine(tmp_path: Path) -> LocalLease:
    return LocalLease(tmp_path, SITE, this_process("kim-minsu", "run-1"))


@pytest.fixture
def another(tmp_path: Path) -> "Iterator[subprocess.Popen[str]]":
    """Another process that holds the lease."""
    program = subprocess.Popen(
        [sys.executable, "-c", HOLDING, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert program.stdout
    assert program.stdout.readline() == "taken\n"
    yield program
    program.kill()
    program.wait()


def test_a_living_holder_is_named(mine: LocalLease, another: "subprocess.Popen[str]") -> None:
    with pytest.raises(LeaseTaken, match=f"run run-2 of lee-jiwon \\(process {another.pid} on ") as refused:
        mine.take()
    assert "operator runs cancel run-2" in refused.value.mend


def test_the_lease_of_a_killed_process_is_free_at_once(mine: LocalLease, another: "subprocess.Popen[str]") -> None:
    another.kill()
    another.wait()
    mine.take()
    assert mine.renew()


def test_the_lease_of_a_zombie_is_free_too(mine: LocalLease, another: "subprocess.Popen[str]") -> None:
    another.kill()
    end = time.monotonic() + 5
    while time.monotonic() < end:
        try:
            mine.take()
            break
        except LeaseTaken:
            continue
    assert mine.renew(), "a zombie was taken for a living holder"


def test_a_number_that_another_process_has_now_is_no_holder(mine: LocalLease, tmp_path: Path) -> None:
    earlier = replace(this_process("lee-jiwon", "run-0"), started=1)
    LocalLease(tmp_path, SITE, earlier).take()
    mine.take()
    assert mine.renew()


def test_another_hosts_lease_holds_until_it_expires(mine: LocalLease, tmp_path: Path) -> None:
    elsewhere = replace(this_process("lee-jiwon", "run-0"), host="another-laptop")
    LocalLease(tmp_path, SITE, elsewhere).take()
    with pytest.raises(LeaseTaken, match="another-laptop"):
        mine.take()
    content = json.loads(mine.file.read_text())
    mine.file.write_text(json.dumps({**content, "expires": time.time() - 1}))
    mine.take()


def test_a_lease_that_was_taken_over_is_not_renewed_nor_given_back(mine: LocalLease, tmp_path: Path) -> None:
    mine.take()
    other = LocalLease(tmp_path, SITE, replace(this_process("lee-jiwon", "run-2"), host="another-laptop"))
    mine.file.unlink()
    other.take()
    assert not mine.renew()
    mine.release()
    assert other.renew()


def test_two_sites_do_not_meet(mine: LocalLease, tmp_path: Path, another: "subprocess.Popen[str]") -> None:
    beside = LocalLease(tmp_path, "saehan-accounting/seocho", mine.holder)
    beside.take()
    assert beside.renew()
    with pytest.raises(LeaseTaken):
        mine.take()


def test_a_damaged_lease_file_holds_nobody_up(mine: LocalLease) -> None:
    mine.file.write_text("{")
    mine.take()
    assert mine.renew()


# -- the same on hub and box -----------------------------------------------------------------------------------------


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(machine_state, "ROOT", tmp_path)
    return tmp_path


def ask_for(holder: Holder, dead: Holder | None = None) -> machine_state.Record:
    request = {"holder": holder.as_json(), "ttl": TTL_SECONDS, "dead": dead.as_json() if dead else None}
    return machine_state.take(SITE, request)


MINSU = Holder("kim-minsu", "run-1", "laptop-1", "boot", 100, 1000)
JIWON = Holder("lee-jiwon", "run-2", "laptop-2", "boot", 200, 2000)


def test_the_machine_refuses_a_second_workstation_and_names_the_first(machine: Path) -> None:
    assert ask_for(MINSU)["granted"]
    refused = ask_for(JIWON)
    assert not refused["granted"]
    assert refused["holder"] == MINSU.as_json()
    assert 0 < refused["left"] <= TTL_SECONDS


def test_the_machine_renews_its_holder(machine: Path) -> None:
    assert ask_for(MINSU)["granted"]
    assert ask_for(MINSU)["granted"]


def test_the_machine_lets_a_dead_holder_go_when_the_asker_knows_of_its_death(machine: Path) -> None:
    ask_for(MINSU)
    assert not ask_for(JIWON, dead=replace(MINSU, pid=101))["granted"]
    assert ask_for(JIWON, dead=MINSU)["granted"]


def test_the_machine_lets_an_expired_lease_go(machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ask_for(MINSU)
    later = time.time() + TTL_SECONDS + 1
    monkeypatch.setattr(machine_state.time, "time", lambda: later)
    assert ask_for(JIWON)["granted"]


def test_only_the_holder_gives_back(machine: Path) -> None:
    ask_for(MINSU)
    assert not machine_state.release(SITE, {"holder": JIWON.as_json()})["released"]
    assert machine_state.release(SITE, {"holder": MINSU.as_json()})["released"]
    assert ask_for(JIWON)["granted"]
