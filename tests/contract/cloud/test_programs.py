"""The other cloud programs on the AWS double, by the real engine: made, looked at, changed by hand, taken down.

One landing zone carries the sandbox and the boxes; they come first, and it goes last.
"""

from typing import Any

import pytest
from dure.cloud import moto
from dure.errors import DureError, Refused
from dure.plan.subject import subject_of
from dure.policy.rules.network import explicit_tunnels
from pydantic import JsonValue

from tests.contract.cloud import programs
from tests.contract.cloud.estate import Cloud, assert_tagged, kinds, kinds_of_drift


def test_a_sandbox_has_a_hard_end(cloud: Cloud) -> None:
    stack = cloud.sandbox()
    assert_tagged(stack.up())
    iam, containers = cloud.aws("iam"), cloud.aws("ecs")
    roles = iam.list_roles(PathPrefix="/dure/hanbit-it/tenants/")["Roles"]
    (role,) = [one["RoleName"] for one in roles if "try" in one["RoleName"]]
    boundary = iam.get_role(RoleName=role)["Role"]["PermissionsBoundary"]["PermissionsBoundaryArn"]
    assert boundary == cloud.upstream["sandbox_boundary_arn"]
    (actor,) = [
        one["RoleName"]
        for one in iam.list_roles(PathPrefix="/dure/hanbit-it/")["Roles"]
        if "try-budget" in one["RoleName"]
    ]
    held = iam.get_role(RoleName=actor)["Role"]["PermissionsBoundary"]["PermissionsBoundaryArn"]
    assert held == cloud.upstream["boundary_arn"], "the sandbox's own lets nobody stop it"
    tags = {one["Key"]: one["Value"] for one in iam.list_role_tags(RoleName=role)["Tags"]}
    assert tags["dure:expires"] == "2027-01-31"

    iam.delete_role_permissions_boundary(RoleName=role)
    cluster = cloud.upstream["cluster_arn"]
    (service,) = [one for one in containers.list_services(cluster=cluster)["serviceArns"] if "try" in one]
    containers.update_service(cluster=cluster, service=service, desiredCount=5)
    assert kinds_of_drift(stack) == {("update", "identity"), ("update", "service")}

    later = cloud.sandbox(budget_usd=20)
    changed = later.up()
    assert kinds(changed) == {("update", "identity"), ("update", "service"), ("update", "quota-budget")}
    assert iam.get_role(RoleName=role)["Role"]["PermissionsBoundary"]["PermissionsBoundaryArn"] == boundary
    assert len(later.preview().changes) == 0
    later.destroy()
    assert cloud.left("hansol-plastics/try") == []


def test_a_boundary_comes_to_a_box_that_stands_in_place_and_is_mended(cloud: Cloud) -> None:
    plain: dict[str, JsonValue] = {"vpn": "hub", "vpn_address": "", "overlay": "", "site": "before", "upstream": None}
    before, iam = cloud.box("before", **plain), cloud.aws("iam")
    before.up()
    (user,) = [one["UserName"] for one in iam.list_users(PathPrefix="/dure/hanbit-it/")["Users"]]
    assert "PermissionsBoundary" not in iam.get_user(UserName=user)["User"], "no landing zone gave one"

    boundary = cloud.upstream["boundary_arn"]
    now = cloud.box("before", **plain, boundary_arn=boundary)
    assert kinds(now.up()) == {("update", "vault-box")}
    assert iam.get_user(UserName=user)["User"]["PermissionsBoundary"]["PermissionsBoundaryArn"] == boundary
    assert len(now.preview().changes) == 0

    iam.delete_user_permissions_boundary(UserName=user)
    assert kinds_of_drift(now) == {("update", "vault-box")}
    assert kinds(now.up()) == {("update", "vault-box")}
    now.destroy(unprotect=True)
    assert cloud.left("hansol-plastics/before") == []


VPN = {"vpn", "vpn-site", "vpn-overlay"}


def test_a_site_with_a_vpn_has_two_tunnels_whose_keys_are_nowhere_in_the_clear(cloud: Cloud) -> None:
    stack = cloud.box()
    asked = stack.preview()
    subject = subject_of(programs.plan("hybrid_site", "box", {}), asked.resources, place="somewhere")
    assert list(explicit_tunnels.check([subject])) == []
    made = stack.up()
    assert {name for op, name in kinds(made) if op == "create"} >= VPN
    assert (made.outputs["vpn_key_1"], made.outputs["vpn_key_2"]) == ("[secret]", "[secret]")
    assert made.outputs["vpn_network"] == "10.128.0.0/20"
    outputs = stack.outputs()
    keys = {outputs["vpn_key_1"], outputs["vpn_key_2"]}
    assert [len(one) for one in keys] == [32, 32], "two, and not the same"
    for file in (one for one in cloud.workspace.rglob("*") if one.is_file()):
        assert not [one for one in keys if one.encode() in file.read_bytes()], file
    assert len(stack.preview().changes) == 0
    (connection,) = standing_connections(cloud)
    assert connection["VpnGatewayId"] == cloud.upstream["vpn_gateway"]
    tags = {one["Key"]: one["Value"] for one in connection["Tags"]}
    assert tags["dure:site"] == "hansol-plastics/ansan"


def standing_connections(cloud: Cloud) -> list[Any]:
    found = cloud.aws("ec2").describe_vpn_connections()["VpnConnections"]
    return [one for one in found if one["State"] != "deleted"]


