"""A site's backup vault: an S3 bucket that keeps what was written, and a key that can add but not take away.

IAM cannot forbid an overwrite: to a versioned bucket it adds a version. Object lock keeps the older ones, so that
the MSP can wind the bucket back to any moment of the last `lock_days` days.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from iaas.tags import required_tags

TYPE = "dure:iaas:BackupVault"
ID = re.compile(r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?")
LONGEST_BUCKET_NAME = 63
DIGEST_LENGTH = 10


@dataclass(frozen=True)
class BackupVaultArgs:
    """What a vault needs; raises ValueError with everything that is wrong, before any resource is made."""

    msp: str
    customer: str
    site: str
    account: str
    """Number of the AWS account; in the bucket's name as a digest, since names are shared by all accounts."""
    lock_days: int
    """Days for which AWS refuses to lose a version, whoever asks; also how long an overwritten one is kept."""
    tags: Mapping[str, str]

    def __post_init__(self) -> None:
        wrong = [
            f"{name} {value!r} is not lower case letters, digits and hyphens"
            for name, value in (("msp", self.msp), ("customer", self.customer), ("site", self.site))
            if not ID.fullmatch(value)
        ]
        if not 1 <= self.lock_days <= 365:
            wrong.append(f"lock_days {self.lock_days} is not from 1 to 365")
        try:
            required_tags(self.tags)
        except ValueError as error:
            wrong.append(str(error))
        if wrong:
            raise ValueError(f"backup vault: {'; '.join(wrong)}")

    @property
    def name(self) -> str:
        """The bucket's name, the same in every plan.

        Fixed rather than autonamed: after a crash between AWS's answer and our record of it, the next run finds
        the same bucket instead of making a second one. The digest keeps it unique among all accounts.
        """
        owner = f"{self.account}/{self.msp}/{self.customer}/{self.site}"
        digest = hashlib.sha256(owner.encode()).hexdigest()[:DIGEST_LENGTH]
        readable = f"{self.msp}-{self.customer}-{self.site}"[: LONGEST_BUCKET_NAME - DIGEST_LENGTH - 1]
        return f"{readable.rstrip('-')}-{digest}"


def arn(bucket: str) -> str:
    """Known from the name alone, so that a plan shows whole policies before the bucket exists."""
    return f"arn:aws:s3:::{bucket}"


def tls_only(bucket: str) -> str:
    """The bucket's policy document: nobody without TLS 1.2."""
    resources = [arn(bucket), f"{arn(bucket)}/*"]
    statements = [
        {
            "Sid": "TlsOnly",
            "Effect": "Deny",
            "Principal": "*",
            "Action": "s3:*",
            "Resource": resources,
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        },
        {
            "Sid": "ModernTlsOnly",
            "Effect": "Deny",
            "Principal": "*",
            "Action": "s3:*",
            "Resource": resources,
            "Condition": {"NumericLessThan": {"s3:TlsVersion": "1.2"}},
        },
    ]
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def add_only(bucket: str) -> str:
    """The box's policy document: list, read and add; delete only restic's locks.

    What is absent matters: no DeleteObjectVersion, no PutObjectRetention, no BypassGovernanceRetention.
    """
    statements = [
        {
            "Sid": "Find",
            "Effect": "Allow",
            "Action": ["s3:ListBucket", "s3:GetBucketLocation"],
            "Resource": arn(bucket),
        },
        {
            "Sid": "ReadAndAdd",
            "Effect": "Allow",
            "Action": ["s3:GetObject", "s3:PutObject", "s3:AbortMultipartUpload", "s3:ListMultipartUploadParts"],
            "Resource": f"{arn(bucket)}/*",
        },
        {
            "Sid": "Unlock",
            "Effect": "Allow",
            "Action": "s3:DeleteObject",
            "Resource": f"{arn(bucket)}/locks/*",
        },
    ]
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


