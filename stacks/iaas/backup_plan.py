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
MAY_BACK_UP = "arn:aws:iam::aws:policy/service-role/AWSBackupServiceRolePolicyForBackup"
"""What the role may do, and its boundary: nothing that is added to it counts. CI sets no such boundary, and so can
write no policy of this role."""


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
        role = aws.iam.Role(
            f"{name}-role",
            name=names.role(args.msp, args.environment, "backup"),
            path=f"/dure/{args.msp}/",
            assume_role_policy=assumed_by("backup.amazonaws.com"),
            permissions_boundary=MAY_BACK_UP,
            opts=self._part(),
        )
        aws.iam.RolePolicyAttachment(f"{name}-may", role=role.name, policy_arn=MAY_BACK_UP, opts=self._part())
        aws.backup.Selection(
            f"{name}-selection",
            name="tagged",
            plan_id=plan.id,
            iam_role_arn=role.arn,
            selection_tags=[{"type": "STRINGEQUALS", "key": TAG, "value": DAILY}],
            opts=self._part(),
        )
        self.vault = vault.name
        self._done({"vault": self.vault})
