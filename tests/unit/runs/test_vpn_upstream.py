"""A site with a VPN to AWS builds on the landing zone, and on an overlay that is its own for good."""

from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest
from dure import toolkit_path
from dure.errors import DureError
from dure.model import load_site
from dure.model.local import LocalSettings
from dure.plan import Plan, resolve
from dure.plan.overlay import allocate
from dure.plan.stacks import StackPlan, stack_plan
from dure.plan.value import CloudPlan
from dure.runs.context import Context
from dure.runs.live import Live
from dure.runs.provision import cloud
from dure.runs.stacks.up import refuse_unallocated

GOOD = Path(__file__).parents[2] / "contract" / "workspace"
ZONE = "landing_zone:\n  domain: apps.test-msp.example\n  repository: test-msp/workspace\n  vpn_gateway: true\n"
SITE = "beta/seoul"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """The good workspace, with a VPN to AWS for one site and no overlay written down."""
    (tmp_path / "customers").mkdir()
    (tmp_path / "operator.yaml").write_text((GOOD / "operator.yaml").read_text(encoding="utf-8") + ZONE)
    for name in ("alpha", "beta"):
        text = (GOOD / "customers" / f"{name}.yaml").read_text(encoding="utf-8")
        (tmp_path / "customers" / f"{name}.yaml").write_text(text, encoding="utf-8")
    with (tmp_path / "customers" / "beta.yaml").open("a", encoding="utf-8") as file:
        file.write("    parameters: { vpn: aws, vpn_address: 203.0.113.22 }\n")
    return tmp_path


def plan_of(root: Path) -> Plan:
    return resolve(load_site(root, SITE), toolkit_path())


def stack_plan_of(root: Path, site: str = SITE) -> StackPlan:
    plan = stack_plan(resolve(load_site(root, site), toolkit_path()))
    assert plan is not None
    return plan


def test_no_connection_is_made_for_an_overlay_that_is_not_written_down(root: Path) -> None:
    context = cast("Context", SimpleNamespace(workspace=root))
    with pytest.raises(DureError) as refused:
        refuse_unallocated(context, stack_plan_of(root))
    assert refused.value.line() == (
        "beta/seoul: beta/seoul has no overlay yet, because 10.64.1.0/24 is only what it would get, and AWS is to route"
        " it to the site. To mend: operator allocate beta/seoul"
    )
    allocate(root, SITE)
    refuse_unallocated(context, stack_plan_of(root))
    refuse_unallocated(context, stack_plan_of(root, "alpha/main"))


class Zone:
    """Stands for the landing zone's stack, and for the site's own."""

    told: dict[str, str]
    opened: list[CloudPlan]

    def __init__(self, plan: CloudPlan, *_: object, **__: object) -> None:
        self.opened.append(plan)

    def outputs(self, *, reveal: bool = True) -> dict[str, str]:
        assert not reveal, "secrets of the landing zone are nothing for a site"
        return self.told


@pytest.fixture
def live(root: Path, monkeypatch: pytest.MonkeyPatch) -> Live:
    monkeypatch.setattr(cloud, "Stack", Zone)
    monkeypatch.setattr(cloud, "passphrase", lambda context: "correct horse")
    Zone.opened = []
    return cast("Live", SimpleNamespace(context=Context(root, LocalSettings())))


def test_a_run_hands_the_program_what_the_landing_zone_put_out(live: Live, root: Path) -> None:
    Zone.told = {"vpn_gateway": "vgw-1", "network_cidr": "10.128.0.0/20", "password": "[secret]"}
    cloud.stack_of(live, plan_of(root), None)
    assert [one.program for one in Zone.opened] == ["landing_zone", "hybrid_site"]
    assert Zone.opened[-1].inputs["upstream"] == {"network_cidr": "10.128.0.0/20", "vpn_gateway": "vgw-1"}


def test_a_run_whose_landing_zone_does_not_stand_says_what_to_do_first(live: Live, root: Path) -> None:
    Zone.told = {}
    with pytest.raises(DureError, match="landing-zone is not applied") as refused:
        cloud.stack_of(live, plan_of(root), None)
    assert refused.value.mend == "operator stacks up landing-zone"


def without_vpn(root: Path) -> Plan:
    return resolve(load_site(root, "alpha/main"), toolkit_path())


def test_a_site_without_a_vpn_takes_nothing_but_the_boundary_of_a_landing_zone_that_stands(
    live: Live, root: Path
) -> None:
    boundary = {"boundary_arn": "arn:aws:iam::123456789012:policy/dure-boundaries/test-msp/b"}
    Zone.told = {"vpn_gateway": "vgw-1", **boundary}
    cloud.stack_of(live, without_vpn(root), None)
    assert "upstream" not in Zone.opened[-1].inputs
    assert Zone.opened[-1].inputs.items() >= boundary.items()

    Zone.told = {}
    cloud.stack_of(live, without_vpn(root), None)
    assert not {"upstream", "boundary_arn"} & Zone.opened[-1].inputs.keys(), "and needs none"


def test_a_site_without_a_vpn_in_a_workspace_without_a_landing_zone_asks_for_none(live: Live, root: Path) -> None:
    operator = root / "operator.yaml"
    operator.write_text(operator.read_text(encoding="utf-8").replace(ZONE, ""), encoding="utf-8")
    cloud.stack_of(live, without_vpn(root), None)
    assert [one.program for one in Zone.opened] == ["hybrid_site"]
