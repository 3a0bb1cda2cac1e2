"""What tenants of the pool share: the bucket, the user pool, the target, and the identity of the shared service."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from iaas import names
from iaas.component import Component, refuse, wrong_ids
from iaas.policies import allow, assumed_by, document
from iaas.private_bucket import PrivateBucket, PrivateBucketArgs
from iaas.target import Target, TargetArgs


@dataclass(frozen=True)
class TenantPoolArgs:
    msp: str
    environment: str
    account: str
    vpc_id: pulumi.Input[str]
    key_arn: pulumi.Input[str]
    port: int
    boundary_arn: pulumi.Input[str]
    deletion_protection: bool = True

    def __post_init__(self) -> None:
        refuse("tenant pool", wrong_ids(msp=self.msp, environment=self.environment))


class TenantPool(Component):
    """Outputs: `bucket`, `user_pool_id`, `target_arn`, `role_arn`. The bucket and the user pool are protected."""

    def __init__(self, name: str, args: TenantPoolArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, opts)
        ids = (args.msp, args.environment, "pool")
        store = PrivateBucket(
            f"{name}-data",
            PrivateBucketArgs(bucket=names.bucket(args.account, *ids), key_arn=args.key_arn, backed_up=True),
            self._part(),
        )
        people = aws.cognito.UserPool(
            f"{name}-people",
            name=names.role(*ids),
            deletion_protection="ACTIVE" if args.deletion_protection else "INACTIVE",
            mfa_configuration="OPTIONAL",
            software_token_mfa_configuration={"enabled": True},
            password_policy={
                "minimum_length": 12,
                "require_lowercase": True,
                "require_uppercase": True,
                "require_numbers": True,
                "require_symbols": False,
                "temporary_password_validity_days": 3,
            },
            admin_create_user_config={"allow_admin_create_user_only": True},
            opts=self._part(protect=True),
        )
        target = Target(f"{name}-target", TargetArgs(names.target_group(*ids), args.vpc_id, args.port), self._part())
        role = self._identity(args, ids)
        self.bucket, self.user_pool_id = store.bucket, people.id
        self.target_arn, self.target_suffix = target.arn, target.arn_suffix
        self.role_arn = role.arn
        self._done(
            {
                "bucket": self.bucket,
                "user_pool_id": self.user_pool_id,
                "target_arn": self.target_arn,
                "role_arn": self.role_arn,
            }
        )

    def _identity(self, args: TenantPoolArgs, ids: tuple[str, str, str]) -> aws.iam.Role:
        """It can do nothing itself: for each request it takes the role of the tenant whose request it is."""
        role = aws.iam.Role(
            f"{self._name}-service",
            name=names.role(*ids, "service"),
            path=f"/dure/{args.msp}/",
            assume_role_policy=assumed_by("ecs-tasks.amazonaws.com"),
            permissions_boundary=args.boundary_arn,
            opts=self._part(),
        )
        tenants = f"arn:aws:iam::{args.account}:role/dure/{args.msp}/tenants/*"
        aws.iam.RolePolicy(
            f"{self._name}-becomes-tenant",
            name="become-tenant",
            role=role.name,
            policy=document(allow("BecomeTenant", ["sts:AssumeRole"], [tenants])),
            opts=self._part(),
        )
        return role
