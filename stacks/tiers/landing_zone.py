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
from iaas.boundary import Boundary, BoundaryArgs
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
from iaas.outputs import export
from iaas.security_group import SecurityGroup, SecurityGroupArgs
from iaas.size import size_for
from iaas.tenant_pool import TenantPool, TenantPoolArgs
from iaas.vpn_gateway import VpnGateway, VpnGatewayArgs
from iaas.wireguard_hub import WireguardHub, WireguardHubArgs
from pydantic import Field

ALARMS = ("cloudwatch.amazonaws.com",)


class LandingZoneInputs(Inputs):
    msp: str = Field(description="Id of the MSP")
    environment: str = Field(
        default="production", description="Names keys and shared parts; an account and a stack each"
    )
    domain: str = Field(description="Zone below which customers' hosts are, such as `apps.hanbit-it.example`")
    email: str = Field(description="The cloud team: budgets, alarms, addresses of accounts")
    budget_usd: int = Field(description="What the account may cost a month, USD")
    ci: Literal["github", "gitlab"] = Field(default="github", description="Whose tokens the CI role trusts")
    repository: str = Field(description="The workspace's repository, `owner/name`")
    branch: str = Field(default="main", description="The one branch whose jobs may change anything")
    organization_root: str = Field(default="", description="Root of an existing organization; empty: it is made")
    network_index: int = Field(default=0, description="Which block of the pool; allocated once, never changed")
    network_pool: str = Field(default=addressing.POOL, description="CIDR of which each network takes a /20")
    avoid: tuple[str, ...] = Field(
        default=(addressing.OVERLAY_POOL,), description="CIDRs that no network may meet: the overlay pool"
    )
    nat: bool = Field(default=False, description="One NAT gateway; without it containers have public addresses")
    vpn_gateway: bool = Field(default=False, description="A gateway at the shared network for sites with `vpn: aws`")
    people: int = Field(default=30, description="People of all pool tenants; sizes the shared database")
    pool_port: int = Field(default=8080, description="Port of the shared service's containers")
    hub_ports: tuple[int, ...] = Field(default=(51820, 443), description="UDP ports of the WireGuard hub")
    hub_ssh_from: tuple[str, ...] = Field(default=(), description="CIDRs of the MSP's offices")
    hub_ssh_keys: tuple[str, ...] = Field(description="Public keys of the first engineers")
    deletion_protection: bool = Field(default=True, description="AWS refuses to delete data; off before a destroy")

    @property
    def ids(self) -> tuple[str, str]:
        return self.msp, self.environment


Outputs = dict[str, pulumi.Input[str]]
OUTPUTS = {
    "account": "Number of the AWS account",
    "alarms_topic": "ARN of the topic that mails the MSP",
    "audit_bucket": "Where CloudTrail and Config write",
    "auditor_role": "ARN of the role that reads everything but customers' content",
    "balancer_dns": "The shared load balancer's name",
    "balancer_group": "Its security group",
    "balancer_zone": "The hosted zone of that name, AWS's own",
    "boundary_arn": "Permissions boundary of tenants' and boxes' identities: CI makes none without it",
    "bucket": "The pool's bucket",
    "certificate_arn": "Certificate for `*.domain`",
    "ci_role": "ARN of the role that CI takes with its token to apply",
    "cluster_arn": "The shared ECS cluster",
    "customers_unit": "The organizational unit for customers' accounts",
    "database_address": "The shared PostgreSQL",
    "database_group": "Its security group",
    "database_identifier": "Its name at AWS",
    "database_master_secret": "ARN of the secret in which AWS keeps its master password",
    "domain": "Zone below which hosts are",
    "engineer_role": "ARN of the role that engineers take",
    "hub_address": "The WireGuard hub's address, which stays",
    "key_arn": "The environment's key",
    "listener_arn": "The shared load balancer's TLS listener",
    "name_servers": "What the registrar must name, joined by commas",
    "network_cidr": "CIDR of the shared network",
    "pool_role_arn": "Identity of the shared service",
    "pool_target_arn": "Where the shared service answers",
    "preview_role": "ARN of the role that CI takes to preview and to look for drift; it only reads",
    "private_subnet_a": "Private subnet in the first zone",
    "private_subnet_c": "Private subnet in the second zone",
    "sandbox_boundary_arn": "The narrower one of sandboxes' identities",
    "services_group": "Security group of the shared services' containers",
    "task_subnet_a": "Where containers run, first zone",
    "task_subnet_c": "Where containers run, second zone",
    "tasks_public": "`true` when containers have public addresses",
    "user_pool_id": "The Cognito user pool",
    "vpc_id": "The shared network",
    "vpn_gateway": "Its VPN gateway; empty: it has none",
    "zone_id": "The DNS zone's id",
}


