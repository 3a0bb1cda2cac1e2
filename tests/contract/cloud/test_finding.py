"""What a killed `up` made and never recorded is found again: by name, by tags, by network, each once."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from dure.cloud import moto
from dure.cloud.finding import Finder
from dure.cloud.request import Request
from dure.cloud.vault import platform_session
from dure.model.local import LocalSettings
from pydantic import JsonValue

from tests.contract.cloud.conftest import REGION

TAGS = {"dure:msp": "finder", "dure:site": "finder/one"}


@pytest.fixture(scope="module")
def client(account: moto.Account, settings: LocalSettings) -> Callable[[str], Any]:
    session: Any = platform_session(settings, REGION)
    return lambda service: session.client(service, endpoint_url=account.endpoint)


@pytest.fixture
def finder(tmp_path: Path, account: moto.Account, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Finder]:
    """`finder("id", …)`: of site finder/one, whose state knows these ids."""
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(account.credentials))
    tags: dict[str, JsonValue] = {**TAGS}

    def make(*recorded: str) -> Finder:
        request = Request(
            verb="up",
            stack="finder.one",
            program_directory="",
            work_directory=str(tmp_path),
            configuration={"dure:tags": tags},
            endpoint=account.endpoint,
            region=REGION,
            lock_seconds=1,
        )
        return Finder(request, set(recorded))

    return make


def tagged(kind: str, **changed: str) -> list[dict[str, object]]:
    tags = {**TAGS, **{key.replace("_", ":"): value for key, value in changed.items()}}
    return [{"ResourceType": kind, "Tags": [{"Key": key, "Value": value} for key, value in tags.items()]}]


def test_a_network_is_found_by_its_tags_and_its_subnets_by_their_place_in_it(
    client: Callable[[str], Any], finder: Callable[..., Finder]
) -> None:
    ec2 = client("ec2")
    ours = ec2.create_vpc(CidrBlock="10.140.0.0/20", TagSpecifications=tagged("vpc"))["Vpc"]["VpcId"]
    ec2.create_vpc(CidrBlock="10.140.0.0/20")  # somebody's: the same addresses, no tag of ours
    ec2.create_vpc(CidrBlock="10.140.0.0/20", TagSpecifications=tagged("vpc", dure_site="finder/two"))
    subnets = {
        cidr: ec2.create_subnet(VpcId=ours, CidrBlock=cidr, AvailabilityZone=f"{REGION}a")["Subnet"]["SubnetId"]
        for cidr in ("10.140.0.0/22", "10.140.4.0/22")
    }
    search = finder()
    assert search.find("aws:ec2/vpc:Vpc", {"cidrBlock": "10.140.0.0/20"}) == ours
    assert search.find("aws:ec2/vpc:Vpc", {"cidrBlock": "10.140.0.0/20"}) == "", "the same one is not given twice"
    for cidr, identity in subnets.items():
        inputs: dict[str, JsonValue] = {"vpcId": ours, "cidrBlock": cidr, "availabilityZone": f"{REGION}a"}
        assert search.find("aws:ec2/subnet:Subnet", inputs) == identity
        assert finder(identity).find("aws:ec2/subnet:Subnet", inputs) == "", "what the state knows is not lost"
    other: dict[str, JsonValue] = {"vpcId": ours, "cidrBlock": "10.140.8.0/22", "availabilityZone": f"{REGION}a"}
    assert search.find("aws:ec2/subnet:Subnet", other) == ""
    group: dict[str, JsonValue] = {"vpcId": ours, "name": "default", "description": "default VPC security group"}
    assert search.find("aws:ec2/securityGroup:SecurityGroup", group) == "", "AWS's own stays AWS's"


def test_what_has_a_name_is_found_by_it(client: Callable[[str], Any], finder: Callable[..., Finder]) -> None:
    client("logs").create_log_group(logGroupName="/dure/finder")
    pool = client("cognito-idp").create_user_pool(PoolName="finder-pool")["UserPool"]["Id"]
    topic = client("sns").create_topic(Name="finder-topic")["TopicArn"]
    search = finder()
    assert search.find("aws:cloudwatch/logGroup:LogGroup", {"name": "/dure/finder"}) == "/dure/finder"
    assert search.find("aws:cognito/userPool:UserPool", {"name": "finder-pool"}) == pool
    assert search.find("aws:sns/topic:Topic", {"name": "finder-topic"}) == topic
    for kind in ("cloudwatch/logGroup:LogGroup", "cognito/userPool:UserPool", "sns/topic:Topic"):
        assert search.find(f"aws:{kind}", {"name": "finder-nobody"}) == ""
    assert search.find("aws:lb/targetGroup:TargetGroup", {"name": "finder-nobody"}) == "", "a refusal is no find"
    assert search.find("aws:unknown/type:Type", {"name": "x"}) == ""


def test_what_may_stand_several_times_is_found_by_what_it_says(
    client: Callable[[str], Any], finder: Callable[..., Finder]
) -> None:
    zone = client("route53").create_hosted_zone(Name="finder.example", CallerReference="1")["HostedZone"]["Id"][12:]
    record: dict[str, JsonValue] = {"zoneId": zone, "name": "erp.finder.example", "type": "A", "ttl": 60}
    said = {"Name": record["name"], "Type": "A", "TTL": 60, "ResourceRecords": [{"Value": "192.0.2.1"}]}
    client("route53").change_resource_record_sets(
        HostedZoneId=zone, ChangeBatch={"Changes": [{"Action": "CREATE", "ResourceRecordSet": said}]}
    )
    kind = "aws:route53/record:Record"
    assert finder().find(kind, record | {"records": ["192.0.2.1"]}) == f"{zone}_erp.finder.example_A"
    assert finder().find(kind, record | {"records": ["192.0.2.2"]}) == "", "somebody else's"

    topic = client("sns").create_topic(Name="finder-mail")["TopicArn"]
    mail = client("sns").subscribe(
        TopicArn=topic, Protocol="email", Endpoint="a@finder.example", ReturnSubscriptionArn=True
    )["SubscriptionArn"]
    asked: dict[str, JsonValue] = {"topic": topic, "protocol": "email", "endpoint": "a@finder.example"}
    assert finder().find("aws:sns/topicSubscription:TopicSubscription", asked) == mail
    assert finder().find("aws:sns/topicSubscription:TopicSubscription", asked | {"endpoint": "b@finder.example"}) == ""

    container = {"name": "web", "image": "nginx", "environment": [{"name": "A", "value": "1"}]}
    task = client("ecs").register_task_definition(
        family="finder-web", cpu="256", memory="512", containerDefinitions=[container]
    )
    wanted: dict[str, JsonValue] = {"family": "finder-web", "cpu": "256", "memory": "512"}
    kind, found = "aws:ecs/taskDefinition:TaskDefinition", task["taskDefinition"]["taskDefinitionArn"]
    assert finder().find(kind, wanted | {"containerDefinitions": json.dumps([container])}) == found
    other = [container | {"environment": [{"name": "A", "value": "2"}]}]
    assert finder().find(kind, wanted | {"containerDefinitions": json.dumps(other)}) == "", "an older revision"
