"""Every cloud program on the AWS double, by the real engine: made, looked at, changed by hand, changed, taken down.

One landing zone carries the tenants and the sandbox; they come first, and it goes last.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config
from dure.cloud import moto
from dure.cloud.preview import Preview, UpResult
from dure.cloud.sandbox.process import running
from dure.cloud.stack import Stack
from dure.errors import DureError, Refused
from dure.model.local import LocalSettings
from dure.plan.subject import subject_of
from dure.policy.rules.network import explicit_tunnels
from dure.runs.stacks.aws_refusals import refuse_what_aws_will
from pydantic import JsonValue

from tests.contract.cloud import programs

PASSPHRASE = "correct horse battery staple"
KEPT_A_WHILE = (
    ":key/",
    ":secret:",
    ":snapshot:",
    ":instance/",
    ":customer-gateway/",
    ":vpn-connection/",
    ":cluster/",
    ":service/",
    ":task-definition/",
)
"""Keys and secrets wait for their end, a last snapshot stays; EC2 and ECS remember what was."""


@dataclass(frozen=True)
class Cloud:
    """An AWS double of its own, one provider process for all stacks, and the landing zone in it."""

    settings: LocalSettings
    workspace: Path
    port: int
    credentials: dict[str, str]
    upstream: dict[str, JsonValue]

    def stack(self, program: str, name: str, inputs: dict[str, JsonValue]) -> Stack:
        plan = programs.plan(program, name, inputs)
        return Stack(plan, self.workspace, self.settings, PASSPHRASE, provider_port=self.port)

    def land(self, **changed: JsonValue) -> Stack:
        return self.stack("landing_zone", "land", programs.LANDING_ZONE | changed)

    def tenant(self, name: str = "tenant", **changed: JsonValue) -> Stack:
        return self.stack("saas_tenant", name, {**programs.TENANT, "upstream": self.upstream, **changed})

    def sandbox(self, **changed: JsonValue) -> Stack:
        return self.stack("paas_sandbox", "sandbox", {**programs.SANDBOX, "upstream": self.upstream, **changed})

    def box(self, name: str = "box", **changed: JsonValue) -> Stack:
        return self.stack("hybrid_site", name, {**programs.HYBRID, "upstream": self.upstream, **changed})

    def aws(self, service: str) -> Any:
        """The platform's hand, behind the engine's back."""
        return boto3.client(
            service,
            region_name=programs.REGION,
            endpoint_url=self.settings.aws_endpoint,
            config=Config(retries={"total_max_attempts": 1}),
            **self.credentials,
        )

    def left(self, site: str) -> list[str]:
        """ARNs of what AWS still has with the site's tag, but for what it keeps a while after its end."""
        filters = [{"Key": "dure:site", "Values": [site]}]
        found = self.aws("resourcegroupstaggingapi").get_resources(TagFilters=filters)["ResourceTagMappingList"]
        arns = [str(one["ResourceARN"]) for one in found]
        return [one for one in arns if not any(kind in one for kind in KEPT_A_WHILE)]


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    workspace = tmp_path_factory.mktemp("cloud")
    account = moto.start(workspace)
    settings = LocalSettings(aws_endpoint=account.endpoint, aws_credentials=account.credentials)
    lines = account.credentials.read_text().splitlines()[1:]
    credentials = {key.strip(): value.strip() for key, _, value in (line.partition("=") for line in lines)}
    try:
        with running(account.endpoint, account.credentials, workspace / "record") as port:
            bare = Cloud(settings, workspace, port, credentials, {})
            outputs = bare.land().up().outputs
            yield Cloud(settings, workspace, port, credentials, outputs)
    finally:
        account.stop()


def kinds(result: Preview | UpResult) -> set[tuple[str, str]]:
    """What happens to which resource of AWS."""
    return {(one.op, one.name) for one in result.changes if one.type.startswith("aws:")}


DATA = {"own-key", "own-secret", "own-data", "own-database"}
"""What holds a tenant's data, by its name in every isolation from bridge up."""


