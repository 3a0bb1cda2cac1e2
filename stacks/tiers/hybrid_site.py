"""The cloud part of a site with a box on its premises: the vault for its backups."""

import pulumi
import pulumi_aws as aws
from iaas.backup_vault import BackupVault, BackupVaultArgs
from iaas.inputs import Inputs, read
from iaas.outputs import export
from pydantic import Field


class HybridSiteInputs(Inputs):
    msp: str = Field(description="Id of the MSP")
    customer: str = Field(description="Id of the customer")
    site: str = Field(description="Id of the site")
    lock_days: int = Field(description="Days for which AWS refuses to lose a version of a backup")


OUTPUTS = {
    "bucket": "The vault's bucket",
    "region": "Its region",
    "access_key_id": "The box's key, which can add and not take away",
    "secret_access_key": "Its secret half",
}


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
    export(OUTPUTS, {name: getattr(vault, name) for name in OUTPUTS})
