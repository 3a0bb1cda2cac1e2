"""One pure function a role: facts of the site -> the role's variables and the names of its secrets.

Each variable carries its role's prefix and stands in the role's meta/argument_specs.yml with the same type.
"""

from collections.abc import Callable

from pydantic import JsonValue

from dure.model.msp import Operator
from dure.plan.facts import HEARTBEAT_PORT, HubFacts, SiteFacts
from dure.plan.value import PortRule, RolePlan

# Dumps are kept and saved by the backup role itself; /etc holds keys that never leave the box.
BACKUP_PATHS = ["/srv/shares"]
# Public resolvers of KT and Cloudflare: something that answers when neither the hub nor the vault does.
INTERNET_PROBES = ["168.126.63.1:53", "1.1.1.1:53"]
SHARES_ROOT = "/srv/shares"
# By role `strongswan`: one for each tunnel in the kernel, or one for both where strongSwan encrypts by itself.
VPN_INTERFACES = ("vpn1", "vpn2", "ipsec0")


def base(facts: SiteFacts | HubFacts) -> RolePlan:
    hostname = facts.site.id if isinstance(facts, SiteFacts) else "hub"
    variables: dict[str, JsonValue] = {
        "base_hostname": hostname,
        "base_timezone": facts.operator.timezone,
        "base_locales": ["ko_KR.UTF-8", "en_US.UTF-8"],
        "base_locale": "ko_KR.UTF-8",
    }
    return RolePlan(name="base", variables=variables)


def accounts(facts: SiteFacts | HubFacts) -> RolePlan:
    people: list[JsonValue] = [
        {"id": one.id, "name": one.name, "ssh_keys": list(one.ssh_keys)}
        for one in sorted(facts.operator.engineers, key=lambda one: one.id)
    ]
    return RolePlan(name="accounts", variables={"accounts_engineers": people})


def ssh(facts: SiteFacts | HubFacts) -> RolePlan:
    users: list[JsonValue] = sorted(one.id for one in facts.operator.engineers)  # type: ignore[assignment]  # list is invariant
    variables: dict[str, JsonValue] = {
        "ssh_port": 22,
        "ssh_allow_users": users,
        # Engineers reach boxes through the hub (direct-tcpip); a box forwards nothing.
        "ssh_allow_tcp_forwarding": isinstance(facts, HubFacts),
    }
    return RolePlan(name="ssh", variables=variables)


def _ports(ports: tuple[PortRule, ...]) -> list[JsonValue]:
    return [rule.model_dump(mode="json") for rule in ports]


def firewall(facts: SiteFacts | HubFacts) -> RolePlan:
    variables: dict[str, JsonValue]
    if isinstance(facts, HubFacts):
        variables = {
            "firewall_topology": "hub",
            "firewall_uplink": facts.operator.hub.interface,
            "firewall_lan_interface": "",
            "firewall_lan_cidr": "",
            "firewall_overlay_interface": "wg0",
            "firewall_overlay_pool": facts.operator.overlay_pool,
            "firewall_ports": _ports(facts.ports),
        }
        return RolePlan(name="firewall", variables=variables)
    site = facts.site
    variables = {
        "firewall_topology": site.topology,
        "firewall_uplink": site.interfaces.uplink,
        # Beside a router the LAN is what the uplink is plugged into.
        "firewall_lan_interface": site.interfaces.lan or site.interfaces.uplink,
        "firewall_lan_cidr": facts.lan.cidr,
        "firewall_overlay_interface": "wg0",
        "firewall_overlay_pool": facts.operator.overlay_pool,
        "firewall_ports": _ports(facts.ports),
    }
    if facts.parameters.get("vpn") == "aws":
        variables["firewall_vpn_interfaces"] = list(VPN_INTERFACES)
    return RolePlan(name="firewall", variables=variables)


def _endpoints(operator: Operator) -> list[JsonValue]:
    return [f"{operator.hub.address}:{port}" for port in operator.hub.ports]


def wireguard(facts: SiteFacts) -> RolePlan:
    variables: dict[str, JsonValue] = {
        "wireguard_topology": facts.site.topology,
        "wireguard_address": facts.overlay.address,
        "wireguard_overlay_cidr": facts.overlay_lan,
        "wireguard_lan_cidr": facts.lan.cidr,
        "wireguard_lan_address": facts.lan.address,
        "wireguard_lan_interface": facts.site.interfaces.lan or facts.site.interfaces.uplink,
        "wireguard_hub_endpoints": _endpoints(facts.operator),
        "wireguard_hub_overlay": facts.hub_address,
        "wireguard_overlay_pool": facts.operator.overlay_pool,
    }
    return RolePlan(name="wireguard", variables=variables)


def strongswan(facts: SiteFacts) -> RolePlan:
    variables: dict[str, JsonValue] = {
        "strongswan_site_address": facts.parameters["vpn_address"],
        "strongswan_overlay_cidr": facts.overlay.cidr,
        "strongswan_overlay_address": facts.overlay.address,
        "strongswan_overlay_lan": facts.overlay_lan,
        "strongswan_lan_cidr": facts.lan.cidr,
        "strongswan_uplink": facts.site.interfaces.uplink,
    }
    return RolePlan(
        name="strongswan",
        variables=variables,
        secrets={"vpn_key_1": "output:vpn_key_1", "vpn_key_2": "output:vpn_key_2"},
        outputs={
            "strongswan_peer_1": "vpn_address_1",
            "strongswan_peer_2": "vpn_address_2",
            "strongswan_network": "vpn_network",
        },
    )


