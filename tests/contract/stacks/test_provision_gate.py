"""The rules on a box's own stack, before a person is asked or a machine is touched; the machines are left out here."""

import pytest
from dure.runs.live import Live
from dure.runs.provision import command, preview

from tests.contract.command import Outcome, operator
from tests.contract.stacks.desk import Desk


@pytest.fixture
def without_machines(monkeypatch: pytest.MonkeyPatch) -> None:
    """A hub and a box that are reached, remember nothing and would change nothing."""
    monkeypatch.setattr(command, "find_ways", lambda live: setattr(live, "way", "tunnel"))
    monkeypatch.setattr(preview, "check_machine", lambda *given: [])
    monkeypatch.setattr(preview, "ask", lambda *given: {})
    monkeypatch.setattr(Live, "hub", lambda live: None)


def look(desk: Desk, *more: str) -> Outcome:
    return operator("provision", "alpha/main", "--check", "-w", desk.root, *more)


@pytest.mark.usefixtures("without_machines")
def test_a_stack_that_a_rule_forbids_ends_its_provision_with_rule_resource_place_and_mend(desk: Desk) -> None:
    allowed = look(desk)
    assert (allowed.code, "cloud: create aws:s3/bucket:Bucket vault" in allowed.stdout) == (3, True), allowed.stderr

    desk.edit("operator.yaml", "landing_zone:", "aws: { region: us-east-1 }\nlanding_zone:")
    refused = look(desk)
    assert refused.code == 4
    step, line = refused.stderr.splitlines()
    assert step.startswith("✘ preview")
    assert "customers/alpha.yaml:6: personal-data-region: vault of alpha/main: " in line
    assert "To mend: " in line
    assert desk.buckets() == []


@pytest.mark.usefixtures("without_machines")
def test_a_refusal_says_which_waiver_expired_when(desk: Desk) -> None:
    desk.edit("operator.yaml", "landing_zone:", "aws: { region: us-east-1 }\nlanding_zone:")
    given = "site: alpha/main, reason: Their parent company keeps it there, approver: kim-minsu, expires: 2026-01-31"
    (desk.root / "waivers.yaml").write_text(f"waivers:\n  - {{ rule: personal-data-region, {given} }}\n")
    refused = look(desk)
    assert refused.code == 4
    assert "; waiver waivers.yaml:2 expired on 2026-01-31. To mend: " in refused.stderr
    assert "or have that waiver approved anew" in refused.stderr


@pytest.mark.usefixtures("without_machines")
def test_a_waiver_lets_it_pass_and_is_shown_before_the_approval(desk: Desk) -> None:
    desk.edit("operator.yaml", "landing_zone:", "aws: { region: us-east-1 }\nlanding_zone:")
    given = "site: alpha/main, reason: Their parent company keeps it there, approver: kim-minsu, expires: 2999-12-31"
    (desk.root / "waivers.yaml").write_text(f"waivers:\n  - {{ rule: personal-data-region, {given} }}\n")
    passed = look(desk)
    assert passed.code == 3, passed.stderr
    assert "policy: customers/alpha.yaml:6: personal-data-region" in passed.stdout
