"""Two workstations with one place for the state, as docs/operations.md tells: what one made the other goes on with."""

from pathlib import Path

import pytest
from dure.cloud import moto
from dure.cloud.stack import Stack
from dure.cloud.vault import platform_client
from dure.model.local import LocalSettings

from tests.contract.cloud.conftest import PASSPHRASE, REGION, cloud_plan

BUCKET = "hanbit-it-state"


@pytest.mark.long
def test_a_stack_whose_state_was_copied_to_s3_is_gone_on_with_from_both_workstations(
    account: moto.Account, settings: LocalSettings, tmp_path: Path
) -> None:
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
    alone = Stack(cloud_plan("shared"), tmp_path / "first", settings, PASSPHRASE)
    assert alone.up().changes
    made = alone.outputs()

    s3 = platform_client(settings, REGION)
    s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
    states = tmp_path / "first" / ".dure" / "pulumi"
    for file in (states / ".pulumi").rglob("*"):
        if file.is_file():
            s3.upload_file(str(file), BUCKET, str(file.relative_to(states)))

    host = account.endpoint.removeprefix("http://")
    backend = f"s3://{BUCKET}?endpoint={host}&disableSSL=true&s3ForcePathStyle=true&region={REGION}"
    shared = settings.model_copy(update={"pulumi_backend": backend})
    first, second = (Stack(cloud_plan("shared"), tmp_path / name, shared, PASSPHRASE) for name in ("first", "second"))
    assert second.outputs() == first.outputs() == made
    assert not second.preview().changes
    assert Stack(cloud_plan("shared", 31), tmp_path / "second", shared, PASSPHRASE).up().changes
    assert not Stack(cloud_plan("shared", 31), tmp_path / "first", shared, PASSPHRASE).preview().changes
