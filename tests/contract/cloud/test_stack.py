"""A stack by the real engine on the AWS double: plan, make, change, drift, take down."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from dure.cloud import vault
from dure.cloud.preview import Preview
from dure.cloud.sandbox.process import running
from dure.cloud.stack import Stack
from dure.errors import DureError, Refused
from dure.model.local import LocalSettings

from tests.contract.cloud.conftest import PASSPHRASE, REGION, cloud_plan

Made = tuple[Stack, dict[str, str], Path]


@pytest.fixture(scope="module")
def s3(settings: LocalSettings) -> Any:
    return vault.platform_client(settings, REGION)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, settings: LocalSettings) -> Made:
    """A vault that exists; tests that use it leave it as it was."""
    workspace = tmp_path_factory.mktemp("made")
    stack = Stack(cloud_plan("made"), workspace, settings, PASSPHRASE)
    stack.up()
    return stack, stack.outputs(), workspace


def kinds(preview: Preview) -> set[str]:
    return {f"{one.op} {one.type.rpartition(':')[2]}" for one in preview.changes}


def test_a_preview_shows_everything_and_touches_nothing(stack_of: Callable[..., Stack], s3: Any) -> None:
    preview = stack_of("looked-at").preview()
    assert {"create Bucket", "create BucketObjectLockConfiguration", "create User", "create AccessKey"} <= kinds(
        preview
    )
    lock = next(one for one in preview.changes if one.name == "vault-lock")
    (rule,) = [one for one in lock.properties if one.path == "rule"]
    assert rule.after == {"defaultRetention": {"mode": "COMPLIANCE", "days": 30}}
    assert not [one for one in s3.list_buckets()["Buckets"] if "looked-at" in one["Name"]]


def test_the_vault_is_as_planned(made: Made, s3: Any) -> None:
    bucket = made[1]["bucket"]
    assert bucket.startswith("hanbit-it-hansol-plastics-made-")
    assert s3.get_bucket_versioning(Bucket=bucket)["Status"] == "Enabled"
    lock = s3.get_object_lock_configuration(Bucket=bucket)["ObjectLockConfiguration"]
    assert lock["Rule"]["DefaultRetention"].items() >= {"Mode": "COMPLIANCE", "Days": 30}.items()
    sealed = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"][0]
    assert sealed["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] == "AES256"
    assert all(s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"].values())
    (rule,) = s3.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"]
    assert rule["NoncurrentVersionExpiration"]["NoncurrentDays"] == 30, "as long as the lock: the time to notice"
    tags = {one["Key"]: one["Value"] for one in s3.get_bucket_tagging(Bucket=bucket)["TagSet"]}
    assert tags["dure:site"] == "hansol-plastics/made"


def test_the_bucket_is_for_tls_only(made: Made) -> None:
    """The double would apply such a statement to everybody: it is asserted as the document that was asked for."""
    _, outputs, workspace = made
    document = json.loads((workspace / ".dure/sandbox" / f"{outputs['bucket']}.policy.json").read_text())
    insecure, old = document["Statement"]
    assert insecure["Effect"] == old["Effect"] == "Deny"
    assert insecure["Principal"] == old["Principal"] == "*"
    assert insecure["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    assert old["Condition"] == {"NumericLessThan": {"s3:TlsVersion": "1.2"}}
    arn = f"arn:aws:s3:::{outputs['bucket']}"
    assert insecure["Resource"] == old["Resource"] == [arn, f"{arn}/*"]


def test_a_second_up_changes_nothing(made: Made) -> None:
    stack, outputs, _ = made
    assert stack.preview().empty
    again = stack.up()
    assert (again.changes, again.outputs["access_key_id"]) == ((), outputs["access_key_id"])


def test_a_changed_input_shows_as_that_property(made: Made, settings: LocalSettings) -> None:
    preview = Stack(cloud_plan("made", lock_days=31), made[2], settings, PASSPHRASE).preview()
    changed = {one.path: (one.before, one.after) for change in preview.changes for one in change.properties}
    assert changed == {
        "rule.defaultRetention.days": (30, 31),
        "rules[0].noncurrentVersionExpiration.noncurrentDays": (30, 31),
    }


def test_a_preview_holds_every_resource_whole_those_that_stay_included(made: Made, settings: LocalSettings) -> None:
    stack, outputs, workspace = made
    changed = Stack(cloud_plan("made", lock_days=31), workspace, settings, PASSPHRASE).preview()
    by_name = {one.name: one for one in changed.resources}
    lock, key = by_name["vault-lock"], by_name["vault-key"]
    component = next(one for one in changed.resources if one.type == "dure:iaas:BackupVault")
    bucket = next(one for one in changed.resources if one.type == "aws:s3/bucket:Bucket")
    assert bucket.parent == component.urn
    assert (bucket.op, bucket.protect, bucket.before) == ("same", True, None)
    assert bucket.inputs["bucket"] == outputs["bucket"]
    assert bucket.as_is() == bucket.inputs
    assert (lock.op, lock.protect) == ("update", False)
    assert lock.before is not None
    assert lock.before["rule"] == {"defaultRetention": {"mode": "COMPLIANCE", "days": 30}}
    assert lock.inputs["rule"] == {"defaultRetention": {"mode": "COMPLIANCE", "days": 31}}
    assert key.inputs == {"user": outputs["bucket"], "status": "Active"}
    assert len(changed.resources) == len(stack.preview().resources) == len(changed.changes) + changed.unchanged


def test_what_is_not_there_yet_is_held_as_it_will_be(stack_of: Callable[..., Stack]) -> None:
    preview = stack_of("to-come").preview()
    new = next(one for one in preview.resources if one.type == "aws:iam/accessKey:AccessKey")
    assert (new.op, new.as_is()) == ("create", None)
    assert {one.op for one in preview.resources} == {"create"}


def test_refresh_finds_what_was_changed_by_hand_and_up_mends_it(stack_of: Callable[..., Stack], s3: Any) -> None:
    stack = stack_of("drifted")
    bucket = str(stack.up().outputs["bucket"])
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Suspended"})
    s3.delete_bucket_lifecycle(Bucket=bucket)
    assert {(one.op, one.name) for one in stack.refresh().changes} == {
        ("update", "vault-versioning"),
        ("delete", "vault-lifecycle"),
    }
    assert {(one.op, one.name) for one in stack.up().changes} == {
        ("update", "vault-versioning"),
        ("create", "vault-lifecycle"),
    }
    assert s3.get_bucket_versioning(Bucket=bucket)["Status"] == "Enabled"

    with pytest.raises(Refused, match="protected"):
        stack.destroy()
    assert stack.preview().empty, "a refused destroy has taken nothing down"
    stack.destroy(unprotect=True)
    with pytest.raises(ClientError):
        s3.head_bucket(Bucket=bucket)


def test_secrets_are_masked_and_sealed(made: Made) -> None:
    stack, outputs, workspace = made
    secret = outputs["secret_access_key"]
    assert len(secret) >= 40
    said: list[str] = []
    result = stack.up(lambda event: said.append(event.model_dump_json()))
    shown = result.model_dump_json() + stack.preview().model_dump_json() + "".join(said)
    kept = [file for file in workspace.rglob("*") if file.is_file()]
    for hidden in (secret, PASSPHRASE):
        assert hidden not in shown
        assert not [file for file in kept if hidden.encode() in file.read_bytes()]
    assert result.outputs["secret_access_key"] == "[secret]"


def test_another_passphrase_opens_nothing(made: Made, settings: LocalSettings) -> None:
    with pytest.raises(DureError, match=r"sealed with another passphrase.*operator/pulumi_passphrase"):
        Stack(cloud_plan("made"), made[2], settings, "another").outputs()


def test_a_refused_argument_is_one_line(stack_of: Callable[..., Stack]) -> None:
    with pytest.raises(DureError) as refused:
        stack_of("ansan", lock_days=0).preview()
    assert "lock_days 0 is not from 1 to 365" in refused.value.line()
    assert "Traceback" not in refused.value.line()
    assert "\n" not in refused.value.line()


def test_a_type_that_the_sandbox_lacks_fails_with_its_name(
    stack_of: Callable[..., Stack], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "toolkit" / "stacks"
    program.mkdir(parents=True)
    (program / "Pulumi.yaml").write_text("name: dure\nruntime: python\n")
    (program / "__main__.py").write_text("import pulumi_aws as aws\naws.sqs.Queue('queue')\n")
    monkeypatch.setattr("dure.cloud.stack.toolkit_path", lambda: tmp_path / "toolkit")
    with pytest.raises(DureError, match="the sandbox has no handler for aws:sqs/queue:Queue"):
        stack_of("strange").preview()


@pytest.mark.long
def test_one_provider_serves_two_stacks(tmp_path: Path, settings: LocalSettings) -> None:
    plans = [cloud_plan("left"), cloud_plan("right").model_copy(update={"region": "eu-west-1"})]
    with running(settings.aws_endpoint, settings.aws_credentials, tmp_path / "record") as port:
        regions = [
            Stack(plan, tmp_path, settings, PASSPHRASE, provider_port=port).up().outputs["region"] for plan in plans
        ]
    assert regions == [REGION, "eu-west-1"]
