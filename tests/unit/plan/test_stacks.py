"""Plans of stacks: their order, what makes two of them the same, and inputs that the programs take."""

import importlib
import sys
from pathlib import Path
from typing import Any

import pytest
from dure import toolkit_path
from dure.errors import UsageError
from dure.model import load_site
from dure.plan import resolve
from dure.plan.stacks import StackPlan, dependents, identity, order, stack_plan
from hypothesis import given
from hypothesis import strategies as st

from tests.contract.cloud.programs import UPSTREAM
from tests.unit.runs.stacks import values
from tests.unit.runs.stacks.test_schedule import graphs

STACKS = toolkit_path() / "stacks"


@given(graphs(), st.randoms())
def test_upstream_comes_first_whatever_the_order_given(graph: dict[str, list[str]], random: Any) -> None:
    plans = [values.stack_plan(site, *upstream) for site, upstream in graph.items()]
    random.shuffle(plans)
    places = {plan.site: place for place, plan in enumerate(order(plans))}
    assert places.keys() == graph.keys()
    assert all(places[up] < places[site] for site, upstream in graph.items() for up in upstream)


@given(graphs())
def test_dependents_are_all_that_would_lose_their_ground(graph: dict[str, list[str]]) -> None:
    plans = [values.stack_plan(site, *upstream) for site, upstream in graph.items()]
    found = {plan.site for plan in dependents(plans, ["s0"])}
    for site, upstream in graph.items():
        assert (site in found) == bool(site != "s0" and (found | {"s0"}) & set(upstream))


def test_a_circle_is_refused_with_its_way() -> None:
    with pytest.raises(UsageError, match=r"in a circle, because .* -> .* -> "):
        order([values.stack_plan("a", "b"), values.stack_plan("b", "a")])


def test_an_upstream_outside_of_what_is_asked_for_does_not_hold_the_order_up() -> None:
    assert [plan.site for plan in order([values.stack_plan("b/s", "landing-zone")])] == ["b/s"]


def test_what_would_be_applied_has_another_identity_when_anything_of_it_is_another() -> None:
    plan = values.stack_plan("a/s", "landing-zone", takes="landing-zone", host="one")
    base = identity(plan, "programs", {"vpc_id": "1"})
    assert identity(plan, "programs", {"vpc_id": "1"}) == base
    others = [
        identity(
            values.stack_plan("a/s", "landing-zone", takes="landing-zone", host="two"), "programs", {"vpc_id": "1"}
        ),
        identity(plan, "newer programs", {"vpc_id": "1"}),
        identity(plan, "programs", {"vpc_id": "2"}),
    ]
    assert len({base, *others}) == 4


def test_outputs_of_a_stack_that_is_not_built_on_do_not_matter() -> None:
    plan = values.stack_plan("a/s", "b/s")
    assert identity(plan, "p", {"x": "1"}) == identity(plan, "p", {})
    assert "upstream" not in plan.with_outputs({"x": "1"}).inputs


BOUNDARY = {"boundary_arn": "arn:aws:iam::123456789012:policy/dure-boundaries/m/b", "vpc_id": "vpc-1"}


def test_of_a_landing_zone_that_only_bounds_it_a_stack_takes_the_boundary_alone() -> None:
    plan = values.stack_plan("a/s", bounded_by="landing-zone")
    assert plan.with_outputs(BOUNDARY).inputs == {"boundary_arn": BOUNDARY["boundary_arn"]}
    assert plan.with_outputs({}).inputs == {}, "it does not stand: there is no boundary, and nobody whom it would hold"
    assert identity(plan, "p", BOUNDARY) == identity(plan, "p", {**BOUNDARY, "vpc_id": "vpc-2"})
    assert identity(plan, "p", BOUNDARY) != identity(plan, "p", {}), "it changes once the landing zone stands"


