"""The cloud part of a site with a box on its premises: the vault for its backups.

Configuration: `dure:inputs` {msp, customer, site, lock_days}, `dure:tags`, `aws:region`.
"""

import pulumi
import pulumi_aws as aws
from iaas.backup_vault import BackupVault, BackupVaultArgs


def program() -> None:
    config = pulumi.Config("dure")
    inputs = config.require_object("inputs")
    vault = BackupVault(
        "vault",
        BackupVaultArgs(
            msp=inputs["msp"],
            customer=inputs["customer"],
            site=inputs["site"],
            account=aws.get_caller_identity().account_id,
            lock_days=inputs["lock_days"],
            tags=config.require_object("tags"),
        ),
    )
    pulumi.export("bucket", vault.bucket)
    pulumi.export("region", vault.region)
    pulumi.export("access_key_id", vault.access_key_id)
    pulumi.export("secret_access_key", vault.secret_access_key)
