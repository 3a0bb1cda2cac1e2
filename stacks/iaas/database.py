"""A PostgreSQL that only TLS reaches, sealed with a key, whose master password AWS keeps and turns itself."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from iaas.backup_plan import DAILY, TAG
from iaas.component import Component, refuse
from iaas.security_group import Rule, SecurityGroup, SecurityGroupArgs
from iaas.size import LARGEST_STORAGE, Size

PORT = 5432
VERSION = "16"
"""The major version; AWS takes its newest minor one and keeps it new in the maintenance window."""
IDENTIFIER = re.compile(r"[a-z](?:[a-z0-9]|-(?=[a-z0-9])){0,62}")
"""AWS: "Constraints on DB instance identifiers"."""


@dataclass(frozen=True)
class DatabaseArgs:
    identifier: str
    vpc_id: pulumi.Input[str]
    subnets: Sequence[pulumi.Input[str]]
    """Private ones, in two zones."""
    key_arn: pulumi.Input[str]
    size: Size
    clients: Mapping[str, pulumi.Input[str]]
    """Security groups that may connect, by a short name that stays."""
    network: str = "shared"
    """The network's short name. A database moves to another network with its data; what belongs to the network only
    (subnet group, security group) is named after it and made anew."""
    deletion_protection: bool = True
    """AWS itself refuses to delete it; to take it down, set this off and apply first."""

    def __post_init__(self) -> None:
        wrong = []
        if not IDENTIFIER.fullmatch(self.identifier):
            wrong.append(
                f"identifier {self.identifier!r} is not 1 to 63 lower case letters, digits and single hyphens,"
                " a letter first"
            )
        if len(self.subnets) < 2:
            wrong.append("AWS wants subnets in two zones")
        refuse("database", wrong)


class Database(Component):
    """Outputs: `address`, `port`, `identifier`, `group` (security group's id), `master_secret` (ARN).

    The instance is protected, and its last state stays as a snapshot when it is deleted. Its size follows the people,
    its disk does not: AWS makes a disk larger and never smaller, so the size says only what a new one begins with, and
    from then on AWS's storage autoscaling makes it larger when it is nearly full. A customer may so grow and shrink at
    will, and a disk that has grown by itself is no drift that the next apply would fail on.
    """

    def __init__(self, name: str, args: DatabaseArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, opts)
        self._args = args
        rules = {key: Rule(PORT, f"PostgreSQL for {key}", group=group) for key, group in args.clients.items()}
        group = SecurityGroup(
            f"{name}-{args.network}",
            SecurityGroupArgs(args.vpc_id, "Database: its services only", rules, outgoing=False),
            self._part(),
        )
        instance = self._instance(group)
        self.address, self.port, self.identifier = instance.address, PORT, instance.identifier
        self.group = group.id
        self.master_secret = instance.master_user_secrets[0].secret_arn
        self._done(
            {
                "address": self.address,
                "port": self.port,
                "identifier": self.identifier,
                "group": self.group,
                "master_secret": self.master_secret,
            }
        )

    def _instance(self, group: SecurityGroup) -> aws.rds.Instance:
        args, size = self._args, self._args.size
        where = aws.rds.SubnetGroup(
            f"{self._name}-{args.network}-subnets",
            name=f"{args.identifier}-{args.network}",
            description="Private subnets",
            subnet_ids=list(args.subnets),
            opts=self._part(),
        )
        how = aws.rds.ParameterGroup(
            f"{self._name}-parameters",
            name=args.identifier,
            description="TLS only; connections logged",
            family=f"postgres{VERSION}",
            parameters=[
                {"name": "rds.force_ssl", "value": "1"},
                {"name": "log_connections", "value": "1"},
            ],
            opts=self._part(),
        )
        return aws.rds.Instance(
            self._name,
            identifier=args.identifier,
            engine="postgres",
            engine_version=VERSION,
            instance_class=size.database_class,
            allocated_storage=size.storage,
            max_allocated_storage=LARGEST_STORAGE,
            storage_type="gp3",
            storage_encrypted=True,
            kms_key_id=args.key_arn,
            username="platform",
            manage_master_user_password=True,
            master_user_secret_kms_key_id=args.key_arn,
            db_subnet_group_name=where.name,
            parameter_group_name=how.name,
            vpc_security_group_ids=[group.id],
            publicly_accessible=False,
            multi_az=size.multi_az,
            backup_retention_period=size.backup_days,
            backup_window="18:00-18:30",  # 03:00 in Korea
            maintenance_window="sat:19:00-sat:20:00",
            copy_tags_to_snapshot=True,
            auto_minor_version_upgrade=True,
            apply_immediately=True,
            deletion_protection=args.deletion_protection,
            skip_final_snapshot=False,
            final_snapshot_identifier=f"{args.identifier}-last",
            tags={TAG: DAILY},
            opts=self._part(protect=True, ignore_changes=["allocatedStorage"]),
        )