def test_a_boundary_comes_first_and_goes_last_and_is_not_waited_for() -> None:
    box, zone = values.stack_plan("a/s", bounded_by="landing-zone"), values.stack_plan("landing-zone")
    assert (box.upstream, box.after) == ((), ("landing-zone",))
    assert [one.site for one in order([box, zone])] == ["landing-zone", "a/s"]
    assert dependents([box, zone], ["landing-zone"]) == [], "a locked vault does not keep a landing zone from ending"


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One site of each program, and a landing zone."""
    root = tmp_path_factory.mktemp("workspace")
    good = Path(__file__).parents[2] / "contract" / "workspace"
    zone = "landing_zone:\n  domain: apps.test-msp.example\n  repository: test-msp/workspace\n  vpn_gateway: true\n"
    (root / "customers").mkdir()
    (root / "operator.yaml").write_text((good / "operator.yaml").read_text() + zone)
    (root / "customers" / "alpha.yaml").write_text((good / "customers" / "alpha.yaml").read_text())
    tenant = "id: gamma\nname: 감마\npeople: 12\nsites:\n"
    for isolation, more in (("pool", ""), ("bridge", ", image: a/b:1"), ("silo", ", image: a/b:1, network_index: 3")):
        tenant += f"  - id: {isolation}\n    name: 업무\n    blueprint: saas-tenant\n"
        tenant += f"    parameters: {{ isolation: {isolation}{more} }}\n"
    tenant += "  - id: try\n    name: 시험\n    blueprint: paas-sandbox\n"
    tenant += "    parameters: { source: https://github.com/test-msp/try, expires: 2027-01-31 }\n"
    (root / "customers" / "gamma.yaml").write_text(tenant)
    box = (good / "customers" / "beta.yaml").read_text()
    asked = "    parameters: { vpn: aws, vpn_address: 203.0.113.22 }\n"
    (root / "customers" / "beta.yaml").write_text(box + asked)
    return root


def planned(root: Path, site: str) -> StackPlan:
    files = load_site(root, site)
    plan = stack_plan(resolve(files, toolkit_path()), files.site.depends_on if files.site else ())
    assert plan is not None
    return plan


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of pulumi_aws itself, at import
@pytest.mark.parametrize(
    ("site", "program", "inputs"),
    [
        ("landing-zone", "landing_zone", "LandingZoneInputs"),
        ("alpha/main", "hybrid_site", "HybridSiteInputs"),
        ("beta/seoul", "hybrid_site", "HybridSiteInputs"),
        ("gamma/pool", "saas_tenant", "SaasTenantInputs"),
        ("gamma/bridge", "saas_tenant", "SaasTenantInputs"),
        ("gamma/silo", "saas_tenant", "SaasTenantInputs"),
        ("gamma/try", "paas_sandbox", "PaasSandboxInputs"),
    ],
)
def test_each_program_takes_what_the_plan_gives_it(
    site: str, program: str, inputs: str, workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = planned(workspace, site)
    assert plan.cloud.program == program
    monkeypatch.syspath_prepend(str(STACKS))
    kind = getattr(importlib.import_module(f"tiers.{program}"), inputs)
    given_inputs = plan.with_outputs({key: str(value) for key, value in UPSTREAM.items()}).inputs
    parsed = sys.modules["iaas.inputs"].parse(kind, given_inputs)
    assert parsed.msp == "test-msp"
    required = sys.modules["iaas.tags"].required_tags(plan.cloud.tags)
    assert required["dure:cost-centre"] == (plan.customer)
    assert required["dure:owner"] == "support@test-msp.example"


def test_tenants_build_on_the_landing_zone(workspace: Path) -> None:
    assert planned(workspace, "gamma/pool").upstream == ("landing-zone",)
    assert planned(workspace, "alpha/main").upstream == ()
    assert planned(workspace, "beta/seoul").upstream == ("alpha/main", "landing-zone"), "a VPN to AWS ends there"


def test_the_block_of_a_network_is_the_one_that_validate_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    from dure.model.cloud_keys import block

    monkeypatch.syspath_prepend(str(STACKS))
    addressing = importlib.import_module("iaas.addressing")
    assert [str(block(index, "10.128.0.0/9")) for index in (0, 1, 2047)] == [
        addressing.block(index, "10.128.0.0/9") for index in (0, 1, 2047)
    ]
    assert block(2048, "10.128.0.0/9") is None


def test_a_site_that_is_cloud_alone_has_no_machine(workspace: Path) -> None:
    plan = resolve(load_site(workspace, "gamma/pool"), toolkit_path())
    assert (plan.machine, plan.overlay) == (None, None)
    with pytest.raises(UsageError, match=r"has no machine.*operator stacks up gamma/pool"):
        _ = plan.host
