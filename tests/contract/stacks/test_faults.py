"""What goes wrong under many stacks: faults of the cloud, a killed operator, locks, bad input. One line each."""

import json
import os
import signal
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from unittest import mock

import pytest
from dure.errors import DureError
from dure.model.local import LocalSettings
from dure.runs.context import Context
from dure.runs.holder import Holder, this_process
from dure.runs.stacks import lease
from dure.secrets import SecretStore

from tests.contract.cloud.proxy import Faults, making_bucket
from tests.contract.cloud.test_faults import alive, workers
from tests.contract.command import Outcome, operator
from tests.contract.stacks.desk import PASSPHRASE, Desk
from tests.poll import until

SITE = "id: {id}\nname: {id}\nsites:\n  - id: s\n    name: s\n    blueprint: hybrid-server\n    tags: [many]\n"
LAN = "    lan: { cidr: 192.168.0.0/24, address: 192.168.0.10, router: 192.168.0.1 }\n"


def one_line(outcome: Outcome) -> str:
    """The error's line; AssertionError when there is more to see."""
    lines = outcome.stderr.splitlines()
    assert "Traceback" not in outcome.stdout + outcome.stderr
    assert len(lines) == 1, outcome.stderr
    return lines[0]


def test_past_the_error_budget_nothing_new_starts_and_each_failure_has_its_reason(desk: Desk, faults: Faults) -> None:
    for name in ("one", "two", "three", "four"):
        (desk.root / "customers" / f"{name}.yaml").write_text(SITE.format(id=name) + LAN)
    (desk.root / "customers" / "two.yaml").write_text(SITE.format(id="two") + LAN + "    depends_on: [four/s]\n")
    desk.local(aws_endpoint=faults.endpoint)
    faults.failing = making_bucket
    done = desk("up", "tag=many", "--yes", "--parallel", "1", "--max-failed", "1", "--json")
    results = {one["site"]: one for one in json.loads(done.stdout)["results"]}
    assert done.code == 1
    assert {site: one["state"] for site, one in results.items()} == {
        "four/s": "failed",
        "one/s": "failed",
        "three/s": "skipped",
        "two/s": "skipped",
    }
    assert "vault: create failed" in results["four/s"]["fault"]["why"]
    assert results["two/s"]["reason"] == "four/s failed"
    assert results["three/s"]["reason"] == "2 failed, which is more than the error budget of 1"
    assert len(json.loads(operator("audit", "show", "-w", desk.root, "--json").stdout)) == 2, "what was begun is kept"


def test_killed_in_the_middle_of_up_the_next_one_converges_with_nothing_twice(desk: Desk, faults: Faults) -> None:
    desk.local(aws_endpoint=faults.endpoint)
    faults.holding = making_bucket
    command = [sys.executable, "-m", "dure.cli.main", "stacks", "up", "alpha/main", "--yes", "-w", str(desk.root)]
    first = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    assert faults.reached.wait(120)
    (worker,) = workers(first.pid)
    first.kill()
    os.killpg(worker, signal.SIGKILL)
    first.wait()
    faults.holding = None
    faults.release.set()
    until(lambda: not alive(worker), 30)
    desk.local(aws_endpoint=desk.account.endpoint)

    held = desk("unlock", "alpha/main", "--check")
    assert held.code == 3
    assert "engine: " in held.stdout
    assert "lease: kim-minsu" in held.stdout
    assert held.stdout.count(": dead") == 2
    again = desk("up", "alpha/main", "--yes", "--json")
    assert again.code == 0, again.stdout + again.stderr
    assert len(desk.buckets()) == 1
    assert desk("preview", "alpha/main").code == 0
    runs = json.loads(operator("runs", "list", "-w", desk.root, "--json").stdout)
    assert [one["state"] for one in runs] == ["done", "closed"]
    assert "nothing holds it" in desk("unlock", "alpha/main").stdout


@pytest.mark.parametrize(
    "stop",
    [
        signal.SIGINT,
        pytest.param(signal.SIGTERM, marks=pytest.mark.long),
        pytest.param(signal.SIGHUP, marks=pytest.mark.long),
    ],
)
def test_ctrl_c_ends_what_runs_in_order_and_starts_nothing_new(stop: int, desk: Desk, faults: Faults) -> None:
    desk.local(aws_endpoint=faults.endpoint)
    faults.holding = making_bucket
    command = [sys.executable, "-m", "dure.cli.main", "stacks", "up", "tag=seoul", "--yes", "-w", str(desk.root)]
    running = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert faults.reached.wait(120)
    running.send_signal(stop)
    assert running.stderr is not None
    said = ""
    while "stopping: no new stack starts" not in said:
        said = running.stderr.readline()
        assert said, "it ended without a word"
    faults.holding = None
    faults.release.set()
    out, err = running.communicate(timeout=120)
    assert running.returncode == 130
    assert "alpha/main: cancelled: " in err
    assert "beta/seoul: cancelled: cancelled before it began" in err
    assert out == "2 stacks: 2 cancelled\n"