def assert_data_is_kept(result: Preview | UpResult) -> None:
    assert not {name for op, name in kinds(result) if op in ("replace", "delete")} & DATA


WITHOUT_TAGS = {
    "LifecyclePolicy",
    "Record",
    "RolePolicy",
    "RolePolicyAttachment",
    "UserGroup",
    "UserPoolClient",
}
"""Types of a tenant or sandbox that AWS gives no tags."""


def assert_tagged(made: UpResult) -> None:
    """Each resource that can carry tags carries all that are required."""
    for one in made.changes:
        if not one.type.startswith("aws:") or one.type.rpartition(":")[2] in WITHOUT_TAGS:
            continue
        (tags,) = [each.after for each in one.properties if each.path == "tags"]
        assert isinstance(tags, dict)
        assert tags.keys() >= set(programs.TAGS), one.name


def test_a_tenant_grows_from_the_pool_to_a_silo_and_keeps_its_data(cloud: Cloud) -> None:
    pool = cloud.tenant()
    made = pool.up()
    assert_tagged(made)
    outputs = made.outputs
    assert outputs["pool_prefix"] == "tenants/hansol-plastics/erp"
    assert outputs["url"] == "https://hansol-erp.apps.hanbit-it.example/"
    assert len(pool.preview().changes) == 0

    bridge = cloud.tenant(isolation="bridge", people=12)
    moved = bridge.up()
    assert not {name for op, name in kinds(moved) if op in ("replace", "delete")}
    assert {name for op, name in kinds(moved) if op == "create"} >= DATA
    assert (moved.outputs["database_schema"], moved.outputs["pool_prefix"]) == (
        outputs["database_schema"],
        outputs["pool_prefix"],
    ), "the pool's prefix and schema stay until their data is copied"

    alone = cloud.tenant(isolation="silo", people=12).up()
    assert_data_is_kept(alone)
    assert alone.outputs["bucket"] == moved.outputs["bucket"]
    (instance,) = cloud.aws("rds").describe_db_instances(DBInstanceIdentifier=_tenants_database(cloud))["DBInstances"]
    assert instance["DBSubnetGroup"]["VpcId"] != cloud.upstream["vpc_id"], "the database moved with its data"

    silo = cloud.tenant(isolation="silo", people=60)
    larger = silo.up()
    assert_data_is_kept(larger)
    (database,) = [one for one in larger.changes if one.name == "own-database"]
    paths = {one.path: one.after for one in database.properties}
    assert (paths["instanceClass"], paths["multiAz"]) == ("db.t4g.medium", True)
    assert len(silo.preview().changes) == 0

    with pytest.raises(Refused, match="hold data and are protected"):
        silo.destroy()
    silo.destroy(unprotect=True)
    assert cloud.left("hansol-plastics/erp") == []


def test_a_customer_gets_smaller_and_larger_again_and_keeps_its_data(cloud: Cloud) -> None:
    def of(people: int) -> Stack:
        return cloud.tenant("resized", site="resized", host="resized", isolation="bridge", people=people)

    of(30).up()
    rds = cloud.aws("rds")
    identifier = _tenants_database(cloud)
    (made,) = rds.describe_db_instances(DBInstanceIdentifier=identifier)["DBInstances"]
    assert (made["DBInstanceClass"], made["AllocatedStorage"]) == ("db.t4g.small", 40)

    assert_data_is_kept(of(5).up())
    rds.modify_db_instance(DBInstanceIdentifier=identifier, AllocatedStorage=120, ApplyImmediately=True)
    of(5).refresh()  # AWS has made the disk larger by itself
    assert len(of(5).preview().changes) == 0, "that is nothing to undo"
    (smaller,) = rds.describe_db_instances(DBInstanceIdentifier=identifier)["DBInstances"]
    assert (smaller["DBInstanceClass"], smaller["AllocatedStorage"]) == ("db.t4g.micro", 120)

    assert_data_is_kept(of(30).up())
    (again,) = rds.describe_db_instances(DBInstanceIdentifier=identifier)["DBInstances"]
    assert (again["DBInstanceClass"], again["AllocatedStorage"]) == ("db.t4g.small", 120)
    assert again["DbiResourceId"] == made["DbiResourceId"], "it is the same database"
    of(30).destroy(unprotect=True)


