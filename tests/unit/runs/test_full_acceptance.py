"""When scans and reboot are due, and when an old proof no longer counts."""

import itertools
from pathlib import Path

import pytest
from dure.fleet.route import Route
from dure.model.workspace import HUB
from dure.runs import live as live_module
from dure.runs.holder import this_process
from dure.runs.journal import Journal
from dure.runs.live import Live, Request
from dure.runs.provision import apply, machine
from dure.runs.provision.preview import RISKY_ROLES, Preview
from dure.runs.provision.prove import wants_full
from dure.runs.remote_lease import Applied, ask

from tests.unit.runs.conftest import Office
from tests.unit.runs.machine import Machine
from tests.unit.runs.test_living_runs import Unattended

PROVEN = "2026-11-22T05:10:00+00:00"
HARMLESS, RISKY = Preview(machine=["file_share: x"], roles=["file_share"]), Preview(machine=["x"], roles=["firewall"])


def live_of(office: Office, preview: Preview, **request: bool) -> Live:
    artifacts = office.minsu.artifacts("run-1")
    (artifacts / "preview.json").write_text(preview.model_dump_json())
    journal = Journal(office.minsu.store, "run-1", artifacts)
    asked = Request.model_validate({"site": HUB, **request})
    holder = this_process("kim-minsu", "run-1")
    return Live(office.minsu, "run-1", asked, holder, journal, Unattended(), lambda live: None)


@pytest.mark.parametrize(("proven", "risky", "prove_all"), list(itertools.product((True, False), repeat=3)))
def test_the_full_acceptance_is_skipped_only_for_a_proven_machine_without_a_risky_change(
    office: Office, proven: bool, risky: bool, prove_all: bool
) -> None:
    live = live_of(office, RISKY if risky else HARMLESS, prove_all=prove_all)
    live.results["lease"] = {"proven": PROVEN if proven else ""}
    assert wants_full(live) is not (proven and not risky and not prove_all)


def test_a_risky_change_that_only_the_converge_found_counts_too(office: Office) -> None:
    live = live_of(office, Preview())
    live.results["lease"] = {"proven": PROVEN}
    assert not wants_full(live)
    live.results["converge"] = {"risky": True}
    assert wants_full(live)


@pytest.mark.parametrize(
    ("role", "risky"),
    [("firewall", True), ("wireguard", True), ("lan", True), ("base", True), ("hub", True), ("file_share", False)],
)
def test_which_roles_touch_firewall_network_kernel_or_boot(role: str, risky: bool) -> None:
    assert Preview(roles=[role]).risky is risky
    assert (role in RISKY_ROLES) is risky


def test_a_box_that_joins_is_proven_anew() -> None:
    assert Preview(joins=True).risky


@pytest.mark.parametrize(
    ("preview", "converge", "kept"),
    [(HARMLESS, False, PROVEN), (RISKY, False, ""), (HARMLESS, True, "")],
    ids=["harmless", "risky", "forced"],
)
def test_a_run_that_fails_in_a_risky_converge_leaves_no_proof_standing(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, preview: Preview, converge: bool, kept: str
) -> None:
    hub = Machine(tmp_path / "hub")
    monkeypatch.setattr(live_module, "Session", lambda route, connect_deadline: hub)
    ask(hub, HUB, "applied", applied=Applied(commit="c" * 40, proven=PROVEN).model_dump())

    def dies(*_: object) -> list[machine.Change]:
        raise RuntimeError("the power went")

    monkeypatch.setattr(apply, "converge_machine", dies)
    live = live_of(office, preview, converge=converge)
    live.hub_route = Route(HUB, "203.0.113.10", "kim-minsu", office.minsu.known_hosts)
    live.keep_plan(apply.resolve_plan(office.minsu, HUB))
    with pytest.raises(RuntimeError, match="the power went"):
        apply.converge(live)
    record = Applied.model_validate(ask(hub, HUB, "look")["applied"])
    assert (record.proven, record.commit) == (kept, "c" * 40)
