"""What CI's role is denied, on the AWS double, with the very documents that the landing zone gives it.

The double evaluates actions, of resources `*` alone, and neither boundaries nor `iam:PermissionsBoundary`: what CI is
allowed only with a boundary it refuses altogether. So the role gets every right besides here, as somebody may attach it
by mistake, and what is refused then is refused by the limits. All else is evaluated in tests/unit/policy.
"""

import json
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from dure.cloud import moto

from tests.contract.cloud.conftest import REGION
from tests.subjects import subject

ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess"
Client = Callable[..., Any]


def documents() -> dict[str, str]:
    """Name -> text of all that is written for CI's role."""
    zone = subject("landing-zone-applied")
    (ci,) = [one for one in zone.planned("aws:iam/role:Role") if one.name == "access-ci"]
    own = [one for one in zone.planned("aws:iam/rolePolicy:RolePolicy") if one.inputs["role"] == ci.inputs["name"]]
    return {str(one.inputs["name"]): str(one.inputs["policy"]) for one in own}


@pytest.fixture(scope="module")
def client(account: moto.Account) -> Client:
    """`client("iam")` by the administrator's key, or by the credentials of a session."""
    lines = (line.partition("=") for line in account.credentials.read_text().splitlines()[1:])
    administrator = {key.strip(): value.strip() for key, _, value in lines}

    def of(service: str, **credentials: str) -> Any:
        return boto3.client(
            service,
            region_name=REGION,
            endpoint_url=account.endpoint,
            config=Config(retries={"total_max_attempts": 1}),
            **(credentials or administrator),
        )

    return of


def taken(client: Client, role: str) -> dict[str, str]:
    """Credentials of a session of the role."""
    arn = client("iam").get_role(RoleName=role)["Role"]["Arn"]
    given = client("sts").assume_role(RoleArn=arn, RoleSessionName="job")["Credentials"]
    return {
        "aws_access_key_id": given["AccessKeyId"],
        "aws_secret_access_key": given["SecretAccessKey"],
        "aws_session_token": given["SessionToken"],
    }


@pytest.fixture(scope="module")
def ci(client: Client) -> Iterator[str]:
    """CI's role, with AdministratorAccess besides, and a tenant's role."""
    iam = client("iam")
    me = client("sts").get_caller_identity()["Arn"]
    people = {"Effect": "Allow", "Principal": {"AWS": me}, "Action": "sts:AssumeRole"}
    trust = json.dumps({"Version": "2012-10-17", "Statement": [people]})
    iam.create_role(RoleName="ci", AssumeRolePolicyDocument=trust)
    iam.create_role(RoleName="tenant", AssumeRolePolicyDocument=trust, PermissionsBoundary=ADMINISTRATOR)
    iam.attach_role_policy(RoleName="ci", PolicyArn=ADMINISTRATOR)
    yield "ci"
    for name in iam.list_role_policies(RoleName="ci")["PolicyNames"]:
        iam.delete_role_policy(RoleName="ci", PolicyName=name)
    iam.detach_role_policy(RoleName="ci", PolicyArn=ADMINISTRATOR)
    for name in ("ci", "tenant"):
        iam.delete_role(RoleName=name)


ATTACKS: dict[str, Callable[[Client, dict[str, str]], object]] = {
    "a boundary taken off": lambda client, ci: client("iam", **ci).delete_role_permissions_boundary(RoleName="tenant"),
    "whose tokens are trusted": lambda client, ci: client("iam", **ci).list_open_id_connect_providers(),
    "somebody else's role": lambda client, ci: client("sts", **ci).assume_role(
        RoleArn="arn:aws:iam::123456789012:role/tenant", RoleSessionName="evil"
    ),
    "a stack of CloudFormation": lambda client, ci: client("cloudformation", **ci).list_stacks(),
}


def test_an_administrators_policy_on_cis_role_does_not_lift_its_limits(client: Client, ci: str) -> None:
    session = taken(client, ci)
    ATTACKS["a boundary taken off"](client, session)
    iam = client("iam")
    assert "PermissionsBoundary" not in iam.get_role(RoleName="tenant")["Role"], "without the limits it may"

    iam.put_role_permissions_boundary(RoleName="tenant", PermissionsBoundary=ADMINISTRATOR)
    iam.put_role_policy(RoleName=ci, PolicyName="limits", PolicyDocument=documents()["limits"])
    for name, attack in ATTACKS.items():
        with pytest.raises(ClientError, match=r"AccessDenied|not authorized") as refused:
            attack(client, session)
        assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 403, name
    assert iam.get_role(RoleName="tenant")["Role"]["PermissionsBoundary"]["PermissionsBoundaryArn"] == ADMINISTRATOR
    assert client("ec2", **session).describe_vpcs()["Vpcs"], "all else it still may"
