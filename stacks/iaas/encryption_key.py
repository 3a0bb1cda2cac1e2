"""A key of its own, which AWS turns once a year, with a name by which people find it."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from iaas.component import Component, refuse
from iaas.policies import document

WAITING_DAYS = 30
"""Between the wish to delete a key and its end: the longest that AWS takes, since with the key goes the data."""


@dataclass(frozen=True)
class EncryptionKeyArgs:
    alias: str
    """Without `alias/`; such as `dure/hanbit-it/production`."""
    reason: str
    account: str
    services: tuple[str, ...] = ()
    """AWS services that seal with it on their own, such as `cloudwatch.amazonaws.com` for a sealed topic."""

    def __post_init__(self) -> None:
        wrong = [] if self.account.isdigit() else [f"account {self.account!r} is no account number"]
        if not self.alias or self.alias.startswith(("alias/", "aws/")):
            wrong.append(f"alias {self.alias!r} is empty or begins with alias/ or aws/")
        refuse("encryption key", wrong)

    def policy(self) -> str:
        """The key's policy document: IAM of the account decides; the services only for this account."""
        owner = {
            "Sid": "Account",
            "Effect": "Allow",
            "Principal": {"AWS": f"arn:aws:iam::{self.account}:root"},
            "Action": "kms:*",
            "Resource": "*",
        }
        services = [
            {
                "Sid": f"Seal{service.partition('.')[0].capitalize()}",
                "Effect": "Allow",
                "Principal": {"Service": service},
                "Action": ["kms:Decrypt", "kms:GenerateDataKey*"],
                "Resource": "*",
                "Condition": {"StringEquals": {"aws:SourceAccount": self.account}},
            }
            for service in self.services
        ]
        return document(owner, *services)


class EncryptionKey(Component):
    """Outputs: `arn`, `id`. Protected: what it sealed cannot be read without it."""

    def __init__(self, name: str, args: EncryptionKeyArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, opts)
        key = aws.kms.Key(
            name,
            description=args.reason,
            enable_key_rotation=True,
            deletion_window_in_days=WAITING_DAYS,
            policy=args.policy(),
            opts=self._part(protect=True),
        )
        aws.kms.Alias(f"{name}-alias", name=f"alias/{args.alias}", target_key_id=key.key_id, opts=self._part())
        self.arn, self.id = key.arn, key.key_id
        self._done({"arn": self.arn, "id": self.id})
