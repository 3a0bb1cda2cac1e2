"""A customer's environment of an application: in the pool, with parts of its own (bridge), or all of its own (silo).

Each isolation has all of the one before: a tenant that moves up keeps the pool's prefix and schema until its data is
copied. What is in PostgreSQL is no resource of AWS: the outputs name it, a step of `operator stacks up` makes it.
"""

from dataclasses import replace
from typing import Literal

import pulumi
import pulumi_aws as aws
from iaas import addressing, names
from iaas.boundary import bound_everything
from iaas.budget import Budget, BudgetArgs
from iaas.host_rule import HostRule, HostRuleArgs
from iaas.inputs import Inputs, read
from iaas.outputs import export
from iaas.place import Place, Silo, SiloArgs, shared
from iaas.settings import Settings, SettingsArgs
from iaas.size import size_for
from iaas.target import Target, TargetArgs
from iaas.tenant_identity import TenantIdentity, TenantIdentityArgs, own_parts
from iaas.tenant_login import TenantLogin, TenantLoginArgs
from iaas.tenant_parts import TenantParts, TenantPartsArgs
from iaas.tenant_watch import TenantWatch, TenantWatchArgs
from iaas.upstream import Upstream
from pydantic import Field


class SaasTenantInputs(Inputs):
    msp: str = Field(description="Id of the MSP")
    customer: str = Field(description="Id of the customer")
    site: str = Field(description="Id of the customer's environment")
    isolation: Literal["pool", "bridge", "silo"] = Field(description="How much is the tenant's own")
    people: int = Field(description="How many work with it: 1-10, 11-29, 30-50, 51 and more make the size")
    host: str = Field(description="Name right below the zone, such as `hansol-erp`")
    email: str = Field(description="Whom the budget tells")
    budget_usd: int = Field(description="What the tenant's own parts may cost a month, USD")
    image: str = Field(default="", description="Container image of the tenant's own service; bridge and silo")
    port: int = Field(default=8080, description="Port of its containers")
    database_zones: Literal["by-size", "one"] = Field(
        default="by-size",
        description="`one` before a database in two zones moves to another network: AWS moves it in one only",
    )
    network_index: int = Field(default=-1, description="Which block of the pool; silo only, allocated once")
    network_pool: str = Field(default=addressing.POOL, description="CIDR of which each network takes a /20")
    avoid: tuple[str, ...] = Field(
        default=(addressing.OVERLAY_POOL,), description="CIDRs that no network may meet: the overlay pool"
    )
    deletion_protection: bool = Field(default=True, description="AWS refuses to delete data; off before a destroy")
    upstream: Upstream = Field(description="Outputs of the landing zone")

    @property
    def ids(self) -> tuple[str, str, str]:
        return self.msp, self.customer, self.site


OUTPUTS = {
    "bucket": "Where its objects are",
    "database_address": "The PostgreSQL in which its schema is",
    "database_master_secret": "ARN of the secret in which AWS keeps that PostgreSQL's master password",
    "database_role": "Role that `operator stacks up` makes there, with a database of the same name",
    "database_schema": "Schema that `operator stacks up` makes in that database",
    "pool_bucket": "The pool's bucket, where its first objects stay",
    "pool_prefix": "Its prefix in the pool's bucket",
    "role_arn": "Identity of its software",
    "settings_key": "ARN of the key that seals its secret parameters",
    "settings_path": "Path of its parameters",
    "size": "Its size: starter, standard, plus, premium",
    "url": "Where people find it",
}


def program() -> None:
    given = read(SaasTenantInputs)
    account, region = aws.get_caller_identity().account_id, aws.config.region or ""
    own = given.isolation != "pool"
    bound_everything(given.upstream.boundary_arn)
    up, size, schema = given.upstream, size_for(given.people), names.database(*given.ids)
    host = f"{given.host}.{up.domain}"

    identity = TenantIdentity(
        "identity",
        TenantIdentityArgs(*given.ids, account, region, up.bucket, up.key_arn, "" if own else up.pool_role_arn),
    )
    place = _place(given, region)
    target = _target(given, place) if own else None
    rule = HostRule(
        "host",
        HostRuleArgs(
            host=host,
            listener_arn=place.listener_arn,
            target_arn=target.arn if target else up.pool_target_arn,
            zone_id=up.zone_id,
            balancer_dns=place.balancer_dns,
            balancer_zone=place.balancer_zone,
        ),
        place.name,
    )
    login = TenantLogin("login", TenantLoginArgs(given.customer, given.site, host, up.user_pool_id, identity.role_arn))
    TenantWatch("watch", TenantWatchArgs(*given.ids, up.alarms_topic))
    Budget(
        "budget", BudgetArgs(names.role(*given.ids), given.budget_usd, given.email, f"{given.customer}/{given.site}")
    )
    values: dict[str, pulumi.Input[str]] = {
        "schema": schema,
        "storage-prefix": identity.prefix,
        "storage-bucket": up.bucket,
        "database-address": up.database_address,
        "sign-in-client": login.client_id,
    }
    path, master_secret = f"/dure/{'/'.join(given.ids)}", pulumi.Output.from_input(up.database_master_secret)
    if target:
        parts = _own(given, account, region, place, identity, path, target, rule.rule)
        values |= {"storage-bucket": parts.bucket, "database-address": parts.database_address}
        master_secret = parts.database_master_secret
    Settings("settings", SettingsArgs(path, values))
    exported: dict[str, pulumi.Input[str]] = {
        "bucket": values["storage-bucket"],
        "database_address": values["database-address"],
        "database_master_secret": master_secret,
        "database_role": schema,
        "database_schema": schema,
        "pool_bucket": up.bucket,
        "pool_prefix": identity.prefix,
        "role_arn": identity.role_arn,
        "settings_key": up.key_arn,
        "settings_path": path,
        "size": size.tier,
        "url": rule.url,
    }
    export(OUTPUTS, exported)


def _place(given: SaasTenantInputs, region: str) -> Place:
    if given.isolation != "silo":
        return shared(given.upstream)
    cidr = addressing.block(given.network_index, given.network_pool, given.avoid)
    return Silo("silo", SiloArgs(given.ids, cidr, region, given.upstream, given.deletion_protection)).place


def _target(given: SaasTenantInputs, place: Place) -> Target:
    """Named after its place, like all that belongs to a network."""
    return Target(
        f"target-{place.name}",
        TargetArgs(names.target_group(*given.ids, place.name), place.vpc_id, given.port),
    )


def _own(
    given: SaasTenantInputs,
    account: str,
    region: str,
    place: Place,
    identity: TenantIdentity,
    path: str,
    target: Target,
    rule: pulumi.Resource,
) -> TenantParts:
    size = size_for(given.people)
    parts = TenantParts(
        "own",
        TenantPartsArgs(
            *given.ids,
            account,
            region,
            size if given.database_zones == "by-size" else replace(size, multi_az=False),
            given.image,
            given.port,
            place,
            identity.role_arn,
            path,
            given.deletion_protection,
        ),
        target,
        rule,
    )
    policy = pulumi.Output.all(parts.bucket, parts.key_arn, parts.secret_arn).apply(
        lambda known: own_parts(known[0], known[1:])
    )
    identity.allow("parts", policy)
    return parts
