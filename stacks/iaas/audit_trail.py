"""Who did what in the account: CloudTrail in all regions, and AWS Config's record of every change."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from iaas import names
from iaas.component import Component, refuse, wrong_ids
from iaas.policies import assumed_by
from iaas.private_bucket import PrivateBucket, PrivateBucketArgs

RECORDER_POLICY = "arn:aws:iam::aws:policy/service-role/AWS_ConfigRole"


@dataclass(frozen=True)
class AuditTrailArgs:
    msp: str
    account: str
    keep_days: int = 400
    """More than a year: what happened is often asked for at the yearly audit."""

    def __post_init__(self) -> None:
        wrong = wrong_ids(msp=self.msp)
        if not self.account.isdigit():
            wrong.append(f"account {self.account!r} is no account number")
        if self.keep_days < 90:
            wrong.append(f"keep_days {self.keep_days} is less than 90")
        refuse("audit trail", wrong)


class AuditTrail(Component):
    """Outputs: `bucket`, `trail_arn`."""

    def __init__(self, name: str, args: AuditTrailArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, opts)
        self._args = args
        store = PrivateBucket(
            f"{name}-logs",
            PrivateBucketArgs(
                bucket=names.bucket(args.account, args.msp, "audit"),
                expire_days=args.keep_days,
                writers=("cloudtrail.amazonaws.com", "config.amazonaws.com"),
                account=args.account,
            ),
            self._part(),
        )
        trail = aws.cloudtrail.Trail(
            name,
            name=f"{args.msp}-audit",
            s3_bucket_name=store.bucket,
            is_multi_region_trail=True,
            include_global_service_events=True,
            enable_log_file_validation=True,
            opts=self._part(depends_on=[store.policy]),
        )
        self._record_changes(store)
        self.bucket = store.bucket
        self.trail_arn = trail.arn
        self._done({"bucket": self.bucket, "trail_arn": self.trail_arn})

    def _record_changes(self, store: PrivateBucket) -> None:
        role = aws.iam.Role(
            f"{self._name}-recorder",
            name=names.role(self._args.msp, "config-recorder"),
            assume_role_policy=assumed_by("config.amazonaws.com"),
            permissions_boundary=RECORDER_POLICY,
            opts=self._part(),
        )
        aws.iam.RolePolicyAttachment(
            f"{self._name}-recorder-reads", role=role.name, policy_arn=RECORDER_POLICY, opts=self._part()
        )
        recorder = aws.cfg.Recorder(
            f"{self._name}-recorder",
            name="default",
            role_arn=role.arn,
            recording_group={"all_supported": True, "include_global_resource_types": True},
            opts=self._part(),
        )
        channel = aws.cfg.DeliveryChannel(
            f"{self._name}-channel",
            name="default",
            s3_bucket_name=store.bucket,
            opts=self._part(depends_on=[recorder, store.policy]),
        )
        aws.cfg.RecorderStatus(
            f"{self._name}-recording", name=recorder.name, is_enabled=True, opts=self._part(depends_on=[channel])
        )