class BackupVault(pulumi.ComponentResource):
    """Outputs: `bucket` (name), `region`, `access_key_id`, `secret_access_key` (secret)."""

    bucket: pulumi.Output[str]
    region: pulumi.Output[str]
    access_key_id: pulumi.Output[str]
    secret_access_key: pulumi.Output[str]

    def __init__(self, name: str, args: BackupVaultArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(TYPE, name, None, opts)
        self._name, self._args = name, args
        self._tags = required_tags(args.tags)
        bucket = self._make_bucket()
        self._keep_versions(bucket)
        self._close_to_public(bucket)
        key = self._make_key(bucket)
        self.bucket = bucket.bucket
        self.region = bucket.region
        self.access_key_id = key.id
        self.secret_access_key = pulumi.Output.secret(key.secret)
        self.register_outputs(
            {
                "bucket": self.bucket,
                "region": self.region,
                "access_key_id": self.access_key_id,
                "secret_access_key": self.secret_access_key,
            }
        )

    def _part(
        self, *, protect: bool | None = None, depends_on: Sequence[pulumi.Resource] | None = None
    ) -> pulumi.ResourceOptions:
        return pulumi.ResourceOptions(parent=self, protect=protect, depends_on=depends_on)

    def _make_bucket(self) -> aws.s3.Bucket:
        """Protected: it holds data; `force_destroy` stays off, so that AWS too refuses to lose what is in it."""
        return aws.s3.Bucket(
            self._name,
            bucket=self._args.name,
            object_lock_enabled=True,
            tags=self._tags,
            opts=self._part(protect=True),
        )

    def _keep_versions(self, bucket: aws.s3.Bucket) -> None:
        """COMPLIANCE, not GOVERNANCE: the lock must hold against a thief of the MSP's own keys too.

        Its price: a vault can be taken down only `lock_days` after its last backup.
        """
        versioning = aws.s3.BucketVersioning(
            f"{self._name}-versioning",
            bucket=bucket.bucket,
            versioning_configuration={"status": "Enabled"},
            opts=self._part(),
        )
        lock = aws.s3.BucketObjectLockConfiguration(
            f"{self._name}-lock",
            bucket=bucket.bucket,
            rule={"default_retention": {"mode": "COMPLIANCE", "days": self._args.lock_days}},
            opts=self._part(depends_on=[versioning]),
        )
        aws.s3.BucketLifecycleConfiguration(
            f"{self._name}-lifecycle",
            bucket=bucket.bucket,
            rules=[
                {
                    "id": "forget-overwritten",
                    "status": "Enabled",
                    "noncurrent_version_expiration": {"noncurrent_days": self._args.lock_days},
                    "expiration": {"expired_object_delete_marker": True},
                    "abort_incomplete_multipart_upload": {"days_after_initiation": 7},
                }
            ],
            opts=self._part(depends_on=[lock]),
        )

    def _close_to_public(self, bucket: aws.s3.Bucket) -> None:
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
        aws.s3.BucketServerSideEncryptionConfiguration(
            f"{self._name}-encryption",
            bucket=bucket.bucket,
            rules=[{"apply_server_side_encryption_by_default": {"sse_algorithm": "AES256"}}],
            opts=self._part(),
        )
        aws.s3.BucketPolicy(
            f"{self._name}-tls",
            bucket=bucket.bucket,
            policy=bucket.bucket.apply(tls_only),
            opts=self._part(depends_on=[block]),
        )

    def _make_key(self, bucket: aws.s3.Bucket) -> aws.iam.AccessKey:
        user = aws.iam.User(
            f"{self._name}-box",
            name=self._args.name,
            path=f"/dure/{self._args.msp}/",
            tags=self._tags,
            opts=self._part(),
        )
        policy = aws.iam.UserPolicy(
            f"{self._name}-add-only",
            name="add-only",
            user=user.name,
            policy=bucket.bucket.apply(add_only),
            opts=self._part(),
        )
        return aws.iam.AccessKey(f"{self._name}-key", user=user.name, opts=self._part(depends_on=[policy]))
