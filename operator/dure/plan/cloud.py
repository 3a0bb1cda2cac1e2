"""One pure function a stack program: the workspace's files -> the program's inputs, and the tags of all stacks."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from pydantic import JsonValue

from dure.errors import UsageError
from dure.model.blueprint import Blueprint
from dure.model.cloud_keys import host_of
from dure.model.customer import Customer, Site
from dure.model.msp import LandingZone, Operator
from dure.model.workspace import LANDING_ZONE
from dure.plan.value import CloudPlan

SHARED = "shared"
"""The tier of what belongs to no single customer."""


@dataclass(frozen=True, slots=True)
class CloudFacts:
    """One customer's site as its program needs it."""

    operator: Operator
    customer: Customer
    site: Site
    parameters: Mapping[str, JsonValue]
    overlay: str = ""
    """Its /24; empty where the site has no machine."""


def site_cloud(blueprint: Blueprint, facts: CloudFacts) -> CloudPlan | None:
    """The stack of a customer's site; None where the blueprint has no cloud part."""
    operator, customer, site = facts.operator, facts.customer, facts.site
    if blueprint.cloud is None:
        return None
    inputs_of = PROGRAMS.get(blueprint.cloud.program)
    if inputs_of is None:
        raise UsageError(
            f'blueprint "{blueprint.id}" names the program "{blueprint.cloud.program}"',
            why="the plan knows no inputs for it",
            mend=f"correct blueprints/{blueprint.id}/blueprint.yaml",
        )
    return CloudPlan(
        program=blueprint.cloud.program,
        stack=f"{customer.id}.{site.id}",
        region=operator.aws.region,
        inputs=inputs_of(facts),
        tags={
            "dure:msp": operator.msp.id,
            "dure:customer": customer.id,
            "dure:site": f"{customer.id}/{site.id}",
            "dure:blueprint": blueprint.id,
            "dure:tier": site.tier,
            "dure:owner": operator.msp.email,
            "dure:cost-centre": customer.cost_centre or customer.id,
        },
        takes_outputs_of=blueprint.cloud.builds_on(facts.parameters),
        bounded_by=blueprint.cloud.bounded_by if operator.landing_zone else "",
    )


def landing_zone_cloud(blueprint: Blueprint, operator: Operator) -> CloudPlan:
    """The MSP's own stack. Raises UsageError where operator.yaml has none."""
    zone = operator.landing_zone
    if zone is None or blueprint.cloud is None:
        raise UsageError(
            "this workspace has no landing zone",
            where="operator.yaml",
            why="it has no section `landing_zone:`",
            mend="add it with `domain:` and `repository:`; docs/workspace.md lists its keys",
        )
    return CloudPlan(
        program=blueprint.cloud.program,
        stack=LANDING_ZONE,
        region=operator.aws.region,
        inputs=_landing_zone(operator, zone),
        tags={
            "dure:msp": operator.msp.id,
            "dure:customer": operator.msp.id,
            "dure:site": LANDING_ZONE,
            "dure:blueprint": blueprint.id,
            "dure:tier": SHARED,
            "dure:owner": operator.msp.email,
            "dure:cost-centre": operator.msp.id,
        },
    )


def _landing_zone(operator: Operator, zone: LandingZone) -> dict[str, JsonValue]:
    own: dict[str, JsonValue] = zone.model_dump(mode="json", exclude=set(zone.expected()))
    ports: list[JsonValue] = list(operator.hub.ports)
    keys: list[JsonValue] = [key for one in sorted(operator.engineers, key=lambda one: one.id) for key in one.ssh_keys]
    return {
        **own,
        "msp": operator.msp.id,
        "email": zone.email or operator.msp.email,
        "avoid": [operator.overlay_pool],
        "hub_ports": ports,
        "hub_ssh_keys": keys,
    }


def hybrid_site(facts: CloudFacts) -> dict[str, JsonValue]:
    given = facts.parameters
    inputs: dict[str, JsonValue] = {
        "msp": facts.operator.msp.id,
        "customer": facts.customer.id,
        "site": facts.site.id,
        "lock_days": given["backup_lock_days"],
    }
    if given["vpn"] == "aws":
        inputs |= {"vpn": "aws", "vpn_address": given["vpn_address"]}
        inputs |= {"overlay": facts.overlay, "overlay_pool": facts.operator.overlay_pool}
    return inputs


def saas_tenant(facts: CloudFacts) -> dict[str, JsonValue]:
    given = facts.parameters
    inputs = {
        **_tenant(facts),
        "people": facts.customer.people,
        **{key: given[key] for key in ("isolation", "image", "database_zones", "deletion_protection")},
    }
    operator, zone = facts.operator, facts.operator.landing_zone
    if given["isolation"] == "silo" and zone is not None:
        inputs |= {"network_index": given["network_index"], "network_pool": zone.network_pool}
        inputs |= {"avoid": [operator.overlay_pool]}
    return inputs


def paas_sandbox(facts: CloudFacts) -> dict[str, JsonValue]:
    return {**_tenant(facts), **{key: facts.parameters[key] for key in ("source", "expires", "image")}}


def _tenant(facts: CloudFacts) -> dict[str, JsonValue]:
    """What everybody has who lives below the landing zone's domain."""
    operator, given = facts.operator, facts.parameters
    zone = operator.landing_zone
    return {
        "msp": operator.msp.id,
        "customer": facts.customer.id,
        "site": facts.site.id,
        "host": host_of(facts.customer.id, facts.site.id, given),
        "email": (zone.email if zone else None) or operator.msp.email,
        "budget_usd": given["budget_usd"],
        "port": given["port"],
    }


PROGRAMS: dict[str, Callable[[CloudFacts], dict[str, JsonValue]]] = {
    "hybrid_site": hybrid_site,
    "saas_tenant": saas_tenant,
    "paas_sandbox": paas_sandbox,
}
