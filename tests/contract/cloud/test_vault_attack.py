"""A box that was taken over attacks its own backups with its own key; the MSP winds the vault back."""

import hashlib
import os
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from dure.cloud import moto, vault
from dure.cloud.stack import Stack
from dure.model.local import LocalSettings

from tests.contract.cloud.conftest import PASSPHRASE, REGION, cloud_plan
from tests.contract.cloud.restic import Restic, open_repository
from tests.poll import until

pytestmark = pytest.mark.skipif(
    shutil.which("restic") is None and os.environ.get("CI") != "true",  # CI must not lose tests unseen
    reason="restic is missing: apt-get install restic",
)


@dataclass(frozen=True)
class Vault:
    """A vault with snapshots in it, as the box and as the platform see it."""

    bucket: str
    restic: Restic
    box: Any
    platform: Any
    snapshots: dict[str, str]
    """Snapshot -> digest of the tree that it must restore."""
    safe: datetime
    """When all was still well."""
    tree: Path

    def current_keys(self) -> list[str]:
        pages = self.platform.get_paginator("list_objects_v2").paginate(Bucket=self.bucket)
        return [one["Key"] for page in pages for one in page.get("Contents", [])]

    def restored(self, snapshot: str, place: Path) -> str:
        self.restic("restore", "--no-lock", "--target", str(place), snapshot)
        return digest_of(place / self.tree.relative_to("/"))


def digest_of(tree: Path) -> str:
    """SHA-256 over names and contents."""
    total = hashlib.sha256()
    for file in sorted(one for one in tree.rglob("*") if one.is_file()):
        total.update(str(file.relative_to(tree)).encode() + b"\0" + hashlib.sha256(file.read_bytes()).digest())
    return total.hexdigest()


def back_up(restic: Restic, tree: Path, times: int) -> dict[str, str]:
    snapshots: dict[str, str] = {}
    for number in range(times):
        (tree / f"장부-{number}.txt").write_text(f"{number}번째 장부\n" * 500)
        (tree / "blob.bin").write_bytes(hashlib.sha256(bytes([number])).digest() * 20000)
        restic("backup", "--quiet", str(tree))
        (new,) = restic.snapshots().keys() - snapshots.keys()
        snapshots[new] = digest_of(tree)
    return snapshots


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory, account: moto.Account, settings: LocalSettings) -> Vault:
    place = tmp_path_factory.mktemp("vault")
    stack = Stack(cloud_plan("attacked"), place, settings, PASSPHRASE)
    stack.up()
    outputs = stack.outputs()
    restic = open_repository(place / "box", account.endpoint, outputs)
    restic("init")
    tree = place / "share"
    tree.mkdir()
    snapshots = back_up(restic, tree, times=2)
    box = boto3.client(
        "s3",
        endpoint_url=account.endpoint,
        region_name=REGION,
        aws_access_key_id=outputs["access_key_id"],
        aws_secret_access_key=outputs["secret_access_key"],
    )
    platform = vault.platform_client(settings, REGION)
    return Vault(outputs["bucket"], restic, box, platform, snapshots, datetime.now(UTC), tree)


def first_version(kept: Vault) -> dict[str, Any]:
    return dict(kept.platform.list_object_versions(Bucket=kept.bucket, Prefix="snapshots/")["Versions"][0])


FORBIDDEN: dict[str, Callable[[Vault, str, str], object]] = {
    "delete a snapshot": lambda v, key, version: v.box.delete_object(Bucket=v.bucket, Key=key),
    "delete a version": lambda v, key, version: v.box.delete_object(Bucket=v.bucket, Key=key, VersionId=version),
    "shorten a lock": lambda v, key, version: v.box.put_object_retention(
        Bucket=v.bucket,
        Key=key,
        VersionId=version,
        Retention={"Mode": "GOVERNANCE", "RetainUntilDate": datetime.now(UTC) + timedelta(seconds=1)},
    ),
    "shorten the default lock": lambda v, key, version: v.box.put_object_lock_configuration(
        Bucket=v.bucket,
        ObjectLockConfiguration={
            "ObjectLockEnabled": "Enabled",
            "Rule": {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": 1}},
        },
    ),
    "stop versioning": lambda v, key, version: v.box.put_bucket_versioning(
        Bucket=v.bucket, VersioningConfiguration={"Status": "Suspended"}
    ),
    "expire what is overwritten": lambda v, key, version: v.box.put_bucket_lifecycle_configuration(
        Bucket=v.bucket,
        LifecycleConfiguration={
            "Rules": [
                {
                    "ID": "x",
                    "Status": "Enabled",
                    "Filter": {"Prefix": ""},
                    "NoncurrentVersionExpiration": {"NoncurrentDays": 1},
                }
            ]
        },
    ),
    "open the bucket": lambda v, key, version: v.box.delete_public_access_block(Bucket=v.bucket),
    "see other customers": lambda v, key, version: v.box.list_buckets(),
}


@pytest.mark.parametrize("attempt", FORBIDDEN)
def test_the_boxs_key_may_not(kept: Vault, attempt: str) -> None:
    one = first_version(kept)
    with pytest.raises(ClientError) as refused:
        FORBIDDEN[attempt](kept, one["Key"], one["VersionId"])
    assert refused.value.response["Error"]["Code"] in ("AccessDenied", "403")


def test_not_even_the_platform_can_delete_a_locked_version(kept: Vault) -> None:
    one = first_version(kept)
    with pytest.raises(ClientError):
        kept.platform.delete_object(
            Bucket=kept.bucket, Key=one["Key"], VersionId=one["VersionId"], BypassGovernanceRetention=True
        )


def attack(kept: Vault) -> None:
    """Everything that the box's key can do to its own backups."""
    kept.restic("backup", "--quiet", "--time", "2031-01-01 00:00:00", str(kept.tree))
    with pytest.raises(subprocess.TimeoutExpired):  # restic goes on asking: it is never allowed
        kept.restic("forget", "--keep-last", "1", "--prune", seconds=4)
    for key in kept.current_keys():
        if key.startswith("locks/"):
            kept.box.delete_object(Bucket=kept.bucket, Key=key)
        else:
            kept.box.put_object(Bucket=kept.bucket, Key=key, Body=b"encrypted, pay here")
    kept.box.put_object(Bucket=kept.bucket, Key="snapshots/" + "0" * 64, Body=b"junk")


def test_after_a_rewind_every_snapshot_restores(kept: Vault, tmp_path: Path) -> None:
    until(lambda: datetime.now(UTC) - kept.safe > timedelta(seconds=1), 3)  # S3 tells times in seconds
    attack(kept)
    with pytest.raises(AssertionError):
        kept.restic.snapshots()

    would = vault.rewind(kept.platform, kept.bucket, kept.safe, check=True)
    with pytest.raises(AssertionError):
        kept.restic.snapshots()
    done = vault.rewind(kept.platform, kept.bucket, kept.safe)
    assert (done.restored, done.hidden, done.failed) == (would.restored, would.hidden, ())
    assert done.restored >= 8, "config, key, two snapshots, indexes and packs were overwritten"

    assert kept.restic.snapshots().keys() == kept.snapshots.keys()
    for number, (snapshot, digest) in enumerate(kept.snapshots.items()):
        assert kept.restored(snapshot, tmp_path / str(number)) == digest
    kept.restic("check", "--read-data")

    again = vault.rewind(kept.platform, kept.bucket, kept.safe)
    assert again.changes == 0
