"""The organization: units for security, for what is shared and for customers, and two accounts that hold proof."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from iaas.component import Component, refuse, wrong_ids

SERVICES = ("cloudtrail.amazonaws.com", "config.amazonaws.com", "guardduty.amazonaws.com", "backup.amazonaws.com")


@dataclass(frozen=True)
class OrganizationArgs:
    msp: str
    email: str
    """Address of the MSP's cloud team; each account gets a plus address of it, as AWS wants one of its own."""
    root: str = ""
    """Id of an existing organization's root (`r-…`); empty: the organization is made."""

    def __post_init__(self) -> None:
        wrong = wrong_ids(msp=self.msp)
        if self.email.count("@") != 1 or not all(self.email.split("@")):
            wrong.append(f"email {self.email!r} is no address")
        if self.root and not self.root.startswith("r-"):
            wrong.append(f"root {self.root!r} does not begin with r-")
        refuse("organization", wrong)

    def address(self, suffix: str) -> str:
        local, _, domain = self.email.partition("@")
        return f"{local}+{suffix}@{domain}"


class Organization(Component):
    """Outputs: `log_archive_account`, `security_account`, `customers_unit`.

    Protected: AWS closes an account for good only after 90 days.
    """

    def __init__(self, name: str, args: OrganizationArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, opts)
        root: pulumi.Input[str] = args.root or self._make(name)
        units = {
            unit: aws.organizations.OrganizationalUnit(f"{name}-{unit}", name=unit, parent_id=root, opts=self._part())
            for unit in ("security", "shared", "customers")
        }
        accounts = {
            account: aws.organizations.Account(
                f"{name}-{account}",
                name=f"{args.msp}-{account}",
                email=args.address(account),
                parent_id=units["security"].id,
                iam_user_access_to_billing="DENY",
                close_on_deletion=False,
                opts=self._part(protect=True),
            )
            for account in ("log-archive", "security")
        }
        self.log_archive_account = accounts["log-archive"].id
        self.security_account = accounts["security"].id
        self.customers_unit = units["customers"].id
        self._done(
            {
                "log_archive_account": self.log_archive_account,
                "security_account": self.security_account,
                "customers_unit": self.customers_unit,
            }
        )

    def _make(self, name: str) -> pulumi.Output[str]:
        made = aws.organizations.Organization(
            name,
            feature_set="ALL",
            aws_service_access_principals=list(SERVICES),
            enabled_policy_types=["SERVICE_CONTROL_POLICY", "TAG_POLICY"],
            opts=self._part(protect=True),
        )
        return made.roots[0].id
