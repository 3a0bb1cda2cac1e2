"""The main job in the lab: hub and a gateway box, provisioned once for all tests of this module, killed on the way."""

import json
import os
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest
from dure.lab.instance import Lab
from dure.lab.workspace import prepare

from tests.lab.conftest import ROOT, Operator
from tests.lab.provisioning import ANSAN, SEOCHO, STEPS, enrol, secret_values, shown, start
from tests.lab.secret_watch import found_in_files, places_on_machine
from tests.lab.story import Story, at_a_terminal, commit, contents, heartbeat, machine_facts, second_workstation
from tests.poll import until

pytestmark = [pytest.mark.lab, pytest.mark.timeout(1500)]


@pytest.fixture(scope="module")
def told(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Story:
    """Hub and box, provisioned; the box's run met a second run and was killed in three of its steps."""
    workspace = prepare(ROOT / "examples" / "hanbit-it", tmp_path_factory.mktemp("msp") / "workspace", lab).root
    operator = Operator(workspace, lab.name)
    story = Story(operator, lab)
    with story.watch:
        enrol(operator, lab, "hub")
        story.hub = json.loads(operator("provision", "hub", "--yes", "--fast", "--json").stdout)["id"]
        enrol(operator, lab, ANSAN)
        enrol(operator, lab, SEOCHO)
        other = start(operator, site=SEOCHO)
        run = start(operator, "--reason", "첫 설치")
        run.until_in("preview")
        story.run = run.run().id
        story.refusal = operator("provision", ANSAN, "--yes", expect=None)
        for step in ("cloud_up", "join"):
            run.until_in(step)
            run.kill()
            run = start(operator)
        run.until_in("converge")
        run.kill()
        operator("runs", "resume", story.run)
        said, _ = other.process.communicate(timeout=900)
        assert other.process.returncode == 0, said
        story.other = other.run().id
    story.beat = int(heartbeat(lab).get("sequence", 0))
    return story


def test_the_hubs_first_run_closes_the_way_that_it_came_by(told: Story) -> None:
    run = shown(told.operator, told.hub)
    rows = {row["name"]: row for row in run["proofs"]}
    assert set(rows) == {"outside-tcp", "hub-services", "bench-user-locked"}
    assert [row["name"] for row in rows.values() if not row["ok"]] == []
    assert "203.0.113.10, 2001:db8:0:1::10" in rows["outside-tcp"]["what"]
    assert rows["outside-tcp"]["seen"] == "open: 22 and the control port"
    bench = [*told.lab.ssh_command("hub", "dure"), "true"]
    assert subprocess.run(bench, capture_output=True, timeout=30).returncode == 255
    engineer = [*told.lab.ssh_command("hub", "kim-minsu"), "sudo", "true"]
    assert subprocess.run(engineer, capture_output=True, timeout=30).returncode == 0


def test_the_hubs_second_run_finds_nothing_and_skips_the_converge(told: Story) -> None:
    run = json.loads(told.operator("provision", "hub", "--yes", "--fast", "--json").stdout)
    states = {step["name"]: (step["state"], step["summary"]) for step in run["steps"]}
    assert states["converge"] == ("skipped", "the preview found nothing to change")
    assert {row["name"] for row in run["proofs"]} == {"hub-services", "bench-user-locked"}


def test_a_killed_run_goes_on_and_ends_the_same(told: Story) -> None:
    run = shown(told.operator, told.run)
    assert run["state"] == "done"
    assert [step["name"] for step in run["steps"]] == list(STEPS)
    assert {step["name"]: step["attempts"] for step in run["steps"]} == {
        name: 2 if name in ("cloud_up", "join", "converge") else 1 for name in STEPS
    }
    assert len(json.loads(told.operator("runs", "list", ANSAN, "--json").stdout)) == 1


def test_a_second_run_on_the_site_is_refused_and_the_first_is_named(told: Story) -> None:
    assert told.refusal is not None
    assert told.refusal.returncode == 1
    assert f"run {told.run} of kim-minsu" in told.refusal.stderr
    assert f"operator runs cancel {told.run}" in told.refusal.stderr


def test_every_row_of_the_first_acceptance_is_as_expected(told: Story) -> None:
    rows = {row["name"]: row for row in shown(told.operator, told.run)["proofs"]}
    assert set(rows) == {
        "outside-tcp", "outside-udp", "drop-counter", "tunnel", "lan-through-tunnel", "island", "first-way-closed",
        "backup-restore", "file-share", "box-page", "reboot",
    }  # fmt: skip
    assert [row["name"] for row in rows.values() if not row["ok"]] == []
    assert "2001:db8:21:" in rows["outside-tcp"]["what"]
    assert "203.0.113.21" in rows["outside-tcp"]["what"]


def test_two_sites_at_once_both_keep_their_peers_on_the_hub(told: Story) -> None:
    overlays = [json.loads(told.operator("plan", site, "--json").stdout)["overlay"] for site in (ANSAN, SEOCHO)]
    assert {one["cidr"] for one in overlays} == {"10.64.1.0/24", "10.64.2.0/24"}
    peers = told.lab.root("hub", "wg show wg0 allowed-ips").stdout
    for one in overlays:
        assert one["cidr"] in peers
        assert told.lab.root("hub", f"ping -c1 -W2 {one['address']}").returncode == 0


def test_a_box_beside_a_router_shows_its_lan_only_shares_and_page(told: Story) -> None:
    rows = {row["name"]: row for row in shown(told.operator, told.other)["proofs"]}
    assert [row["name"] for row in rows.values() if not row["ok"]] == []
    assert "192.168.0.10" in rows["outside-tcp"]["what"]
    assert "fd00:22:" in rows["outside-tcp"]["what"]
    assert rows["outside-tcp"]["seen"].startswith("open: 80, 445 and the control port")


def test_no_secret_passed_by_argv_or_environment_nor_stands_in_a_file(told: Story) -> None:
    values = secret_values(told.operator.workspace)
    assert len(values) > 5
    assert told.watch.found(values) == []
    assert found_in_files(told.operator.workspace, values, but={"identity.txt"}) == []
    assert told.watch.found({"a word that is there": "provision"}) != []
    assert found_in_files(told.operator.workspace, {"a word that is there": "kim-minsu"}, but=set()) != []


@pytest.mark.parametrize(
    ("machine", "may"),
    [
        ("hub", set()),
        ("ansan", {"/etc/dure/backup/restic_password", "/etc/dure/backup/aws_credentials"}),
    ],
)
def test_no_secret_stands_in_a_machines_journal_or_files_but_where_it_belongs(
    told: Story, machine: str, may: set[str]
) -> None:
    values = secret_values(told.operator.workspace)
    assert places_on_machine(told.lab, machine, values) - may == set()
    modes = told.lab.root(machine, f"stat -c '%a %U' {' '.join(may)} /etc/shadow").stdout.splitlines()
    assert modes[: len(may)] == ["600 root"] * len(may)
    planted = {"a word that is there": "planted-word-7431"}
    told.lab.root(machine, f"logger {planted['a word that is there']}; echo planted-word-7431 > /var/tmp/left-over")
    found = until(lambda: len(places := places_on_machine(told.lab, machine, planted)) > 1 and places, 20)
    assert {"/var/tmp/left-over", "the journal"} <= (found or set())
    told.lab.root(machine, "rm /var/tmp/left-over")


def test_the_first_way_is_closed_and_the_engineer_gets_in_through_the_tunnel(told: Story) -> None:
    refused = told.operator("enrol", ANSAN, "--address", "172.30.1.10", expect=1)
    assert "no SSH at 172.30.1.10" in refused.stderr


def test_a_folder_comes_back_from_the_vault_by_one_command(told: Story) -> None:
    told.lab.root("ansan", "mkdir /srv/shares/production/도면 && echo v1 > /srv/shares/production/도면/최종.txt")
    assert told.lab.root("ansan", "systemctl start dure-backup", seconds=120).returncode == 0
    told.lab.root("ansan", "rm -r /srv/shares/production/도면")
    asked = told.operator("restore", ANSAN, "생산/도면", "--check", expect=3)
    assert "would be restored" in asked.stdout
    back = json.loads(told.operator("restore", ANSAN, "생산/도면", "--reason", "지운 폴더", "--json").stdout)
    assert back["target"].startswith("/srv/shares/production/복원-")
    assert told.lab.root("ansan", f"cat {back['target']}/최종.txt").stdout == "v1\n"
    missing = told.operator("restore", ANSAN, "생산/도먼", expect=1)
    assert "/srv/shares/production/도면" in missing.stderr, "the nearest name is not told"
    early = told.operator("restore", ANSAN, "생산/도면", "--at", "2020-01-01", expect=1)
    assert "the oldest is of 20" in early.stderr
    assert "restore" in told.operator("audit", "show").stdout


def test_a_second_provision_finds_nothing_and_skips_the_converge(told: Story) -> None:
    run = json.loads(told.operator("provision", ANSAN, "--yes", "--fast", "--json").stdout)
    states = {step["name"]: (step["state"], step["summary"]) for step in run["steps"]}
    assert states["converge"] == ("skipped", "the preview found nothing to change")
    assert states["cloud_up"][0] == states["join"][0] == "skipped"
    assert {row["name"] for row in run["proofs"]} & {"outside-tcp", "reboot"} == set()


def test_check_says_that_nothing_would_change_and_touches_nothing(told: Story) -> None:
    before = contents(told.operator.workspace)
    leases = told.lab.root("ansan", "ls -l --time-style=full-iso /var/lib/dure/runs").stdout
    done = told.operator("provision", ANSAN, "--check", "--fast")
    assert done.stdout == "nothing would change\n"
    assert "✔ preview" in done.stderr, "half a minute of silence"
    assert contents(told.operator.workspace) == before
    assert told.lab.root("ansan", "ls -l --time-style=full-iso /var/lib/dure/runs").stdout == leases


def test_check_ends_with_3_when_something_would_change(told: Story) -> None:
    customer = told.operator.workspace / "customers" / "hansol-plastics.yaml"
    before = customer.read_text()
    customer.write_text(before.replace('backup_time: "02:30"', 'backup_time: "03:15"'))
    try:
        done = told.operator("provision", ANSAN, "--check", "--fast", "--json", expect=3)
    finally:
        customer.write_text(before)
    changes = json.loads(done.stdout)["changes"]
    assert [line for line in changes if line.startswith("machine: backup: ")] != []
    assert told.lab.root("ansan", "systemctl cat dure-backup.timer").stdout.count("02:30") > 0


def test_without_a_terminal_and_without_yes_nothing_is_approved(told: Story) -> None:
    customer = told.operator.workspace / "customers" / "hansol-plastics.yaml"
    before = customer.read_text()
    customer.write_text(before.replace('backup_time: "02:30"', 'backup_time: "03:15"'))
    try:
        refused = told.operator("provision", ANSAN, "--fast", expect=4)
    finally:
        customer.write_text(before)
    assert "step approve failed" in refused.stderr
    assert "--yes" in refused.stderr
    assert told.lab.root("ansan", "systemctl cat dure-backup.timer").stdout.count("02:30") > 0


def test_a_stale_checkout_is_refused_and_force_needs_a_reason(told: Story, tmp_path: Path) -> None:
    colleague = second_workstation(told, tmp_path / "stale")
    customer = told.operator.workspace / "customers" / "hansol-plastics.yaml"
    customer.write_text(customer.read_text() + "# 다음 변경\n")
    told.operator("provision", ANSAN, "--yes", "--fast")
    refused = colleague("provision", ANSAN, "--yes", "--fast", expect=4)
    assert "this workspace lacks changes that were applied and not committed" in refused.stderr
    assert "have kim-minsu commit and push them" in refused.stderr
    commit(told, "다음 변경")
    told.operator("provision", ANSAN, "--yes", "--fast")
    refused = colleague("provision", ANSAN, "--yes", "--fast", expect=4)
    assert "this workspace lacks commit" in refused.stderr
    assert "git pull" in refused.stderr
    assert "--force needs a reason" in colleague("provision", ANSAN, "--yes", "--force", expect=2).stderr


def test_a_wrong_host_key_is_refused(told: Story) -> None:
    file = told.operator.workspace / "known_hosts"
    before = file.read_text()
    lines = {line.split()[0]: line for line in before.splitlines() if not line.startswith("#")}
    wrong = lines[ANSAN].replace(lines[ANSAN].split()[2], lines["hub"].split()[2])
    file.write_text(before.replace(lines[ANSAN], wrong))
    try:
        refused = told.operator("provision", ANSAN, "--yes", "--fast", expect=4)
    finally:
        file.write_text(before)
    assert "the machine shows host key SHA256:" in refused.stderr
    assert f"operator enrol {ANSAN}" in refused.stderr


@pytest.mark.long
def test_a_colleagues_run_is_refused_by_the_hub_and_a_cancel_says_where_it_stops(told: Story, tmp_path: Path) -> None:
    colleague = second_workstation(told, tmp_path / "theirs")
    run = start(told.operator, "--converge")
    run.until_in("preview")
    refused = colleague("provision", ANSAN, "--yes", "--fast", expect=1)
    assert f"{ANSAN} on hub: step lease failed, because another run works on this site" in refused.stderr
    assert f"run {run.run().id} of kim-minsu" in refused.stderr
    assert run.process.wait(300) == 0
    unknown = colleague("provision", ANSAN, "--check", expect=4)
    assert "this workstation has no state of stack hansol-plastics.ansan" in unknown.stderr
    assert "pulumi_backend" in unknown.stderr
    run = start(told.operator, "--converge")
    run.until_in("converge")
    asked = time.monotonic()
    answer = json.loads(told.operator("runs", "cancel", run.run().id, "--json").stdout)
    assert answer["step"] == "converge"
    assert "at the next task" in answer["stops"]
    assert run.process.wait(60) == 130
    assert time.monotonic() - asked < 60
    assert run.run().state == "cancelled"
    assert run.step("verify") is None


def test_ctrl_c_stops_the_run_and_ends_with_130(told: Story) -> None:
    run = start(told.operator, "--converge")
    run.until_in("preview")
    os.killpg(run.process.pid, signal.SIGINT)
    assert run.process.wait(30) == 130
    assert run.run().state == "cancelled"
    assert run.step("approve") is None


def test_at_a_terminal_the_preview_is_shown_and_no_means_no(told: Story) -> None:
    customer = told.operator.workspace / "customers" / "hansol-plastics.yaml"
    before = customer.read_text()
    customer.write_text(before.replace('backup_time: "02:30"', 'backup_time: "03:15"'))
    try:
        code, said = at_a_terminal(told.operator, ["provision", ANSAN, "--fast"], "Go ahead?", "n\n")
    finally:
        customer.write_text(before)
    assert code == 130
    assert "machine: backup: " in said
    assert "not approved; nothing was touched" in said
    assert told.lab.root("ansan", "systemctl cat dure-backup.timer").stdout.count("02:30") > 0


@pytest.mark.long
def test_a_forced_converge_changes_nothing(told: Story) -> None:
    # A cancelled run has withdrawn the proof: the full acceptance, with its reboot, belongs before what is compared.
    told.operator("provision", ANSAN, "--yes", "--fast")
    before = machine_facts(told.lab)
    assert "MainPID=0" not in before["processes"], "what does not run cannot be seen to go on running"
    run = json.loads(told.operator("provision", ANSAN, "--yes", "--fast", "--converge", "--json").stdout)
    assert {step["name"]: step["summary"] for step in run["steps"]}["converge"] == "0 tasks changed"
    assert machine_facts(told.lab) == before


def test_the_hub_hears_the_box_each_minute_through_the_tunnel(told: Story) -> None:
    """Late, so that the minute has passed meanwhile."""
    newer = until(lambda: (record := heartbeat(told.lab)).get("sequence", 0) > told.beat > 0 and record, 75)
    assert newer
    overlay = json.loads(told.operator("plan", ANSAN, "--json").stdout)["overlay"]
    assert (newer["site"], newer["address"]) == (ANSAN, overlay["address"])
    assert set(newer["lights"]) >= {"internet", "files", "backup"}
    assert told.lab.root("hub", "systemctl is-active dure-heartbeat-receiver.socket").stdout == "active\n"


def test_the_audit_log_is_whole_and_tells_a_cut_off_end(told: Story) -> None:
    assert "whole" in told.operator("audit", "verify").stdout
    entries: list[dict[str, Any]] = json.loads(told.operator("audit", "show", ANSAN, "--json").stdout)
    first = next(entry for entry in entries if entry["run"] == told.run)
    assert (first["who"], first["why"], first["result"]) == ("kim-minsu", "첫 설치", "done")
    from dure.store.database import store_at
    from dure.store.tables import Audit

    store = store_at(told.operator.workspace, "")
    with store.transaction() as session:
        last = max(session.query(Audit), key=lambda row: row.number)
        kept = Audit(number=last.number, content=last.content, hash=last.hash, signature=last.signature)
        session.delete(last)
    assert "the end is cut off" in told.operator("audit", "verify", expect=3).stdout
    with store.transaction() as session:
        session.add(kept)


def test_status_shows_the_registered_sites(told: Story) -> None:
    rows = {row["site"]: row for row in json.loads(told.operator("status", "--json").stdout)}
    assert set(rows) == {"hub", ANSAN, SEOCHO}
    assert rows["hub"]["verdict"] == "ok"
    picked = json.loads(told.operator("status", "role=box and hansol-plastics", "--json").stdout)
    assert [row["site"] for row in picked] == [ANSAN]