def test_a_tenant_of_thirty_moves_to_a_silo_in_steps_and_back(cloud: Cloud) -> None:
    def of(isolation: str, zones: str, *, kept: bool) -> Stack:
        shape: dict[str, JsonValue] = {"isolation": isolation, "database_zones": zones, "deletion_protection": kept}
        return cloud.tenant("moving", site="moving", host="moving", network_index=9, people=30, **shape)

    of("bridge", "by-size", kept=True).up()
    with pytest.raises(Refused, match=r"own-database of c/moving cannot move.*`database_zones: one`"):
        refuse_what_aws_will("c/moving", of("silo", "by-size", kept=True).preview().resources)
    for step in (("bridge", "one"), ("silo", "one"), ("silo", "by-size")):
        shown = of(*step, kept=True).preview()
        refuse_what_aws_will("c/moving", shown.resources)
        assert_data_is_kept(of(*step, kept=True).up())

    back = of("bridge", "by-size", kept=True).preview()
    with pytest.raises(Refused):
        refuse_what_aws_will("c/moving", back.resources)
    assert_data_is_kept(of("silo", "one", kept=False).up())
    refuse_what_aws_will("c/moving", of("bridge", "one", kept=False).preview().resources)
    assert_data_is_kept(of("bridge", "one", kept=False).up())
    assert_data_is_kept(of("bridge", "by-size", kept=True).up())
    of("bridge", "by-size", kept=False).up()
    of("bridge", "by-size", kept=False).destroy(unprotect=True)


def _tenants_database(cloud: Cloud) -> str:
    found = [one["DBInstanceIdentifier"] for one in cloud.aws("rds").describe_db_instances()["DBInstances"]]
    (identifier,) = [one for one in found if one.startswith("t-")]
    return str(identifier)


def test_what_somebody_changes_at_a_tenant_is_seen_and_mended(cloud: Cloud) -> None:
    stack = cloud.tenant("drifting", site="crm", host="hansol-crm")
    stack.up()
    iam, balancer, alarms = cloud.aws("iam"), cloud.aws("elbv2"), cloud.aws("cloudwatch")
    (role,) = [one["RoleName"] for one in iam.list_roles(PathPrefix="/dure/hanbit-it/tenants/")["Roles"]]
    iam.delete_role_permissions_boundary(RoleName=role)
    everything = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}'
    iam.put_role_policy(RoleName=role, PolicyName="own", PolicyDocument=everything)
    rules = balancer.describe_rules(ListenerArn=cloud.upstream["listener_arn"])["Rules"]
    (rule,) = [one["RuleArn"] for one in rules if not one["IsDefault"]]
    balancer.delete_rule(RuleArn=rule)
    names = [one["AlarmName"] for one in alarms.describe_alarms()["MetricAlarms"] if "crm-errors" in one["AlarmName"]]
    alarms.delete_alarms(AlarmNames=names)

    changed = {("update", "identity"), ("update", "identity-own")}
    assert kinds_of_drift(stack) == changed | {("delete", "host-shared"), ("delete", "watch-errors")}
    assert kinds(stack.up()) == changed | {("create", "host-shared"), ("create", "watch-errors")}
    held = iam.get_role(RoleName=role)["Role"]["PermissionsBoundary"]["PermissionsBoundaryArn"]
    assert held == cloud.upstream["boundary_arn"]

    twin = cloud.tenant("twin", customer="saehan", site="crm", host="hansol-crm")
    with pytest.raises(DureError) as refused:
        twin.up()
    assert "host-record" in refused.value.line()
    assert "already exists" in refused.value.line()
    assert "\n" not in refused.value.line()
    twin.destroy(unprotect=True)
    stack.destroy(unprotect=True)


def kinds_of_drift(stack: Stack) -> set[tuple[str, str]]:
    return {(one.op, one.name) for one in stack.refresh().changes if one.type.startswith("aws:")}


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
