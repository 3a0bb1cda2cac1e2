"""Daily and monthly backups by AWS Backup of all that carries the backup tag."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from iaas import names
from iaas.component import Component, refuse, wrong_ids
from iaas.policies import assumed_by

TAG = "dure:backup"
DAILY = "daily"
"""The tag's value that selects a resource."""
BUCKETS = "arn:aws:s3:::*"


@dataclass(frozen=True)
class Part:
    """What one role backs up. AWS's own policy is all that the role may do, and its boundary: nothing that is added to
    the role counts. CI sets no such boundary, and so can write no policy of this role."""

    suffix: str
    policy: str
    resources: tuple[str, ...]
    but: tuple[str, ...] = ()


PARTS = (
    Part("", "arn:aws:iam::aws:policy/service-role/AWSBackupServiceRolePolicyForBackup", ("*",), (BUCKETS,)),
    Part("-s3", "arn:aws:iam::aws:policy/AWSBackupServiceRolePolicyForS3Backup", (BUCKETS,)),
)
"""Two, since AWS gives the right to back up buckets by a policy of its own (AWS Backup Developer Guide, "Amazon S3
backups") and an identity has one boundary."""


@dataclass(frozen=True)
class BackupPlanArgs:
    msp: str
    environment: str
    key_arn: pulumi.Input[str]
    daily_days: int = 35
    monthly_days: int = 365

    def __post_init__(self) -> None:
        wrong = wrong_ids(msp=self.msp, environment=self.environment)
        if not 1 <= self.daily_days <= self.monthly_days:
            wrong.append(f"daily_days {self.daily_days} is not from 1 to monthly_days {self.monthly_days}")
        refuse("backup plan", wrong)


class BackupPlan(Component):
    """Outputs: `vault` (name). The vault is protected: it holds the backups."""

    def __init__(self, name: str, args: BackupPlanArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, opts)
        vault = aws.backup.Vault(
            name,
            name=names.name(50, args.msp, args.environment),
            kms_key_arn=args.key_arn,
            opts=self._part(protect=True),
        )
        plan = aws.backup.Plan(
            f"{name}-plan",
            name=names.name(50, args.msp, args.environment),
            rules=[
                {
                    "rule_name": "daily",
                    "target_vault_name": vault.name,
                    "schedule": "cron(0 17 * * ? *)",  # 02:00 in Korea
                    "lifecycle": {"delete_after": args.daily_days},
                },
                {
                    "rule_name": "monthly",
                    "target_vault_name": vault.name,
                    "schedule": "cron(0 16 1 * ? *)",
                    "lifecycle": {"delete_after": args.monthly_days},
                },
            ],
            opts=self._part(),
        )
        for part in PARTS:
            self._select(part, args, plan)
        self.vault = vault.name
        self._done({"vault": self.vault})

    def _select(self, part: Part, args: BackupPlanArgs, plan: aws.backup.Plan) -> None:
        name = self._name
        role = aws.iam.Role(
            f"{name}-role{part.suffix}",
            name=names.role(args.msp, args.environment, f"backup{part.suffix}"),
            path=f"/dure/{args.msp}/",
            assume_role_policy=assumed_by("backup.amazonaws.com"),
            permissions_boundary=part.policy,
            opts=self._part(),
        )
        aws.iam.RolePolicyAttachment(
            f"{name}-may{part.suffix}", role=role.name, policy_arn=part.policy, opts=self._part()
        )
        aws.backup.Selection(
            f"{name}-selection{part.suffix}",
            name=f"tagged{part.suffix}",
            plan_id=plan.id,
            iam_role_arn=role.arn,
            resources=list(part.resources),
            not_resources=list(part.but) or None,
            # Tags of `conditions` narrow the resources; those of `selection_tags` would add to them.
            conditions=[{"string_equals": [{"key": f"aws:ResourceTag/{TAG}", "value": DAILY}]}],
            opts=self._part(),
        )