def dead_process(host: str = "") -> Holder:
    """A holder whose process has ended."""
    here = this_process("lee-jiwon", "20261124-000000-dead")
    ended = subprocess.Popen(["true"])
    ended.wait()
    return Holder(here.owner, here.run, host or here.host, here.boot, ended.pid, 1)


def engine_lock(desk: Desk, host: str, pid: int) -> Path:
    """A lock as the engine writes it."""
    place = desk.root / ".dure/pulumi/.pulumi/locks/organization/dure/alpha.main"
    place.mkdir(parents=True, exist_ok=True)
    file = place / "1.json"
    at = datetime.now(UTC).isoformat()
    file.write_text(json.dumps({"pid": pid, "username": "lee", "hostname": host, "timestamp": at}))
    return file


def test_the_living_are_left_alone_and_the_dead_are_cleared(desk: Desk) -> None:
    store = Context(desk.root, LocalSettings()).store
    mine = this_process("lee-jiwon", "20261124-000000-live")
    lease.take(store, "alpha/main", mine)
    refused = desk("up", "alpha/main", "--yes")
    assert refused.code == 1
    assert f"run 20261124-000000-live of lee-jiwon (process {os.getpid()} on {mine.host}) holds it" in refused.stderr
    told = one_line(living := desk("unlock", "alpha/main"))
    assert living.code == 4
    assert f"lease: lee-jiwon on {mine.host}, process {os.getpid()}, since " in told
    assert ", expires " in told
    lease.release(store, "alpha/main", mine)

    dead = dead_process()
    lease.take(store, "alpha/main", dead)
    lock = engine_lock(desk, dead.host, dead.pid)
    cleared = desk("unlock", "alpha/main", "--reason", "the laptop fell into the river")
    assert cleared.code == 0
    assert "alpha/main: 2 cleared" in cleared.stdout
    assert not lock.exists()
    assert lease.leases(store) == []
    links = json.loads(operator("audit", "show", "-w", desk.root, "--json").stdout)
    told = [(one["what"], one["why"], one["result"].split(": ")[0]) for one in links[-2:]]
    assert told == [("stacks unlock", "the laptop fell into the river", one) for one in ("begun", "cleared")]


