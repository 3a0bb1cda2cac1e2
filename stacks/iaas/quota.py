"""What a sandbox may never cost: a budget that denies its identities everything when it is spent."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from iaas import names
from iaas.budget import Budget, BudgetArgs
from iaas.component import Component, refuse, wrong_ids
from iaas.policies import allow, assumed_by, deny, document


@dataclass(frozen=True)
class QuotaArgs:
    msp: str
    customer: str
    site: str
    account: str
    limit_usd: int
    email: str
    actor_boundary_arn: pulumi.Input[str]
    """Of the role that acts when the budget is spent: the sandbox's own lets nobody attach a policy."""

    def __post_init__(self) -> None:
        wrong = wrong_ids(msp=self.msp, customer=self.customer, site=self.site)
        if self.email.count("@") != 1:
            wrong.append(f"email {self.email!r} is no address")
        refuse("quota", wrong)

    @property
    def ids(self) -> tuple[str, str, str]:
        return self.msp, self.customer, self.site


class Quota(Component):
    """Outputs: `budget`. `stop` says which roles the budget stops, once they are there."""

    def __init__(self, name: str, args: QuotaArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, opts)
        self._args = args
        self._stopped = aws.iam.Policy(
            f"{name}-stopped",
            name=names.role(*args.ids, "stopped"),
            path=f"/dure/{args.msp}/",
            policy=document(deny("BudgetIsSpent", ["*"], ["*"])),
            opts=self._part(),
        )
        budget = Budget(
            f"{name}-budget",
            BudgetArgs(names.role(*args.ids), args.limit_usd, args.email, f"{args.customer}/{args.site}"),
            self._part(),
        )
        self.budget = budget.budget
        self._done({"budget": self.budget})

    def stop(self, roles: list[pulumi.Input[str]]) -> None:
        """When the budget is spent AWS denies these roles everything, by itself. AWS learns of costs up to a day later,
        and a task that runs goes on: it can reach nothing any more, and costs its hours until the sandbox ends."""
        actor = aws.iam.Role(
            f"{self._name}-actor",
            name=names.role(*self._args.ids, "budget"),
            path=f"/dure/{self._args.msp}/",
            assume_role_policy=assumed_by("budgets.amazonaws.com"),
            permissions_boundary=self._args.actor_boundary_arn,
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
