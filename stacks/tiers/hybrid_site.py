"""The cloud part of a site with a box on its premises: the vault for its backups, and a VPN to AWS where asked for."""

from collections.abc import Mapping
from typing import Literal

import pulumi
import pulumi_aws as aws
from iaas import addressing
from iaas.backup_vault import BackupVault, BackupVaultArgs
from iaas.boundary import bound_everything
from iaas.inputs import Inputs, read
from iaas.outputs import export
from iaas.site_vpn import SiteVpn, SiteVpnArgs
from iaas.upstream import NetworkUpstream
from pydantic import Field


class HybridSiteInputs(Inputs):
    msp: str = Field(description="Id of the MSP")
    customer: str = Field(description="Id of the customer")
    site: str = Field(description="Id of the site")
    lock_days: int = Field(description="Days for which AWS refuses to lose a version of a backup")
    boundary_arn: str = Field(
        default="", description="Permissions boundary of the box's key; empty: no landing zone stands that gives one"
    )
    vpn: Literal["hub", "aws"] = Field(default="hub", description="`aws`: a site-to-site VPN besides the hub's tunnel")
    vpn_address: str = Field(default="", description="The site's fixed address towards the internet; `aws` only")
    overlay: str = Field(default="", description="The site's overlay /24, which is routed to it; `aws` only")
    overlay_pool: str = Field(default=addressing.OVERLAY_POOL, description="What the overlay is taken from")
    upstream: NetworkUpstream | None = Field(default=None, description="Outputs of the landing zone; `aws` only")


VAULT_OUTPUTS = {
    "bucket": "The vault's bucket",
    "region": "Its region",
    "access_key_id": "The box's key, which can add and not take away",
    "secret_access_key": "Its secret half",
}
VPN_OUTPUTS = {
    "vpn_address_1": "AWS's address of the first tunnel; all `vpn_` only with `vpn: aws`",
    "vpn_address_2": "AWS's address of the second tunnel",
    "vpn_key_1": "Key of the first tunnel, secret, made by AWS",
    "vpn_key_2": "Key of the second tunnel, secret, made by AWS",
    "vpn_network": "CIDR of the shared network, which the tunnels lead to",
}
OUTPUTS = VAULT_OUTPUTS | VPN_OUTPUTS


def program() -> None:
    given = read(HybridSiteInputs)
    if given.boundary_arn:
        bound_everything(given.boundary_arn)
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
    outputs: dict[str, pulumi.Input[str]] = {name: getattr(vault, name) for name in VAULT_OUTPUTS}
    if given.vpn == "hub":
        export(VAULT_OUTPUTS, outputs)
    else:
        export(OUTPUTS, {**outputs, **_vpn(given)})


def _vpn(given: HybridSiteInputs) -> Mapping[str, pulumi.Input[str]]:
    upstream = given.upstream
    if upstream is None or not upstream.vpn_gateway:
        raise ValueError(
            "vpn is aws, and the landing zone has no VPN gateway; set `vpn_gateway: true` below `landing_zone:` in"
            " operator.yaml and bring it up first"
        )
    vpn = SiteVpn(
        "vpn",
        SiteVpnArgs(
            gateway=upstream.vpn_gateway,
            network=upstream.network_cidr,
            address=given.vpn_address,
            overlay=given.overlay,
            overlay_pool=given.overlay_pool,
        ),
    )
    return {
        "vpn_address_1": vpn.addresses[0],
        "vpn_address_2": vpn.addresses[1],
        "vpn_key_1": vpn.keys[0],
        "vpn_key_2": vpn.keys[1],
        "vpn_network": upstream.network_cidr,
    }