def test_what_cannot_be_signed_is_not_unlocked(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    dead = dead_process()
    lock = engine_lock(desk, dead.host, dead.pid)
    with monkeypatch.context() as patch:
        patch.setattr("dure.runs.audit.sign", mock.Mock(side_effect=DureError("it could not be signed")))
        told = desk("unlock", "alpha/main")
    assert (told.code, lock.exists()) == (1, True)
    assert "nothing is touched: it could not be signed" in told.stderr


def test_a_lock_of_another_host_is_cleared_only_by_who_knows(desk: Desk) -> None:
    lock = engine_lock(desk, "another-host", 1)
    told = one_line(refused := desk("unlock", "alpha/main"))
    assert (refused.code, lock.exists()) == (4, True)
    assert "engine: lee on another-host, process 1" in told
    assert "--force" in told
    assert desk("unlock", "alpha/main", "--force").code == 2, "without a reason"
    assert desk("unlock", "alpha/main", "--force", "--reason", "it burnt down").code == 0
    assert not lock.exists()


def test_what_is_asked_for_wrongly_is_one_line(desk: Desk) -> None:
    cases = {
        ("up", "nobody/here", "--yes"): (2, 'no customer "nobody"'),
        ("up", "alpha/mian", "--yes"): (2, 'write "alpha/main"'),
        ("up",): (2, "it is not said which stacks"),
        ("preview", "alpha", "--all"): (2, "a selector and --all exclude each other"),
        ("preview", "tag=nowhere"): (2, "selects no stack"),
        ("up", "alpha", "--yes", "--max-failed", "some"): (2, "is no error budget"),
        ("up", "--plan", "/nowhere/plan.json"): (2, "the plan file cannot be read"),
        ("up", "--plan", str(desk.root / "operator.yaml")): (2, "that is no plan file"),
        ("up", "--plan", "plan.json", "--check"): (2, "--plan and --check exclude each other"),
        ("outputs", "alpha/main"): (1, "its stack does not stand"),
        ("destroy", "hub", "--yes"): (2, "hub has no stack"),
    }
    for arguments, (code, words) in cases.items():
        outcome = desk(*arguments)
        assert (outcome.code, words in one_line(outcome)) == (code, True), (arguments, outcome)
    assert desk("destroy", "--all").code == 2, "destroy takes names alone"
    told = operator("provision", "gamma/erp", "-w", desk.root)
    assert (told.code, "operator stacks up gamma/erp" in one_line(told)) == (2, True)


@pytest.mark.parametrize(
    "command", [("up", "--all"), ("up", "--all", "--check"), ("refresh", "--all"), ("destroy", "a/b")]
)
@pytest.mark.parametrize("value", ["1.5", "-1", "200%", ""])
def test_an_error_budget_that_is_none_is_refused_before_anything_is_looked_at(
    command: tuple[str, ...], value: str, tmp_path: Path
) -> None:
    told = operator("stacks", *command, f"--max-failed={value}", "-w", tmp_path / "nowhere")
    assert (told.code, f'"{value}" is no error budget' in told.stderr) == (2, True), told


def test_what_is_broken_below_is_one_line_and_the_state_stays(desk: Desk) -> None:
    assert desk("preview", "alpha/main").code == 3
    file = desk.state("alpha.main")
    good = file.read_bytes()

    secrets = SecretStore(desk.root, recipients(desk), desk.root / ".dure" / "identity.txt")
    secrets.set(PASSPHRASE, "another")
    sealed = desk("preview", "alpha/main")
    assert sealed.code == 1
    assert "sealed with another passphrase" in sealed.stdout
    secrets.set(PASSPHRASE, "geheim")

    file.write_bytes(good[: len(good) // 2])
    file.with_name(f"{file.name}.bak").write_bytes(good[: len(good) // 2])
    damaged = desk("up", "alpha/main", "--yes")
    assert damaged.code == 1
    assert "its state file is damaged. To mend: bring .pulumi/stacks/dure/alpha.main.json" in damaged.stderr
    assert {one["site"]: one["state"] for one in desk.json("list", "alpha")} == {"alpha/main": "damaged"}
    assert file.read_bytes() == good[: len(good) // 2]
    file.write_bytes(good)

    desk.local(aws_endpoint="http://127.0.0.1:1")
    away = desk("up", "alpha/main", "--yes")
    assert away.code == 1
    assert "operator lab status" in away.stderr
    assert "Traceback" not in sealed.stdout + damaged.stderr + away.stderr
    assert {one["site"]: one["state"] for one in desk.json("list", "alpha")} == {"alpha/main": "absent"}, "readable"


@pytest.mark.long
def test_a_state_file_that_was_cut_off_is_told_in_the_stacks_line_and_needs_nobody(desk: Desk) -> None:
    assert desk("up", "alpha/main", "--yes").code == 0
    file = desk.state("alpha.main")
    file.write_bytes(file.read_bytes()[:-400])
    shown = desk("preview", "alpha/main")
    assert shown.code in (0, 3), shown.stdout
    healed = desk("up", "alpha/main", "--yes")
    assert healed.code == 0, healed.stderr
    (line,) = [one for one in healed.stderr.splitlines() if "its state file was cut off" in one]
    assert line.startswith("alpha/main: ")
    assert desk("preview", "alpha/main").code == 0
    assert len(desk.buckets()) == 1


def recipients(desk: Desk) -> list[str]:
    return list(Context(desk.root, LocalSettings()).operator.secrets.recipients)


@pytest.mark.parametrize("command", ["list", "preview", "up", "refresh", "drift", "destroy", "outputs", "unlock"])
def test_every_command_explains_itself_with_an_example(command: str) -> None:
    shown = operator("stacks", command, "--help")
    assert shown.code == 0
    assert f"Example: operator stacks {command}" in " ".join(shown.stdout.replace("│", " ").split())


def test_a_rule_that_forbids_a_stack_shows_in_its_preview_and_refuses_its_apply(desk: Desk) -> None:
    with (desk.root / "operator.yaml").open("a", encoding="utf-8") as file:
        file.write('cost: { usd_krw: "1385.5", rate_date: "2026-11-20" }\n')
    desk.edit("customers/alpha.yaml", "sites:", "budget_krw_month: 1\nsites:")
    shown = desk("preview", "alpha/main")
    assert shown.code == 4
    assert "budget" in shown.stdout
    assert "customers/alpha.yaml:" in shown.stdout
    assert "1 USD = 1,385.5 KRW" in shown.stdout
    judged = desk.json("preview", "alpha/main")
    assert judged["refused"] is True
    assert judged["cost"]
    comment = desk("preview", "alpha/main", "--markdown").stdout
    assert "### Rules and cost" in comment
    refused = desk("up", "alpha/main", "--yes")
    assert refused.code == 4
    assert "budget" in refused.stdout + refused.stderr
    assert desk.buckets() == []
