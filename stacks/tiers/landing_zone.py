"""The MSP's own account: what all stacks of an environment share, and what guards the account.

Outputs are plain text, so that another stack takes them as they are (`dure:inputs.upstream`).
"""

from typing import Literal

import pulumi
import pulumi_aws as aws
from iaas import addressing, names
from iaas.access_roles import AccessRoles, AccessRolesArgs
from iaas.account_guard import AccountGuard, AccountGuardArgs
from iaas.audit_trail import AuditTrail, AuditTrailArgs
from iaas.backup_plan import BackupPlan, BackupPlanArgs
from iaas.budget import Budget, BudgetArgs
from iaas.cluster import Cluster, ClusterArgs
from iaas.database import Database, DatabaseArgs
from iaas.dns_zone import DnsZone, DnsZoneArgs
from iaas.encryption_key import EncryptionKey, EncryptionKeyArgs
from iaas.inputs import Inputs, read
from iaas.load_balancer import LoadBalancer, LoadBalancerArgs
from iaas.network import Network, NetworkArgs
from iaas.notices import Notices, NoticesArgs
from iaas.organization import Organization, OrganizationArgs
from iaas.security_group import SecurityGroup, SecurityGroupArgs
from iaas.size import size_for
from iaas.tenant_pool import TenantPool, TenantPoolArgs
from iaas.wireguard_hub import WireguardHub, WireguardHubArgs
from pydantic import Field

ALARMS = ("cloudwatch.amazonaws.com",)


class LandingZoneInputs(Inputs):
    msp: str = Field(description="Id of the MSP")
    environment: str = Field(default="production", description="Names keys and shared parts; one stack each")
    domain: str = Field(description="Zone below which customers' hosts are, such as `apps.hanbit-it.example`")
    email: str = Field(description="The cloud team: budgets, alarms, addresses of accounts")
    budget_usd: int = Field(description="What the account may cost a month, USD")
    ci: Literal["github", "gitlab"] = Field(default="github", description="Whose tokens the CI role trusts")
    repository: str = Field(description="The workspace's repository, `owner/name`")
    branch: str = Field(default="main", description="The one branch whose jobs may change anything")
    organization_root: str = Field(default="", description="Root of an existing organization; empty: it is made")
    network_index: int = Field(default=0, description="Which block of the pool; allocated once, never changed")
    network_pool: str = Field(default=addressing.POOL, description="CIDR of which each network takes a /20")
    avoid: tuple[str, ...] = Field(default=(), description="CIDRs that no network may meet: customers' LANs")
    nat: bool = Field(default=False, description="One NAT gateway; without it containers have public addresses")
    people: int = Field(default=30, description="People of all pool tenants; sizes the shared database")
    pool_port: int = Field(default=8080, description="Port of the shared service's containers")
    hub_ports: tuple[int, ...] = Field(default=(51820, 443), description="UDP ports of the WireGuard hub")
    hub_ssh_from: tuple[str, ...] = Field(default=(), description="CIDRs of the MSP's offices")
    hub_ssh_keys: tuple[str, ...] = Field(description="Public keys of the first engineers")
    deletion_protection: bool = Field(default=True, description="AWS refuses to delete data; off before a destroy")


def program() -> None:
    given = read(LandingZoneInputs)
    account = aws.get_caller_identity().account_id
    region = aws.config.region or ""
    ids = (given.msp, given.environment)
    cidr = addressing.block(given.network_index, given.network_pool, given.avoid)

    organization = Organization("organization", OrganizationArgs(given.msp, given.email, given.organization_root))
    AccountGuard("account", AccountGuardArgs(account))
    trail = AuditTrail("audit", AuditTrailArgs(given.msp, account))
    roles = AccessRoles("access", AccessRolesArgs(given.msp, account, given.ci, given.repository, given.branch))
    Budget("budget", BudgetArgs(names.role(*ids), given.budget_usd, given.email))
    key = EncryptionKey(
        "key", EncryptionKeyArgs("/".join(("dure", *ids)), f"All data of {given.environment}", account, ALARMS)
    )
    notices = Notices("notices", NoticesArgs(names.role(*ids, "alarms"), given.email, key.arn))
    BackupPlan("backup", BackupPlanArgs(*ids, key.arn))

    network = Network("network", NetworkArgs(cidr, region, given.nat))
    zone = DnsZone("zone", DnsZoneArgs(given.domain))
    balancer = LoadBalancer(
        "balancer",
        LoadBalancerArgs(
            names.target_group(*ids), network.vpc_id, network.public, zone.certificate_arn, given.deletion_protection
        ),
    )
    cluster = Cluster("cluster", ClusterArgs(names.role(*ids)))
    pool = TenantPool(
        "pool", TenantPoolArgs(*ids, account, network.vpc_id, key.arn, given.pool_port, given.deletion_protection)
    )
    services = SecurityGroup("services", SecurityGroupArgs(network.vpc_id, "Shared services' containers", {}))
    database = Database(
        "database",
        DatabaseArgs(
            identifier=names.name(50, *ids),
            vpc_id=network.vpc_id,
            subnets=network.private,
            key_arn=key.arn,
            size=size_for(given.people),
            clients={"services": services.id},
            deletion_protection=given.deletion_protection,
        ),
    )
    hub = WireguardHub(
        "hub",
        WireguardHubArgs(network.vpc_id, network.public_a, given.hub_ports, given.hub_ssh_from, given.hub_ssh_keys),
    )

    outputs: dict[str, pulumi.Input[str]] = {
        "account": account,
        "alarms_topic": notices.topic_arn,
        "audit_bucket": trail.bucket,
        "balancer_dns": balancer.dns_name,
        "balancer_group": balancer.group,
        "balancer_zone": balancer.dns_zone,
        "bucket": pool.bucket,
        "certificate_arn": zone.certificate_arn,
        "ci_role": roles.ci_role,
        "cluster_arn": cluster.arn,
        "customers_unit": organization.customers_unit,
        "database_address": database.address,
        "database_group": database.group,
        "database_identifier": database.identifier,
        "database_master_secret": database.master_secret,
        "domain": zone.domain,
        "engineer_role": roles.engineer_role,
        "hub_address": hub.address,
        "key_arn": key.arn,
        "listener_arn": balancer.listener_arn,
        "name_servers": zone.name_servers.apply(",".join),
        "pool_role_arn": pool.role_arn,
        "pool_target_arn": pool.target_arn,
        "services_group": services.id,
        "task_subnet_a": network.task_subnets[0],
        "task_subnet_c": network.task_subnets[1],
        "tasks_public": "false" if given.nat else "true",
        "user_pool_id": pool.user_pool_id,
        "private_subnet_a": network.private_a,
        "private_subnet_c": network.private_c,
        "vpc_id": network.vpc_id,
        "zone_id": zone.zone_id,
    }
    for name, value in outputs.items():
        pulumi.export(name, value)
