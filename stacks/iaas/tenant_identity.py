"""What a tenant's software may do: its own prefix, its own parameters, and nothing of anybody else's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from iaas import names
from iaas.backup_vault import arn
from iaas.component import Component, refuse, wrong_ids
from iaas.policies import Statement, allow, assumed_by, document

TASKS = "ecs-tasks.amazonaws.com"


@dataclass(frozen=True)
class TenantIdentityArgs:
    msp: str
    customer: str
    site: str
    account: str
    region: str
    pool_bucket: str
    key_arn: str
    """The environment's key, which seals the pool."""
    taken_by: str
    """ARN of the shared service's role; empty: the tenant's own containers take it."""

    def __post_init__(self) -> None:
        refuse("tenant identity", wrong_ids(msp=self.msp, customer=self.customer, site=self.site))

    @property
    def prefix(self) -> str:
        """Where the tenant's objects are in the pool's bucket: ids have no slash, so no prefix holds another."""
        return f"tenants/{self.customer}/{self.site}"

    @property
    def parameters(self) -> str:
        return f"/dure/{self.msp}/{self.customer}/{self.site}"

    def trust(self) -> str:
        if not self.taken_by:
            return assumed_by(TASKS)
        by_pool = {"Sid": "Pool", "Effect": "Allow", "Principal": {"AWS": self.taken_by}, "Action": "sts:AssumeRole"}
        return document(by_pool)

    def statements(self) -> list[Statement]:
        bucket = arn(self.pool_bucket)
        parameters = f"arn:aws:ssm:{self.region}:{self.account}:parameter{self.parameters}"
        sealed = {"kms:ViaService": [f"s3.{self.region}.amazonaws.com", f"ssm.{self.region}.amazonaws.com"]}
        return [
            allow(
                "ListOwn",
                ["s3:ListBucket"],
                [bucket],
                StringLike={"s3:prefix": [f"{self.prefix}/*"]},
            ),
            allow("ObjectsOwn", ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"], [f"{bucket}/{self.prefix}/*"]),
            allow(
                "SettingsOwn",
                ["ssm:GetParameter", "ssm:GetParameters", "ssm:GetParametersByPath"],
                [parameters, f"{parameters}/*"],
            ),
            allow("Unseal", ["kms:Decrypt", "kms:GenerateDataKey"], [self.key_arn], StringEquals=sealed),
        ]


class TenantIdentity(Component):
    """Outputs: `role_arn`, `role_name`, `prefix`."""

    def __init__(self, name: str, args: TenantIdentityArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, opts)
        self._role = aws.iam.Role(
            name,
            name=names.role(args.msp, args.customer, args.site),
            path=f"/dure/{args.msp}/tenants/",
            assume_role_policy=args.trust(),
            opts=self._part(),
        )
        self.allow("own", document(*args.statements()))
        self.role_arn, self.role_name, self.prefix = self._role.arn, self._role.name, args.prefix
        self._done({"role_arn": self.role_arn, "role_name": self.role_name, "prefix": self.prefix})

    def allow(self, policy: str, text: pulumi.Input[str]) -> None:
        """Add a policy under this short name."""
        aws.iam.RolePolicy(f"{self._name}-{policy}", name=policy, role=self._role.name, policy=text, opts=self._part())


def own_parts(bucket: str, others: Sequence[str]) -> str:
    """A policy document for a tenant that has parts of its own: its bucket; `others` are its key and secret (ARNs)."""
    key, secret = others
    return document(
        allow("ListBucket", ["s3:ListBucket"], [arn(bucket)]),
        allow("Objects", ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"], [f"{arn(bucket)}/*"]),
        allow("Secret", ["secretsmanager:GetSecretValue"], [secret]),
        allow("Key", ["kms:Decrypt", "kms:GenerateDataKey"], [key]),
    )
