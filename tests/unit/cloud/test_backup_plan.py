"""What carries the backup tag is backed up by a role that may."""

from fnmatch import fnmatchcase

import pytest

from tests.subjects import subject

SELECTION, ROLE = "aws:backup/selection:Selection", "aws:iam/role:Role"
ATTACHED = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"


def listed(value: object) -> list[str]:
    return [str(one) for one in value] if isinstance(value, list) else []


@pytest.mark.parametrize(
    ("arn", "policy"),
    [
        ("arn:aws:rds:ap-northeast-2:123456789012:db:erp", "AWSBackupServiceRolePolicyForBackup"),
        ("arn:aws:s3:::hanbit-it-erp-data", "AWSBackupServiceRolePolicyForS3Backup"),
    ],
)
def test_each_kind_is_selected_once_by_a_role_whose_policy_is_made_for_it(arn: str, policy: str) -> None:
    zone = subject("landing-zone-applied")
    chosen = [
        one.inputs
        for one in zone.planned(SELECTION)
        if any(fnmatchcase(arn, pattern) for pattern in listed(one.inputs["resources"]))
        and not any(fnmatchcase(arn, pattern) for pattern in listed(one.inputs.get("notResources")))
    ]
    assert [one["conditions"] for one in chosen] == [
        [{"stringEquals": [{"key": "aws:ResourceTag/dure:backup", "value": "daily"}]}]
    ]
    name = str(chosen[0]["iamRoleArn"]).rpartition("/")[2]
    (role,) = [one.inputs for one in zone.planned(ROLE) if one.inputs["name"] == name]
    attached = [one.inputs["policyArn"] for one in zone.planned(ATTACHED) if one.inputs["role"] == name]
    assert [str(one).rpartition("/")[2] for one in attached] == [policy]
    assert role["permissionsBoundary"] == attached[0]
