"""What holds for the whole account whatever anybody makes in it: no public bucket, no open disk, threats looked for."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from iaas.component import Component, refuse


@dataclass(frozen=True)
class AccountGuardArgs:
    account: str

    def __post_init__(self) -> None:
        refuse("account guard", [] if self.account.isdigit() else [f"account {self.account!r} is no account number"])


class AccountGuard(Component):
    """Outputs: `detector` (GuardDuty's id)."""

    def __init__(self, name: str, args: AccountGuardArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, opts)
        aws.s3.AccountPublicAccessBlock(
            f"{name}-private",
            account_id=args.account,
            block_public_acls=True,
            block_public_policy=True,
            ignore_public_acls=True,
            restrict_public_buckets=True,
            opts=self._part(),
        )
        aws.ebs.EncryptionByDefault(f"{name}-disks", enabled=True, opts=self._part())
        detector = aws.guardduty.Detector(
            f"{name}-threats", enable=True, finding_publishing_frequency="SIX_HOURS", opts=self._part()
        )
        self.detector = detector.id
        self._done({"detector": self.detector})
