"""The cloud part of a site with a box on its premises: the vault for its backups."""

import pulumi
import pulumi_aws as aws
from iaas.backup_vault import BackupVault, BackupVaultArgs
from iaas.inputs import Inputs, read
from pydantic import Field


class HybridSiteInputs(Inputs):
    msp: str = Field(description="Id of the MSP")
    customer: str = Field(description="Id of the customer")
    site: str = Field(description="Id of the site")
    lock_days: int = Field(description="Days for which AWS refuses to lose a version of a backup")


def program() -> None:
    given = read(HybridSiteInputs)
    vault = BackupVault(
        "vault",
        BackupVaultArgs(
            msp=given.msp,
            customer=given.customer,
            site=given.site,
            account=aws.get_caller_identity().account_id,
            lock_days=given.lock_days,
            tags=pulumi.Config("dure").require_object("tags"),
        ),
    )
    pulumi.export("bucket", vault.bucket)
    pulumi.export("region", vault.region)
    pulumi.export("access_key_id", vault.access_key_id)
    pulumi.export("secret_access_key", vault.secret_access_key)
