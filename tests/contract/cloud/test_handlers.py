"""The sandbox's handlers on the AWS double, without the engine: made, read, taken over, changed, deleted, gone."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from dure.cloud import moto
from dure.cloud.sandbox.calls import Connections
from dure.cloud.sandbox.handler import Calls
from dure.cloud.sandbox.properties import Properties, differences
from dure.cloud.sandbox.template import parameters
from dure.cloud.sandbox.types import HANDLERS

from tests.contract.cloud.conftest import REGION

CASES = yaml.safe_load((Path(__file__).parent / "handler_cases.yaml").read_text(encoding="utf-8"))
TAGS = {"dure:site": "hansol-plastics/handler", "dure:owner": "hanbit-it"}


@pytest.fixture(scope="module")
def calls(account: moto.Account, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Calls]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(account.credentials))
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
            patch.delenv(name, raising=False)
        connections = Connections(account.endpoint, tmp_path_factory.mktemp("record"))
        connections.configure("engine", {"region": REGION}, {})
        yield connections.calls("engine")


@pytest.fixture(scope="module")
def made(calls: Calls) -> Iterator[Properties]:
    """What other resources are made in."""
    vpc = calls.call("ec2", "create_vpc", CidrBlock="10.200.0.0/16")["Vpc"]["VpcId"]  # type: ignore[index,call-overload]
    group = calls.call("ec2", "create_security_group", GroupName="in", Description="in", VpcId=vpc)["GroupId"]
    gateway = calls.call("ec2", "create_vpn_gateway", Type="ipsec.1")["VpnGateway"]["VpnGatewayId"]  # type: ignore[index,call-overload]
    asked = {"Type": "ipsec.1", "BgpAsn": 65000, "PublicIp": "203.0.113.22"}
    site = calls.call("ec2", "create_customer_gateway", **asked)["CustomerGateway"]["CustomerGatewayId"]  # type: ignore[index,call-overload,arg-type]
    routes = calls.call("ec2", "create_route_table", VpcId=vpc)["RouteTable"]["RouteTableId"]  # type: ignore[index,call-overload]
    yield {"vpc": vpc, "group": group, "gateway": gateway, "site": site, "routes": routes}
    calls.call("ec2", "delete_route_table", RouteTableId=routes)
    calls.call("ec2", "delete_security_group", GroupId=group)
    calls.call("ec2", "delete_vpc", VpcId=vpc)


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case["type"]))
def test_a_resource_from_its_making_to_its_end(calls: Calls, made: Properties, case: Properties) -> None:
    handler = HANDLERS[str(case["type"])]
    tagged: Properties = {"tags": dict(TAGS)} if {"tags"} & {*handler.checked, *handler.unseen} else {}
    given = handler.check(parameters(case["inputs"], made) | tagged, "autonamed")
    resource = handler.create(calls, given)

    seen = handler.read(calls, resource.id, given)
    assert seen is not None
    assert differences(given, {key: seen.get(key) for key in given}) == {}, "nobody changed it: no drift"

    taken_over = handler.read(calls, resource.id, {})
    assert taken_over is not None
    assert {key: taken_over.get(key) for key in handler.checked if isinstance(given.get(key), str | int)} == {
        key: given[key] for key in handler.checked if isinstance(given.get(key), str | int)
    }

    changed = given | parameters(case.get("changed", {}), made)  # type: ignore[arg-type]
    if tagged:
        changed["tags"] = {"dure:site": "hansol-plastics/other"}
    outputs = handler.update(calls, resource.id, given | resource.outputs, changed)
    seen = handler.read(calls, resource.id, changed)
    assert seen is not None
    assert differences(changed, {key: seen.get(key) for key in changed}) == {}
    raw = handler.read(calls, resource.id, {})
    assert raw is not None
    told = [key for key in handler.checked if changed.get(key) != given.get(key)]
    assert not [key for key in told if raw.get(key) == taken_over.get(key)], "AWS itself tells the change"

    handler.delete(calls, resource.id, changed | outputs)
    handler.delete(calls, resource.id, changed | outputs)
    assert handler.read(calls, resource.id, changed) is None


def test_a_resource_that_could_not_be_finished_is_not_lost(calls: Calls, monkeypatch: pytest.MonkeyPatch) -> None:
    """It exists: the engine must learn its id, or the next run would make a second one."""
    from botocore.exceptions import ClientError
    from dure.cloud.sandbox.handler import PartlyMade
    from dure.cloud.sandbox.tagging import Tagging

    def refuse(*_: object, **__: object) -> None:
        raise ClientError({"Error": {"Code": "Throttling", "Message": "Rate exceeded"}}, "TagResource")

    handler = HANDLERS["aws:ecr/repository:Repository"]
    given = handler.check({"name": "dure/unfinished", "tags": dict(TAGS)}, "autonamed")
    with monkeypatch.context() as patch:
        patch.setattr(Tagging, "write", refuse)
        with pytest.raises(PartlyMade, match="Rate exceeded") as partly:
            handler.create(calls, given)
    assert partly.value.made.id == "dure/unfinished"
    handler.delete(calls, "dure/unfinished", given)


def test_a_load_balancer_with_deletion_protection_is_kept(calls: Calls, made: Properties) -> None:
    from dure.cloud.sandbox.plain import RefusedByAws

    subnets = [
        calls.call("ec2", "create_subnet", VpcId=made["vpc"], CidrBlock=cidr, AvailabilityZone=f"{REGION}{zone}")
        for cidr, zone in (("10.200.2.0/24", "a"), ("10.200.3.0/24", "c"))
    ]
    ids = [one["Subnet"]["SubnetId"] for one in subnets]  # type: ignore[index,call-overload]
    handler = HANDLERS["aws:lb/loadBalancer:LoadBalancer"]
    given = handler.check({"name": "kept", "subnets": ids, "enableDeletionProtection": True}, "autonamed")
    resource = handler.create(calls, given)
    with pytest.raises(RefusedByAws, match="deletion protection is enabled"):
        handler.delete(calls, resource.id, given)
    off = given | {"enableDeletionProtection": False}
    handler.update(calls, resource.id, given | resource.outputs, off)
    handler.delete(calls, resource.id, off)
    assert handler.read(calls, resource.id, off) is None
    for one in ids:
        calls.call("ec2", "delete_subnet", SubnetId=one)


TASKS = '{"Effect":"Allow","Principal":{"Service":"ecs-tasks.amazonaws.com"},"Action":"sts:AssumeRole"}'
TRUST = f'{{"Version":"2012-10-17","Statement":[{TASKS}]}}'
IDENTITIES = {"aws:iam/role:Role": {"name": "held", "assumeRolePolicy": TRUST}, "aws:iam/user:User": {"name": "held"}}
READS = "arn:aws:iam::aws:policy/ReadOnlyAccess"


@pytest.mark.parametrize("kind", IDENTITIES)
def test_a_boundary_that_is_set_later_or_taken_off_is_seen(calls: Calls, kind: str) -> None:
    handler = HANDLERS[kind]
    bare = handler.check({**IDENTITIES[kind]}, "autonamed")
    bound = bare | {"permissionsBoundary": READS}
    outputs = handler.create(calls, bare).outputs
    assert (handler.read(calls, "held", bare) or {}).get("permissionsBoundary") is None

    outputs = handler.update(calls, "held", bare | outputs, bound)
    assert (handler.read(calls, "held", bound) or {}).get("permissionsBoundary") == READS
    calls.call("iam", f"delete_{kind[8:12]}_permissions_boundary", **{f"{kind[8:12].title()}Name": "held"})
    assert (handler.read(calls, "held", bound) or {}).get("permissionsBoundary") is None, "somebody took it off"

    outputs = handler.update(calls, "held", bare | outputs, bound)
    handler.update(calls, "held", bound | outputs, bare)
    assert (handler.read(calls, "held", bare) or {}).get("permissionsBoundary") is None
    handler.delete(calls, "held", bare)


@pytest.mark.parametrize("kind", IDENTITIES)
def test_a_boundary_that_does_not_exist_is_refused_as_aws_does(calls: Calls, kind: str) -> None:
    from botocore.exceptions import ClientError

    handler = HANDLERS[kind]
    absent = {"permissionsBoundary": "arn:aws:iam::123456789012:policy/dure-boundaries/hanbit-it/absent"}
    with pytest.raises(ClientError, match=r"\(NoSuchEntity\).*absent does not exist or is not attachable"):
        handler.create(calls, handler.check({**IDENTITIES[kind], **absent}, "autonamed"))
    assert handler.read(calls, "held", {}) is None
