"""What somebody made by hand beside a stack: told by its tags and by what our own things hold, whatever its name."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from dure.cloud import moto
from dure.cloud.unmanaged import parts, tagged
from dure.cloud.vault import platform_session
from dure.model.local import LocalSettings

from tests.contract.cloud.conftest import REGION

MSP, SITE = "handmade", "handmade/one"
TAGS = [{"Key": "dure:msp", "Value": MSP}, {"Key": "dure:site", "Value": SITE}]
OPEN = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]})
TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"},
        ],
    }
)
EVERYTHING = "arn:aws:iam::aws:policy/AdministratorAccess"


@pytest.fixture(scope="module")
def client(account: moto.Account, settings: LocalSettings) -> Callable[[str], Any]:
    session: Any = platform_session(settings, REGION)
    return lambda service: session.client(service, endpoint_url=account.endpoint)


@pytest.fixture
def role(client: Callable[[str], Any]) -> Iterator[str]:
    """Tagged as ours, and of a name that is none of ours."""
    iam, name = client("iam"), "somebody"
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=TRUST, Tags=TAGS)
    yield name
    iam.delete_role(RoleName=name)


def held(settings: LocalSettings) -> set[str]:
    return {one.arn for one in parts(settings, REGION, tagged(settings, REGION, MSP)) if one.site == SITE}


def service(client: Callable[[str], Any]) -> str:
    ecs = client("ecs")
    ecs.create_cluster(clusterName="fading")
    container = {"name": "web", "image": "nginx:stable", "memory": 128}
    ecs.register_task_definition(family="fading", containerDefinitions=[container])
    made = ecs.create_service(
        cluster="fading", serviceName="fading", taskDefinition="fading", desiredCount=0, tags=lowered(TAGS)
    )
    return str(made["service"]["serviceArn"])


def task_definition(client: Callable[[str], Any]) -> str:
    container = {"name": "web", "image": "nginx:stable", "memory": 128}
    made = client("ecs").register_task_definition(family="faded", containerDefinitions=[container], tags=lowered(TAGS))
    return str(made["taskDefinition"]["taskDefinitionArn"])


def machine(client: Callable[[str], Any]) -> str:
    image = client("ec2").describe_images()["Images"][0]["ImageId"]
    tags = [{"ResourceType": "instance", "Tags": TAGS}]
    made = client("ec2").run_instances(ImageId=image, MinCount=1, MaxCount=1, TagSpecifications=tags)
    return f"arn:aws:ec2:{REGION}:123456789012:instance/{made['Instances'][0]['InstanceId']}"


def key(client: Callable[[str], Any]) -> str:
    tags = [{"TagKey": one["Key"], "TagValue": one["Value"]} for one in TAGS]
    return str(client("kms").create_key(Tags=tags)["KeyMetadata"]["Arn"])


def secret(client: Callable[[str], Any]) -> str:
    return str(client("secretsmanager").create_secret(Name="fading", SecretString="x", Tags=TAGS)["ARN"])


def lowered(tags: list[dict[str, str]]) -> list[dict[str, str]]:
    return [{name.lower(): value for name, value in one.items()} for one in tags]


@pytest.mark.parametrize(
    ("make", "service_name", "operation", "given"),
    [
        pytest.param(service, "ecs", "delete_service", {"cluster": "fading", "service": "{}"}, id="a-service"),
        pytest.param(task_definition, "ecs", "deregister_task_definition", {"taskDefinition": "{}"}, id="a-revision"),
        pytest.param(machine, "ec2", "terminate_instances", {"InstanceIds": ["{id}"]}, id="a-machine"),
        pytest.param(key, "kms", "schedule_key_deletion", {"KeyId": "{id}", "PendingWindowInDays": 7}, id="a-key"),
        pytest.param(secret, "secretsmanager", "delete_secret", {"SecretId": "{}"}, id="a-secret"),
    ],
)
def test_what_was_deleted_is_not_told_though_aws_still_lists_it(
    client: Callable[[str], Any],
    settings: LocalSettings,
    make: Callable[[Callable[[str], Any]], str],
    service_name: str,
    operation: str,
    given: dict[str, Any],
) -> None:
    arn = make(client)
    assert arn in {one.arn for one in tagged(settings, REGION, MSP)}
    text = json.dumps(given).replace("{}", arn).replace("{id}", arn.rpartition("/")[2])
    getattr(client(service_name), operation)(**json.loads(text))
    assert arn not in {one.arn for one in tagged(settings, REGION, MSP)}


def test_a_role_of_ours_is_told_by_its_tag_and_not_by_its_name(settings: LocalSettings, role: str) -> None:
    assert [one.arn for one in tagged(settings, REGION, MSP) if ":role/" in one.arn] == [
        f"arn:aws:iam::123456789012:role/{role}"
    ]


def test_policies_that_a_role_of_ours_was_given_are_told(
    client: Callable[[str], Any], settings: LocalSettings, role: str
) -> None:
    iam = client("iam")
    assert held(settings) == set()
    iam.put_role_policy(RoleName=role, PolicyName="all", PolicyDocument=OPEN)
    iam.attach_role_policy(RoleName=role, PolicyArn=EVERYTHING)
    try:
        assert held(settings) == {f"{role}:all", f"{role}/{EVERYTHING}"}
        (inline, _) = sorted(parts(settings, REGION, tagged(settings, REGION, MSP)), key=lambda one: "/" in one.arn)
        assert inline.known(frozenset({f"{role}:all"}))
        assert not inline.known(frozenset({"all", role})), "another role's policy may have that name"
    finally:
        iam.delete_role_policy(RoleName=role, PolicyName="all")
        iam.detach_role_policy(RoleName=role, PolicyArn=EVERYTHING)


def test_a_key_that_a_user_of_ours_was_given_is_told(client: Callable[[str], Any], settings: LocalSettings) -> None:
    iam, name = client("iam"), "keyholder"
    iam.create_user(UserName=name, Tags=TAGS)
    key = iam.create_access_key(UserName=name)["AccessKey"]["AccessKeyId"]
    try:
        (told,) = held(settings)
        assert told == f"arn:aws:iam::123456789012:user/{name}/access-key/{key}"
        (found,) = parts(settings, REGION, tagged(settings, REGION, MSP))
        assert found.known(frozenset({key})), "a state has it by its id"
    finally:
        iam.delete_access_key(UserName=name, AccessKeyId=key)
        iam.delete_user(UserName=name)


def test_a_rule_that_a_security_group_of_ours_was_given_is_told(
    client: Callable[[str], Any], settings: LocalSettings
) -> None:
    ec2 = client("ec2")
    network = ec2.create_vpc(CidrBlock="10.141.0.0/20")["Vpc"]["VpcId"]
    tags = [{"ResourceType": "security-group", "Tags": TAGS}]
    group = ec2.create_security_group(GroupName="g", Description="g", VpcId=network, TagSpecifications=tags)["GroupId"]
    before = held(settings)
    rule = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
    made = ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[rule])["SecurityGroupRules"]
    try:
        (new,) = held(settings) - before
        assert new.rpartition("/")[2] == made[0]["SecurityGroupRuleId"]
        (found,) = [one for one in parts(settings, REGION, tagged(settings, REGION, MSP)) if one.arn == new]
        assert found.known(frozenset({made[0]["SecurityGroupRuleId"]})), "a state has it by its id"
    finally:
        ec2.delete_security_group(GroupId=group)
        ec2.delete_vpc(VpcId=network)
