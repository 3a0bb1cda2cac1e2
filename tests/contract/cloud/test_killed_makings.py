"""Killed while AWS makes what it would gladly make twice: the next up takes what is there."""

import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from dure.cloud import moto
from dure.cloud.stack import Stack
from dure.cloud.vault import platform_session
from dure.model.local import LocalSettings

from tests.contract.cloud.conftest import PASSPHRASE, REGION, cloud_plan
from tests.contract.cloud.proxy import Faults, Which, calling, faulty
from tests.contract.cloud.test_faults import in_background, workers

PROGRAM, NETWORK = (Path(__file__).parent / name for name in ("small", "small-network"))
LONG = pytest.mark.long
Client = Callable[[str], Any]


def making_record(method: str, path: str, body: bytes) -> bool:
    return method == "POST" and "/rrset" in path


def registering(method: str, path: str, body: bytes) -> bool:
    return b'"containerDefinitions"' in body


def making_key(method: str, path: str, body: bytes) -> bool:
    return b'"Description": "hansol-plastics-killed' in body


def records(client: Client, name: str) -> int:
    zones = client("route53").list_hosted_zones()["HostedZones"]
    (zone,) = (one["Id"] for one in zones if one["Name"] == f"{name}.example.")
    listed = client("route53").list_resource_record_sets(HostedZoneId=zone)["ResourceRecordSets"]
    return len([one for one in listed if one["Type"] == "A"])


def subscriptions(client: Client, name: str) -> int:
    listed = client("sns").list_subscriptions()["Subscriptions"]
    return len([one for one in listed if one["TopicArn"].endswith(f":{name}")])


def revisions(client: Client, name: str) -> int:
    return len(client("ecs").list_task_definitions(familyPrefix=name, status="ACTIVE")["taskDefinitionArns"])


def keys(client: Client, name: str) -> int:
    found = [one["KeyId"] for page in client("kms").get_paginator("list_keys").paginate() for one in page["Keys"]]
    return [client("kms").describe_key(KeyId=one)["KeyMetadata"]["Description"] for one in found].count(name)


def tagged(beginning: str) -> Callable[[Client, str], int]:
    """How many of EC2's resources whose ids begin so carry the site's tag."""

    def count(client: Client, name: str) -> int:
        site = name.replace("hansol-plastics-", "hansol-plastics/", 1)
        pages = client("ec2").get_paginator("describe_tags")
        found = [one for page in pages.paginate(Filters=[{"Name": "value", "Values": [site]}]) for one in page["Tags"]]
        return sum(one["ResourceId"].startswith(beginning) for one in found)

    return count


@pytest.fixture
def faults(account: moto.Account) -> Iterator[Faults]:
    with faulty(account.endpoint) as proxy:
        yield proxy


@pytest.mark.parametrize(
    ("program", "kind", "moment", "count"),
    [
        pytest.param(PROGRAM, "record", making_record, records, id="a-dns-record"),
        pytest.param(PROGRAM, "mail", calling("Subscribe"), subscriptions, id="a-subscription", marks=LONG),
        pytest.param(PROGRAM, "task", registering, revisions, id="a-task-definition"),
        pytest.param(NETWORK, "machine", calling("RunInstances"), tagged("i-"), id="a-machine"),
        pytest.param(NETWORK, "network", calling("CreateVpc"), tagged("vpc-"), id="a-network", marks=LONG),
        pytest.param(NETWORK, "address", calling("AllocateAddress"), tagged("eipalloc-"), id="an-address", marks=LONG),
        pytest.param(NETWORK, "gateway", calling("CreateNatGateway"), tagged("nat-"), id="a-gateway", marks=LONG),
        pytest.param(NETWORK, "key", making_key, keys, id="a-key", marks=LONG),
    ],
)
def test_killed_while_it_makes(
    program: Path,
    kind: str,
    moment: Which,
    count: Callable[[Client, str], int],
    tmp_path: Path,
    settings: LocalSettings,
    faults: Faults,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("dure.cloud.stack.toolkit_path", lambda: program)
    stack = Stack(
        cloud_plan(f"killed-{kind}"),
        tmp_path,
        settings.model_copy(update={"aws_endpoint": faults.endpoint}),
        PASSPHRASE,
    )
    faults.holding = moment
    thread, raised = in_background(stack.up)
    assert faults.reached.wait(60)
    (worker,) = workers(os.getpid())
    os.killpg(worker, signal.SIGKILL)
    thread.join(30)
    assert "its process was killed" in str(raised[0])
    faults.holding = None
    faults.release.set()

    again = stack.up()
    assert kind not in {one.name for one in again.changes if one.op == "create"}, "it was found"
    assert stack.preview().empty
    session: Any = platform_session(settings, REGION)
    name = f"hansol-plastics-killed-{kind}"
    assert count(lambda service: session.client(service, endpoint_url=settings.aws_endpoint), name) == 1
