"""A monthly budget that says when 80 % are spent and when all of it is forecast to be."""

from __future__ import annotations

import re
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from iaas.component import Component, refuse

SHARES = ((80, "ACTUAL"), (100, "FORECASTED"))
"""Percent of the limit, and whether spent or forecast."""


@dataclass(frozen=True)
class BudgetArgs:
    budget: str
    limit_usd: int
    email: str
    site: str = ""
    """Only what carries this site's tag counts; empty: the whole account."""

    def __post_init__(self) -> None:
        wrong = []
        if not re.fullmatch(r"[^:\\]{1,100}", self.budget):
            wrong.append(f"budget {self.budget!r} is no name of 1 to 100 characters without : and \\")
        if self.limit_usd < 1:
            wrong.append(f"limit_usd {self.limit_usd} is not 1 or more")
        if self.email.count("@") != 1:
            wrong.append(f"email {self.email!r} is no address")
        refuse("budget", wrong)


class Budget(Component):
    """Outputs: `budget` (its name)."""

    def __init__(self, name: str, args: BudgetArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, opts)
        by_site = [{"name": "TagKeyValue", "values": [f"user:dure:site${args.site}"]}]
        budget = aws.budgets.Budget(
            name,
            name=args.budget,
            budget_type="COST",
            time_unit="MONTHLY",
            limit_amount=f"{args.limit_usd}.0",
            limit_unit="USD",
            cost_filters=by_site if args.site else None,
            notifications=[
                {
                    "comparison_operator": "GREATER_THAN",
                    "threshold": share,
                    "threshold_type": "PERCENTAGE",
                    "notification_type": kind,
                    "subscriber_email_addresses": [args.email],
                }
                for share, kind in SHARES
            ],
            opts=self._part(),
        )
        self.budget = budget.name
        self._done({"budget": self.budget})
