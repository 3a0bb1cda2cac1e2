"""What AWS would refuse halfway is refused before it, with the steps that make it possible."""

import pytest
from dure.cloud.aws_errors import mend_in
from dure.errors import Refused
from dure.plan.subject import Resource, ResourceOperation
from dure.runs.stacks.aws_refusals import BALANCER, DATABASE, refuse_what_aws_will
from pydantic import JsonValue

Values = dict[str, JsonValue]
BRIDGE: Values = {"dbSubnetGroupName": "t-erp-shared", "multiAz": True}


def resource(kind: str, op: ResourceOperation, before: Values | None, inputs: Values) -> Resource:
    return Resource(urn=f"urn::{kind}::it", type=kind, name="it", op=op, inputs=inputs, before=before)


def test_a_database_in_two_zones_is_not_moved_and_the_way_round_is_named() -> None:
    silo: Values = {"dbSubnetGroupName": "(known once it is made)", "multiAz": True}
    for moved in (silo, silo | {"multiAz": False}):  # at once with its move AWS takes no zone away
        with pytest.raises(Refused, match=r"cannot move to another network.*add `database_zones: one`") as refused:
            refuse_what_aws_will("hansol/erp", [resource(DATABASE, "update", BRIDGE, moved)])
        assert "\n" not in refused.value.line()
    refuse_what_aws_will("hansol/erp", [resource(DATABASE, "update", BRIDGE, BRIDGE | {"multiAz": False})])
    refuse_what_aws_will("hansol/erp", [resource(DATABASE, "update", BRIDGE | {"multiAz": False}, silo)])


def test_a_load_balancer_that_aws_keeps_is_not_deleted_and_the_way_round_is_named() -> None:
    with pytest.raises(Refused, match=r"cannot be deleted.*`deletion_protection: false`"):
        refuse_what_aws_will("hansol/erp", [resource(BALANCER, "delete", {"enableDeletionProtection": True}, {})])
    refuse_what_aws_will("hansol/erp", [resource(BALANCER, "delete", {"enableDeletionProtection": False}, {})])


@pytest.mark.parametrize(
    ("answer", "mend"),
    [
        ("api error InvalidVPCNetworkStateFault: You cannot move DB instance", "database_zones: one"),
        (
            "OperationNotPermitted: Load balancer 'arn' cannot be deleted because deletion protection is enabled",
            "waive deletion-protection",
        ),
    ],
)
def test_the_real_plugins_words_have_the_same_mends(answer: str, mend: str) -> None:
    assert mend in mend_in(answer)
