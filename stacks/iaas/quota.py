"""What a sandbox may never pass: a boundary around its identities, and a budget that denies them all when spent."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from iaas import names
from iaas.budget import Budget, BudgetArgs
from iaas.component import Component, refuse, wrong_ids
from iaas.policies import allow, assumed_by, deny, document

WITHIN = (
    "cloudwatch:PutMetricData",
    "ecr:BatchCheckLayerAvailability",
    "ecr:BatchGetImage",
    "ecr:CompleteLayerUpload",
    "ecr:GetAuthorizationToken",
    "ecr:GetDownloadUrlForLayer",
    "ecr:InitiateLayerUpload",
    "ecr:PutImage",
    "ecr:UploadLayerPart",
    "kms:Decrypt",
    "kms:GenerateDataKey",
    "logs:CreateLogStream",
    "logs:PutLogEvents",
    "s3:DeleteObject",
    "s3:GetObject",
    "s3:ListBucket",
    "s3:PutObject",
    "ssm:GetParameter",
    "ssm:GetParameters",
    "ssm:GetParametersByPath",
)
"""The most that any identity of a sandbox can be given; what it is given is less."""


@dataclass(frozen=True)
class QuotaArgs:
    msp: str
    customer: str
    site: str
    account: str
    limit_usd: int
    email: str

    def __post_init__(self) -> None:
        wrong = wrong_ids(msp=self.msp, customer=self.customer, site=self.site)
        if self.email.count("@") != 1:
            wrong.append(f"email {self.email!r} is no address")
        refuse("quota", wrong)

    @property
    def ids(self) -> tuple[str, str, str]:
        return self.msp, self.customer, self.site


class Quota(Component):
    """Outputs: `boundary_arn`, `budget`. `stop` says which roles the budget stops, once they are there."""

    def __init__(self, name: str, args: QuotaArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, opts)
        self._args = args
        boundary = self._policy("boundary", document(allow("Within", WITHIN, ["*"])))
        self._stopped = self._policy("stopped", document(deny("BudgetIsSpent", ["*"], ["*"])))
        budget = Budget(
            f"{name}-budget",
            BudgetArgs(names.role(*args.ids), args.limit_usd, args.email, f"{args.customer}/{args.site}"),
            self._part(),
        )
        self.boundary_arn, self.budget = boundary.arn, budget.budget
        self._done({"boundary_arn": self.boundary_arn, "budget": self.budget})

    def _policy(self, kind: str, text: str) -> aws.iam.Policy:
        return aws.iam.Policy(
            f"{self._name}-{kind}",
            name=names.role(*self._args.ids, kind),
            path=f"/dure/{self._args.msp}/",
            policy=text,
            opts=self._part(),
        )

    def stop(self, roles: list[pulumi.Input[str]]) -> None:
        """When the budget is spent AWS denies these roles everything, by itself. AWS learns of costs up to a day later,
        and a task that runs goes on: it can reach nothing any more, and costs its hours until the sandbox ends."""
        actor = aws.iam.Role(
            f"{self._name}-actor",
            name=names.role(*self._args.ids, "budget"),
            path=f"/dure/{self._args.msp}/",
            assume_role_policy=assumed_by("budgets.amazonaws.com"),
            opts=self._part(),
        )
        may = self._stopped.arn.apply(
            lambda arn: document(
                allow(
                    "Stop",
                    ["iam:AttachRolePolicy", "iam:DetachRolePolicy"],
                    [f"arn:aws:iam::{self._args.account}:role/dure/{self._args.msp}/*"],
                    ArnEquals={"iam:PolicyARN": arn},
                )
            )
        )
        aws.iam.RolePolicy(f"{self._name}-acts", name="stop", role=actor.name, policy=may, opts=self._part())
        aws.budgets.BudgetAction(
            f"{self._name}-action",
            budget_name=self.budget,
            action_type="APPLY_IAM_POLICY",
            approval_model="AUTOMATIC",
            notification_type="ACTUAL",
            action_threshold={"action_threshold_type": "PERCENTAGE", "action_threshold_value": 100},
            definition={"iam_action_definition": {"policy_arn": self._stopped.arn, "roles": roles}},
            execution_role_arn=actor.arn,
            subscribers=[{"address": self._args.email, "subscription_type": "EMAIL"}],
            opts=self._part(),
        )
