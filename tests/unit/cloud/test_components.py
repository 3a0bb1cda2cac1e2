"""Names, sizes, tags and policy documents of the components, and arguments that they refuse."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.contract.cloud import programs

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of pulumi_aws itself, at import

Module = Callable[[str], Any]
ids = st.from_regex(r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?", fullmatch=True)
tenants = st.tuples(ids, ids)
LIMITS = {
    "bucket": r"[a-z0-9][a-z0-9-]{1,61}[a-z0-9]",
    "role": r"[\w+=,.@-]{1,64}",
    "target_group": r"[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,30}[a-zA-Z0-9])?",
    "database": r"[a-z_][a-z0-9_]{0,62}",
}


def named(names: Any, kind: str, *of: str) -> str:
    return str(names.bucket("123456789012", *of) if kind == "bucket" else getattr(names, kind)(*of))


@pytest.mark.parametrize("kind", LIMITS)
@given(tenant=tenants)
def test_every_name_is_within_its_limit(stacks_module: Module, kind: str, tenant: tuple[str, str]) -> None:
    names = stacks_module("iaas.names")
    assert re.fullmatch(LIMITS[kind], named(names, kind, "hanbit-it", *tenant))


@pytest.mark.parametrize("kind", LIMITS)
@given(one=tenants, other=tenants)
def test_two_tenants_never_share_a_name(
    stacks_module: Module, kind: str, one: tuple[str, str], other: tuple[str, str]
) -> None:
    assume(one != other)
    names = stacks_module("iaas.names")
    assert named(names, kind, "hanbit-it", *one) != named(names, kind, "hanbit-it", *other)


@pytest.mark.parametrize("kind", LIMITS)
def test_names_that_would_be_the_same_after_joining_are_not(stacks_module: Module, kind: str) -> None:
    names = stacks_module("iaas.names")
    assert named(names, kind, "m", "a-b", "c") != named(names, kind, "m", "a", "b-c")


@given(st.integers(1, 100_000))
def test_every_number_of_people_has_one_size_that_never_shrinks_upwards(stacks_module: Module, people: int) -> None:
    size = stacks_module("iaas.size")
    one, more = size.size_for(people), size.size_for(people + 1)
    assert one.most is None or people <= one.most
    for grows in ("cpu", "memory", "tasks", "storage", "backup_days"):
        assert getattr(one, grows) <= getattr(more, grows)


def test_the_sizes_begin_where_the_contract_says(stacks_module: Module) -> None:
    size_for = stacks_module("iaas.size").size_for
    edges = {1: "starter", 10: "starter", 11: "standard", 29: "standard", 30: "plus", 50: "plus", 51: "premium"}
    assert {people: size_for(people).tier for people in edges} == edges
    with pytest.raises(ValueError, match="people 0 is not 1 or more"):
        size_for(0)


def test_fargate_takes_every_size(stacks_module: Module) -> None:
    fargate = stacks_module("iaas.service").FARGATE
    assert all(one.memory in fargate[one.cpu] for one in stacks_module("iaas.size").SIZES)


def test_all_required_tags_that_are_missing_are_said_at_once(stacks_module: Module) -> None:
    tags = stacks_module("iaas.tags")
    with pytest.raises(ValueError, match=r"dure:msp.*dure:tier.*dure:owner.*dure:cost-centre"):
        tags.required_tags({"dure:customer": "c", "dure:site": "c/s", "dure:blueprint": "b"})


def tenant_statements(stacks_module: Module, customer: str, site: str) -> Any:
    args = stacks_module("iaas.tenant_identity").TenantIdentityArgs(
        "hanbit-it", customer, site, "123456789012", "ap-northeast-2", "pool", "arn:aws:kms:::key/1", ""
    )
    return args.statements()


@given(one=tenants, other=tenants)
def test_no_tenants_resources_cover_anothers(
    stacks_module: Module, one: tuple[str, str], other: tuple[str, str]
) -> None:
    """Patterns end in /*: `a/b` must not reach `a/bc`."""
    assume(one != other)
    path = f"tenants/{other[0]}/{other[1]}/object"
    for statement in tenant_statements(stacks_module, *one):
        for resource in statement["Resource"]:
            pattern = re.escape(resource).replace(r"\*", ".*")
            assert not re.fullmatch(pattern, f"arn:aws:s3:::pool/{path}")
            parameter = f"parameter/dure/hanbit-it/{other[0]}/{other[1]}"
            for name in (parameter, f"{parameter}/schema"):
                assert not re.fullmatch(pattern, f"arn:aws:ssm:ap-northeast-2:123456789012:{name}")
        prefixes = statement.get("Condition", {}).get("StringLike", {}).get("s3:prefix", [])
        assert not any(re.fullmatch(re.escape(each).replace(r"\*", ".*"), path) for each in prefixes)


def test_a_tenant_names_no_wildcard_action_and_no_wildcard_resource(stacks_module: Module) -> None:
    for statement in tenant_statements(stacks_module, "hansol-plastics", "erp"):
        assert "*" not in statement["Resource"]
        assert not [action for action in statement["Action"] if "*" in action]


def test_ci_applies_for_the_named_environments_of_one_repository(stacks_module: Module) -> None:
    roles = stacks_module("iaas.access_roles")
    args = roles.AccessRolesArgs("hanbit-it", "123456789012", "github", "hanbit-it/workspace")
    assert args.applies() == ["repo:hanbit-it/workspace:environment:production"]
    text = stacks_module("iaas.policies").assumed_by_token("arn", args.issuer, args.applies())
    (statement,) = json.loads(text)["Statement"]
    assert set(statement["Condition"]) == {"StringEquals"}, "no pattern, no other branch"
    with pytest.raises(ValueError, match="is not the name of one branch"):
        roles.AccessRolesArgs("hanbit-it", "123456789012", "github", "hanbit-it/workspace", "*")


QUOTA = {
    "msp": "m",
    "customer": "c",
    "site": "s",
    "account": "1",
    "limit_usd": 1,
    "email": "a@b",
    "actor_boundary_arn": "a",
}
REFUSED: list[tuple[str, str, dict[str, Any], str]] = [
    ("iaas.network", "NetworkArgs", {"cidr": "10.0.0.0/28", "region": "r"}, "too small"),
    ("iaas.network", "NetworkArgs", {"cidr": "10.0.0.0/20", "region": "r", "zones": ("a", "a")}, "zones a, a are one"),
    ("iaas.budget", "BudgetArgs", {"budget": "b", "limit_usd": 0, "email": "x"}, r"limit_usd 0.*email 'x'"),
    ("iaas.dns_zone", "DnsZoneArgs", {"domain": "한국"}, "is no domain name"),
    ("iaas.target", "TargetArgs", {"target": "a" * 33, "vpc_id": "v", "port": 0}, r"1 to 32.*port 0"),
    ("iaas.private_bucket", "PrivateBucketArgs", {"bucket": "ab"}, "has 2 characters, not 3 to 63"),
    ("iaas.settings", "SettingsArgs", {"path": "/aws/x", "values": {}}, "path '/aws/x'"),
    (
        "iaas.quota",
        "QuotaArgs",
        QUOTA | {"msp": "M", "site": "s" * 41},
        r"msp 'M'.*41 characters",
    ),
    ("iaas.image_repository", "ImageRepositoryArgs", {"repository": "A"}, "no name that ECR takes"),
    ("iaas.encryption_key", "EncryptionKeyArgs", {"alias": "aws/x", "reason": "", "account": "1"}, "begins with"),
    ("iaas.cluster", "ClusterArgs", {"cluster": ""}, "cluster is empty"),
    ("iaas.organization", "OrganizationArgs", {"msp": "m", "email": "a@b", "root": "x"}, "does not begin with r-"),
    ("iaas.audit_trail", "AuditTrailArgs", {"msp": "m", "account": "1", "keep_days": 1}, "keep_days 1"),
]


@pytest.mark.parametrize(("module", "kind", "arguments", "said"), REFUSED)
def test_wrong_arguments_are_refused_in_one_line(
    stacks_module: Module, module: str, kind: str, arguments: dict[str, Any], said: str
) -> None:
    with pytest.raises(ValueError, match=said) as refused:
        getattr(stacks_module(module), kind)(**arguments)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    "offices", [("0.0.0.0/0",), ("0.0.0.0/1", "128.0.0.0/1"), ("8.0.0.0/7",), ("10.0.0.0/8", "11.0.0.0/8")]
)
def test_the_hub_is_not_open_to_ssh_from_the_world(stacks_module: Module, offices: tuple[str, ...]) -> None:
    hub = stacks_module("iaas.wireguard_hub")
    with pytest.raises(ValueError, match="may not be the whole world"):
        hub.WireguardHubArgs("v", "s", (51820,), offices, (programs.KEY,))


def test_the_hub_takes_ssh_from_a_network_of_one_holder(stacks_module: Module) -> None:
    hub = stacks_module("iaas.wireguard_hub")
    assert "ssh-10.0.0.0-8" in hub.WireguardHubArgs("v", "s", (51820,), ("10.0.0.0/8",), (programs.KEY,)).rules()


def test_all_that_a_tenant_takes_the_landing_zone_tells(stacks_module: Module) -> None:
    """A tenant takes the landing zone's outputs as they are."""
    upstream = stacks_module("iaas.upstream").Upstream
    assert set(upstream.model_fields) <= set(stacks_module("tiers.landing_zone").OUTPUTS)
