"""The tenants' program on the AWS double, by the real engine: made, moved and resized with data, changed by hand."""

import pytest
from dure.cloud.stack import Stack
from dure.errors import DureError, Refused
from dure.runs.stacks.aws_refusals import refuse_what_aws_will
from pydantic import JsonValue

from tests.contract.cloud.estate import DATA, Cloud, assert_data_is_kept, assert_tagged, kinds, kinds_of_drift


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
