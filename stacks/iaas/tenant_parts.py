"""What a tenant of its own has besides the pool's: a key, a secret, a bucket, a database and a service.

The parts that hold data keep their logical names whatever network they are in: a tenant that moves up keeps them.
"""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from iaas import names
from iaas.component import Component, refuse, wrong_ids
from iaas.database import Database, DatabaseArgs
from iaas.encryption_key import EncryptionKey, EncryptionKeyArgs
from iaas.place import Place
from iaas.private_bucket import PrivateBucket, PrivateBucketArgs
from iaas.service import Service, ServiceArgs
from iaas.size import Size
from iaas.target import Target


@dataclass(frozen=True)
class TenantPartsArgs:
    msp: str
    customer: str
    site: str
    account: str
    region: str
    size: Size
    image: str
    port: int
    place: Place
    role_arn: pulumi.Input[str]
    settings_path: str
    deletion_protection: bool = True

    def __post_init__(self) -> None:
        wrong = wrong_ids(msp=self.msp, customer=self.customer, site=self.site)
        if not self.image:
            wrong.append("image is empty; name the container image of the tenant's own service")
        refuse("tenant parts", wrong)

    @property
    def ids(self) -> tuple[str, str, str]:
        return self.msp, self.customer, self.site


class TenantParts(Component):
    """Outputs: `bucket`, `key_arn`, `secret_arn`, `database_address`, `database_master_secret`.

    What holds data is protected. `rule` is the host rule to the target, for which the service waits.
    """

    def __init__(
        self,
        name: str,
        args: TenantPartsArgs,
        target: Target,
        rule: pulumi.Resource,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__(name, opts)
        self._args = args
        key = EncryptionKey(
            f"{name}-key",
            EncryptionKeyArgs("/".join(("dure", *args.ids)), f"Data of {args.customer}/{args.site}", args.account),
            self._part(),
        )
        secret = aws.secretsmanager.Secret(
            f"{name}-secret",
            name="/".join(("dure", *args.ids)),
            description="What the tenant's software must know and nobody else; its value is written by the software",
            kms_key_id=key.arn,
            opts=self._part(protect=True),
        )
        store = PrivateBucket(
            f"{name}-data",
            PrivateBucketArgs(bucket=names.bucket(args.account, *args.ids), key_arn=key.arn, backed_up=True),
            self._part(),
        )
        service = self._serve(target, rule)
        database = Database(
            f"{name}-database",
            DatabaseArgs(
                identifier=f"t-{names.name(48, *args.ids)}",
                vpc_id=args.place.vpc_id,
                subnets=args.place.private_subnets,
                key_arn=key.arn,
                size=args.size,
                clients={"service": service.group},
                network=args.place.name,
                deletion_protection=args.deletion_protection,
            ),
            self._part(),
        )
        self.bucket, self.key_arn, self.secret_arn = store.bucket, key.arn, secret.arn
        self.database_address, self.database_master_secret = database.address, database.master_secret
        self._done(
            {
                "bucket": self.bucket,
                "key_arn": self.key_arn,
                "secret_arn": self.secret_arn,
                "database_address": self.database_address,
                "database_master_secret": self.database_master_secret,
            }
        )

    def _serve(self, target: Target, rule: pulumi.Resource) -> Service:
        """Named after its place: in another network a new one is made before the old one goes."""
        args, place = self._args, self._args.place
        return Service(
            f"{self._name}-service-{place.name}",
            ServiceArgs(
                msp=args.msp,
                service=names.name(54, *args.ids, place.name),
                region=args.region,
                cluster_arn=place.cluster_arn,
                image=args.image,
                port=args.port,
                cpu=args.size.cpu,
                memory=args.size.memory,
                tasks=args.size.tasks,
                vpc_id=place.vpc_id,
                subnets=place.task_subnets,
                public_addresses=place.public_addresses,
                balancer_group=place.balancer_group,
                target_arn=target.arn,
                task_role_arn=args.role_arn,
                environment={"SETTINGS_PATH": args.settings_path},
            ),
            pulumi.ResourceOptions(parent=self, depends_on=[rule]),
        )