def test_a_vpn_that_somebody_deletes_is_made_again_with_other_keys_and_one_that_is_given_up_goes(cloud: Cloud) -> None:
    stack = cloud.box()
    before = stack.outputs()
    (connection,) = standing_connections(cloud)
    cloud.aws("ec2").delete_vpn_connection(VpnConnectionId=connection["VpnConnectionId"])
    assert ("delete", "vpn") in kinds_of_drift(stack)
    assert ("create", "vpn") in kinds(stack.up())
    after = stack.outputs()
    assert after["vpn_key_1"] != before["vpn_key_1"]
    assert len(stack.preview().changes) == 0

    moved = cloud.box(vpn_address="203.0.113.99").up()
    assert ("replace", "vpn-site") in kinds(moved)
    given_up = {key: value for key, value in programs.HYBRID.items() if not key.startswith(("vpn", "overlay"))}
    without = cloud.stack("hybrid_site", "box", given_up)
    assert {name for op, name in kinds(without.up()) if op == "delete"} == VPN
    assert not [one for one in without.outputs() if one.startswith("vpn_")]
    assert len(without.preview().changes) == 0
    assert standing_connections(cloud) == []
    without.destroy(unprotect=True)
    assert cloud.left("hansol-plastics/ansan") == []


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"upstream": {}}, "the landing zone has no VPN gateway; set `vpn_gateway: true`"),
        ({"vpn_address": "192.168.0.1"}, "address 192.168.0.1 is not one that the internet knows"),
        ({"overlay": "192.168.0.0/24"}, "overlay 192.168.0.0/24 is no /24 of the overlay pool 10.64.0.0/10"),
        ({"vpn": "both"}, "vpn is 'both': input should be 'hub' or 'aws'"),
    ],
)
def test_a_vpn_that_cannot_be_is_refused_in_one_line(cloud: Cloud, changed: dict[str, JsonValue], said: str) -> None:
    with pytest.raises(DureError) as refused:
        cloud.box("refused", site="refused", **changed).preview()
    assert said in refused.value.line()
    assert "\n" not in refused.value.line()


def test_the_landing_zone_is_as_planned(cloud: Cloud) -> None:
    machines = cloud.aws("ec2")
    assert machines.get_ebs_encryption_by_default()["EbsEncryptionByDefault"] is True
    (vpc,) = machines.describe_vpcs(VpcIds=[cloud.upstream["vpc_id"]])["Vpcs"]
    assert vpc["CidrBlock"] == "10.128.0.0/20"
    hubs = [
        one
        for reservation in machines.describe_instances()["Reservations"]
        for one in reservation["Instances"]
        if one["State"]["Name"] == "running"
    ]
    assert [one["MetadataOptions"]["HttpTokens"] for one in hubs] == ["required"]
    assert machines.describe_nat_gateways()["NatGateways"] == [], "no NAT unless asked for"
    (database,) = cloud.aws("rds").describe_db_instances(DBInstanceIdentifier=cloud.upstream["database_identifier"])[
        "DBInstances"
    ]
    assert (database["StorageEncrypted"], database["PubliclyAccessible"]) == (True, False)
    users = [one["UserName"] for one in cloud.aws("iam").list_users()["Users"]]
    assert users == [moto.ADMINISTRATOR], "people and CI take roles: no key that lives long"


def test_what_somebody_changes_at_the_landing_zone_is_seen_and_mended_and_it_goes_without_trace(cloud: Cloud) -> None:
    trails, machines, keys = cloud.aws("cloudtrail"), cloud.aws("ec2"), cloud.aws("kms")
    trails.stop_logging(Name=trails.describe_trails()["trailList"][0]["TrailARN"])
    tables = machines.describe_route_tables(Filters=[{"Name": "vpc-id", "Values": [cloud.upstream["vpc_id"]]}])
    (table,) = [
        one["RouteTableId"]
        for one in tables["RouteTables"]
        if any(route.get("DestinationCidrBlock") == "0.0.0.0/0" for route in one["Routes"])
    ]
    machines.delete_route(RouteTableId=table, DestinationCidrBlock="0.0.0.0/0")
    keys.disable_key_rotation(KeyId=cloud.upstream["key_arn"])
    cloud.aws("rds").modify_db_instance(
        DBInstanceIdentifier=cloud.upstream["database_identifier"], BackupRetentionPeriod=1
    )
    groups = {"GroupId": cloud.upstream["database_group"], "IpProtocol": "tcp", "FromPort": 22, "ToPort": 22}
    machines.authorize_security_group_ingress(**groups, CidrIp="0.0.0.0/0")
    changed = {"audit": "update", "network-public-internet": "delete", "key": "update", "database": "update"}
    assert kinds_of_drift(cloud.land()) == {(op, name) for name, op in changed.items()}

    stack = cloud.land(budget_usd=700)
    mended = {(op, name) for op, name in kinds(stack.up())}
    expected = {(op if op == "update" else "create", name) for name, op in changed.items()}
    assert mended == expected | {("update", "budget")}
    assert len(stack.preview().changes) == 0
    with pytest.raises(Refused, match="hold data and are protected"):
        stack.destroy()
    stack.destroy(unprotect=True)
    assert cloud.left("hanbit-it/cloud") == []
    assert cloud.aws("s3").list_buckets()["Buckets"] == []
    states = [
        one["State"]["Name"]
        for reservation in machines.describe_instances()["Reservations"]
        for one in reservation["Instances"]
    ]
    assert set(states) == {"terminated"}
    assert keys.describe_key(KeyId=cloud.upstream["key_arn"])["KeyMetadata"]["KeyState"] == "PendingDeletion"