def program() -> None:
    given = read(LandingZoneInputs)
    account, region = aws.get_caller_identity().account_id, aws.config.region or ""
    cidr = addressing.block(given.network_index, given.network_pool, given.avoid)
    key = EncryptionKey(
        "key", EncryptionKeyArgs("/".join(("dure", *given.ids)), f"All data of {given.environment}", account, ALARMS)
    )
    network = Network("network", NetworkArgs(cidr, region, given.nat))
    boundary = Boundary("boundary", BoundaryArgs(given.msp, account))
    reached, hub = _reach(given, network)
    outputs: Outputs = {
        "account": account,
        "boundary_arn": boundary.workload_arn,
        "key_arn": key.arn,
        "sandbox_boundary_arn": boundary.sandbox_arn,
        **_guard(given, account, key),
        **reached,
        **_run(given, network, key, hub, _pool(given, account, network, key, boundary)),
    }
    export(OUTPUTS, outputs)


def _guard(given: LandingZoneInputs, account: str, key: EncryptionKey) -> Outputs:
    """What watches the account and who may do what in it."""
    organization = Organization("organization", OrganizationArgs(given.msp, given.email, given.organization_root))
    AccountGuard("account", AccountGuardArgs(account))
    trail = AuditTrail("audit", AuditTrailArgs(given.msp, account))
    roles = AccessRoles("access", AccessRolesArgs(given.msp, account, given.ci, given.repository, given.branch))
    Budget("budget", BudgetArgs(names.role(*given.ids), given.budget_usd, given.email))
    notices = Notices("notices", NoticesArgs(names.role(*given.ids, "alarms"), given.email, key.arn))
    BackupPlan("backup", BackupPlanArgs(*given.ids, key.arn))
    return {
        "alarms_topic": notices.topic_arn,
        "audit_bucket": trail.bucket,
        "auditor_role": roles.auditor_role,
        "ci_role": roles.ci_role,
        "customers_unit": organization.customers_unit,
        "engineer_role": roles.engineer_role,
        "preview_role": roles.preview_role,
    }


def _reach(given: LandingZoneInputs, network: Network) -> tuple[Outputs, WireguardHub]:
    """The ways in: names, the load balancer, the hub."""
    zone = DnsZone("zone", DnsZoneArgs(given.domain))
    balancer = LoadBalancer(
        "balancer",
        LoadBalancerArgs(
            names.target_group(*given.ids),
            network.vpc_id,
            network.public,
            zone.certificate_arn,
            given.deletion_protection,
        ),
    )
    hub = WireguardHub(
        "hub",
        WireguardHubArgs(network.vpc_id, network.public_a, given.hub_ports, given.hub_ssh_from, given.hub_ssh_keys),
    )
    outputs: Outputs = {
        "balancer_dns": balancer.dns_name,
        "balancer_group": balancer.group,
        "balancer_zone": balancer.dns_zone,
        "certificate_arn": zone.certificate_arn,
        "domain": zone.domain,
        "hub_address": hub.address,
        "listener_arn": balancer.listener_arn,
        "name_servers": zone.name_servers.apply(",".join),
        "network_cidr": network.cidr,
        "vpn_gateway": _vpn_gateway(network) if given.vpn_gateway else "",
        "zone_id": zone.zone_id,
    }
    return outputs, hub


def _vpn_gateway(network: Network) -> pulumi.Input[str]:
    tables = {"public": network.public_routes, "private": network.private_routes}
    return VpnGateway("vpn", VpnGatewayArgs(network.vpc_id, tables)).id


def _pool(
    given: LandingZoneInputs, account: str, network: Network, key: EncryptionKey, boundary: Boundary
) -> TenantPool:
    return TenantPool(
        "pool",
        TenantPoolArgs(
            *given.ids,
            account,
            network.vpc_id,
            key.arn,
            given.pool_port,
            boundary.workload_arn,
            given.deletion_protection,
        ),
    )


def _run(
    given: LandingZoneInputs, network: Network, key: EncryptionKey, hub: WireguardHub, pool: TenantPool
) -> Outputs:
    """Where software runs and data lies."""
    cluster = Cluster("cluster", ClusterArgs(names.role(*given.ids)))
    services = SecurityGroup("services", SecurityGroupArgs(network.vpc_id, "Shared services' containers", {}))
    database = Database(
        "database",
        DatabaseArgs(
            identifier=names.name(50, *given.ids),
            vpc_id=network.vpc_id,
            subnets=network.private,
            key_arn=key.arn,
            size=size_for(given.people),
            clients={"services": services.id, "hub": hub.group},  # the hub: for who makes tenants' databases
            deletion_protection=given.deletion_protection,
        ),
    )
    return {
        "bucket": pool.bucket,
        "cluster_arn": cluster.arn,
        "database_address": database.address,
        "database_group": database.group,
        "database_identifier": database.identifier,
        "database_master_secret": database.master_secret,
        "pool_role_arn": pool.role_arn,
        "pool_target_arn": pool.target_arn,
        "private_subnet_a": network.private_a,
        "private_subnet_c": network.private_c,
        "services_group": services.id,
        "task_subnet_a": network.task_subnets[0],
        "task_subnet_c": network.task_subnets[1],
        "tasks_public": "false" if given.nat else "true",
        "user_pool_id": pool.user_pool_id,
        "vpc_id": network.vpc_id,
    }
