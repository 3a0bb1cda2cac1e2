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

PROGRAM = Path(__file__).parent / "small"
Client = Callable[[str], Any]


def making_record(method: str, path: str, body: bytes) -> bool:
    return method == "POST" and "/rrset" in path


def registering(method: str, path: str, body: bytes) -> bool:
    return b'"containerDefinitions"' in body


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


@pytest.fixture
def faults(account: moto.Account) -> Iterator[Faults]:
    with faulty(account.endpoint) as proxy:
        yield proxy


@pytest.mark.parametrize(
    ("kind", "moment", "count"),
    [
        pytest.param("record", making_record, records, id="a-dns-record"),
        pytest.param("mail", calling("Subscribe"), subscriptions, id="a-subscription", marks=pytest.mark.long),
        pytest.param("task", registering, revisions, id="a-task-definition"),
    ],
)
def test_killed_while_it_makes(
    kind: str,
    moment: Which,
    count: Callable[[Client, str], int],
    tmp_path: Path,
    settings: LocalSettings,
    faults: Faults,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("dure.cloud.stack.toolkit_path", lambda: PROGRAM)
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