def lan(facts: SiteFacts) -> RolePlan:
    site = facts.site
    dhcp = facts.lan.dhcp
    variables: dict[str, JsonValue] = {
        "lan_interface": site.interfaces.lan or site.interfaces.uplink,
        "lan_cidr": facts.lan.cidr,
        "lan_address": facts.lan.address,
        "lan_dhcp_from": dhcp.from_ if dhcp else "",
        "lan_dhcp_to": dhcp.to if dhcp else "",
        "lan_domain": "lan",
        "lan_names": {"box.lan": facts.lan.address},
    }
    return RolePlan(name="lan", variables=variables)


def password_reference(customer: str, user: str, chosen: str | None) -> str:
    """Where the SMB password of a user lies."""
    return chosen or f"{customer}/users/{user}/smb_password"


def file_share(facts: SiteFacts) -> RolePlan:
    shares = facts.parameters.get("shares")
    listed: list[JsonValue] = list(shares) if isinstance(shares, list) else []
    people = sorted(facts.customer.users, key=lambda one: one.id)
    users: list[JsonValue] = [
        {"id": one.id, "name": one.name, "groups": list(one.groups), "password_file": f"smb_{one.id}"} for one in people
    ]
    variables: dict[str, JsonValue] = {
        "file_share_root": SHARES_ROOT,
        "file_share_shares": listed,
        "file_share_users": users,
        "file_share_recycle_days": facts.parameters["recycle_days"],
        "file_share_lan_interface": facts.site.interfaces.lan or facts.site.interfaces.uplink,
        "file_share_lan_cidr": facts.lan.cidr,
    }
    secrets = {
        f"smb_{one.id}": f"secret:{password_reference(facts.customer.id, one.id, one.password_secret)}"
        for one in people
    }
    return RolePlan(name="file_share", variables=variables, secrets=secrets)


def backup(facts: SiteFacts) -> RolePlan:
    variables: dict[str, JsonValue] = {
        "backup_region": facts.operator.aws.region,
        "backup_host": facts.site.id,
        "backup_time": facts.parameters["backup_time"],
        "backup_upload_limit_kib": facts.parameters["backup_upload_limit_kib"],
        "backup_paths": list(BACKUP_PATHS),
    }
    secrets = {
        "restic_password": f"secret:{facts.site_id}/restic_password",
        "aws_access_key_id": "output:access_key_id",
        "aws_secret_access_key": "output:secret_access_key",
    }
    return RolePlan(name="backup", variables=variables, secrets=secrets, outputs={"backup_bucket": "bucket"})


def restore_drill(facts: SiteFacts) -> RolePlan:
    variables: dict[str, JsonValue] = {
        "restore_drill_calendar": "Sun *-*-* 04:00:00",
        "restore_drill_jitter_seconds": 3600,
        "restore_drill_deadline_seconds": 7200,
    }
    return RolePlan(name="restore_drill", variables=variables)


def heartbeat(facts: SiteFacts) -> RolePlan:
    variables: dict[str, JsonValue] = {
        "heartbeat_site": facts.site_id,
        "heartbeat_url": f"http://{facts.hub_address}:{HEARTBEAT_PORT}/",
        "heartbeat_interval_seconds": 60,
    }
    return RolePlan(name="heartbeat", variables=variables)


def box_page(facts: SiteFacts) -> RolePlan:
    phone = facts.parameters.get("contact_phone") or facts.operator.msp.phone
    variables: dict[str, JsonValue] = {
        "box_page_customer_name": facts.customer.name,
        "box_page_customer_name_en": facts.customer.name_en or facts.customer.name,
        "box_page_site_name": facts.site.name,
        "box_page_msp_name": facts.operator.msp.name,
        "box_page_msp_name_en": facts.operator.msp.name_en or facts.operator.msp.name,
        "box_page_phone": phone,
        "box_page_address": facts.lan.address,
        "box_page_url": "http://box.lan" if facts.site.topology == "gateway" else f"http://{facts.lan.address}",
        "box_page_language": "ko",
        "box_page_internet_probes": [f"{facts.operator.hub.address}:22", *INTERNET_PROBES],
        "box_page_recycle_days": facts.parameters["recycle_days"],
    }
    return RolePlan(name="box_page", variables=variables)


def hub(facts: HubFacts) -> RolePlan:
    ports: list[JsonValue] = list(facts.operator.hub.ports)
    variables: dict[str, JsonValue] = {
        "hub_address": facts.hub_address,
        "hub_cidr": facts.hub_cidr,
        "hub_overlay_pool": facts.operator.overlay_pool,
        "hub_ports": ports,
        "hub_uplink": facts.operator.hub.interface,
    }
    return RolePlan(name="hub", variables=variables)


def heartbeat_receiver(facts: HubFacts) -> RolePlan:
    variables: dict[str, JsonValue] = {
        "heartbeat_receiver_address": facts.hub_address,
        "heartbeat_receiver_port": HEARTBEAT_PORT,
    }
    return RolePlan(name="heartbeat_receiver", variables=variables)


ANY_ROLES: dict[str, Callable[[SiteFacts | HubFacts], RolePlan]] = {
    "base": base,
    "accounts": accounts,
    "ssh": ssh,
    "firewall": firewall,
}
SITE_ROLES: dict[str, Callable[[SiteFacts], RolePlan]] = {
    **ANY_ROLES,
    "wireguard": wireguard,
    "strongswan": strongswan,
    "lan": lan,
    "file_share": file_share,
    "backup": backup,
    "restore_drill": restore_drill,
    "heartbeat": heartbeat,
    "box_page": box_page,
}
HUB_ROLES: dict[str, Callable[[HubFacts], RolePlan]] = {
    **ANY_ROLES,
    "hub": hub,
    "heartbeat_receiver": heartbeat_receiver,
}
