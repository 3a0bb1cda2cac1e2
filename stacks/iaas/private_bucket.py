"""A bucket that is versioned, sealed, closed to the public and open to TLS only."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from iaas.backup_plan import DAILY, TAG
from iaas.backup_vault import arn, tls_only
from iaas.component import Component, refuse


@dataclass(frozen=True)
class PrivateBucketArgs:
    bucket: str
    """Fixed: after a crash the next run finds the same bucket. From `names.bucket`."""
    key_arn: pulumi.Input[str] | None = None
    """KMS key; None: the key that S3 keeps."""
    overwritten_days: int = 30
    """Days for which an overwritten or deleted object can be had back."""
    expire_days: int = 0
    """Days after which objects go; 0: never."""
    backed_up: bool = False
    """Whether AWS Backup keeps copies: for customers' data."""
    writers: Sequence[str] = ()
    """AWS services that put their logs here, such as `cloudtrail.amazonaws.com`."""
    account: str = ""
    """Whose logs the writers may put here; needed with writers."""

    def __post_init__(self) -> None:
        wrong = []
        if not 3 <= len(self.bucket) <= 63:
            wrong.append(f"bucket {self.bucket!r} has {len(self.bucket)} characters, not 3 to 63")
        if self.overwritten_days < 1 or self.expire_days < 0:
            wrong.append("overwritten_days is at least 1 and expire_days at least 0")
        if self.writers and not self.account:
            wrong.append("writers need the account's number")
        refuse("private bucket", wrong)

    def policy(self) -> str:
        """The bucket's policy document: nobody without TLS 1.2; the writers for this account only."""
        document = json.loads(tls_only(self.bucket))
        for service in self.writers:
            by_this_account = {"StringEquals": {"aws:SourceAccount": self.account}}
            principal = {"Service": service}
            document["Statement"] += [
                {
                    "Sid": f"Look{service.partition('.')[0].capitalize()}",
                    "Effect": "Allow",
                    "Principal": principal,
                    "Action": ["s3:GetBucketAcl", "s3:ListBucket"],
                    "Resource": arn(self.bucket),
                    "Condition": by_this_account,
                },
                {
                    "Sid": f"Write{service.partition('.')[0].capitalize()}",
                    "Effect": "Allow",
                    "Principal": principal,
                    "Action": "s3:PutObject",
                    "Resource": f"{arn(self.bucket)}/AWSLogs/{self.account}/*",
                    "Condition": by_this_account,
                },
            ]
        return json.dumps(document)


class PrivateBucket(Component):
    """Outputs: `bucket` (name), `arn`. Protected: it holds data."""

    def __init__(self, name: str, args: PrivateBucketArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, opts)
        self._args = args
        tags = {TAG: DAILY} if args.backed_up else None
        bucket = aws.s3.Bucket(name, bucket=args.bucket, tags=tags, opts=self._part(protect=True))
        self._keep_versions(bucket)
        self.policy = self._close(bucket)
        self.bucket = bucket.bucket
        self.arn = arn(args.bucket)
        self._done({"bucket": self.bucket, "arn": self.arn})

    def _keep_versions(self, bucket: aws.s3.Bucket) -> None:
        versioning = aws.s3.BucketVersioning(
            f"{self._name}-versioning",
            bucket=bucket.bucket,
            versioning_configuration={"status": "Enabled"},
            opts=self._part(),
        )
        forgetting = {
            "id": "forget-overwritten",
            "status": "Enabled",
            "noncurrent_version_expiration": {"noncurrent_days": self._args.overwritten_days},
            "abort_incomplete_multipart_upload": {"days_after_initiation": 7},
        }
        ageing = {"id": "forget-old", "status": "Enabled", "expiration": {"days": self._args.expire_days}}
        aws.s3.BucketLifecycleConfiguration(
            f"{self._name}-lifecycle",
            bucket=bucket.bucket,
            rules=[forgetting, ageing] if self._args.expire_days else [forgetting],
            opts=self._part(depends_on=[versioning]),
        )

    def _close(self, bucket: aws.s3.Bucket) -> aws.s3.BucketPolicy:
        block = aws.s3.BucketPublicAccessBlock(
            f"{self._name}-private",
            bucket=bucket.bucket,
            block_public_acls=True,
            block_public_policy=True,
            ignore_public_acls=True,
            restrict_public_buckets=True,
            opts=self._part(),
        )
        aws.s3.BucketOwnershipControls(
            f"{self._name}-ownership",
            bucket=bucket.bucket,
            rule={"object_ownership": "BucketOwnerEnforced"},
            opts=self._part(),
        )
        sealed = {"sse_algorithm": "AES256"}
        if self._args.key_arn is not None:
            sealed = {"sse_algorithm": "aws:kms", "kms_master_key_id": self._args.key_arn}
        aws.s3.BucketServerSideEncryptionConfiguration(
            f"{self._name}-encryption",
            bucket=bucket.bucket,
            rules=[{"apply_server_side_encryption_by_default": sealed, "bucket_key_enabled": True}],
            opts=self._part(),
        )
        return aws.s3.BucketPolicy(
            f"{self._name}-tls",
            bucket=bucket.bucket,
            policy=self._args.policy(),
            opts=self._part(depends_on=[block]),
        )
