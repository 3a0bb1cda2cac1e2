"""A site's files and its blueprint -> Plan. Pure and deterministic: the same input gives the same bytes."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from pydantic import JsonValue

from dure.errors import UsageError
from dure.model.allocations import hub_overlay
from dure.model.blueprint import Blueprint, has
from dure.model.blueprints import (
    HUB_BLUEPRINT,
    LANDING_ZONE_BLUEPRINT,
    OWN_BLUEPRINTS,
    known_blueprints,
    load_blueprint,
    parameter_problems,
    parameters_of,
    unknown_blueprint,
)
from dure.model.customer import Customer, Lan, Site
from dure.model.document import Document
from dure.model.problem import WorkspaceInvalid
from dure.model.workspace import HUB, LANDING_ZONE, SiteFiles
from dure.plan.cloud import CloudFacts, landing_zone_cloud, site_cloud
from dure.plan.facts import HubFacts, SiteFacts
from dure.plan.overlay import hub_address, mapped_network, overlay_of
from dure.plan.roles import HUB_ROLES, SITE_ROLES
from dure.plan.value import (
    CheckPlan,
    CloudPlan,
    MachinePlan,
    ObjectivePlan,
    Overlay,
    Plan,
    PortRule,
    VerificationPlan,
)


def resolve(files: SiteFiles, toolkit: Path) -> Plan:
    """Everything that will happen to the site. Raises UsageError or WorkspaceInvalid; writes nothing."""
    files = replace(files, operator=files.operator.on(files.day))
    if not files.operator.engineers:
        raise UsageError(
            "nobody could reach the machine",
            where="operator.yaml",
            why=f"it names no engineers who work here on {files.day}, and every other way in is closed",
            mend="add yourself with your SSH public key under `engineers:`",
        )
    if files.own == LANDING_ZONE:
        return _resolve_landing_zone(files, load_blueprint(toolkit, LANDING_ZONE_BLUEPRINT))
    if files.site is None or files.customer is None:
        return _resolve_hub(files, load_blueprint(toolkit, HUB_BLUEPRINT))
    index = files.customer.sites.index(files.site)
    document = files.document or Document(f"customers/{files.customer.id}.yaml", None, None, [])
    known = known_blueprints(toolkit)
    if files.site.blueprint not in known or files.site.blueprint in OWN_BLUEPRINTS:
        raise WorkspaceInvalid([unknown_blueprint(files.site, document, ("sites", index), known)])
    blueprint = load_blueprint(toolkit, files.site.blueprint)
    problems = parameter_problems(blueprint, files.site, document, ("sites", index, "parameters"))
    if problems:
        raise WorkspaceInvalid(problems)
    return _resolve_site(files, files.customer, files.site, blueprint)


def _resolve_site(files: SiteFiles, customer: Customer, site: Site, blueprint: Blueprint) -> Plan:
    operator, parameters = files.operator, parameters_of(blueprint, site)
    overlay = machine = None
    if site.lan is not None:
        lan = site.lan
        overlay = overlay_of(files.site_id, lan.cidr, lan.address, operator.overlay_pool, files.allocations)
        machine = _box(files, customer, site, lan, blueprint, overlay)
    facts = CloudFacts(operator, customer, site, parameters, overlay.cidr if overlay else "")
    cloud = site_cloud(blueprint, facts)
    return _plan(files.site_id, customer.id, customer.name, blueprint, overlay, cloud, machine, parameters)


def _box(
    files: SiteFiles, customer: Customer, site: Site, own: Lan, blueprint: Blueprint, overlay: Overlay
) -> MachinePlan:
    operator, parameters = files.operator, parameters_of(blueprint, site)
    facts = SiteFacts(
        operator=operator,
        customer=customer,
        site=site,
        lan=own,
        overlay=overlay,
        overlay_lan=mapped_network(own.cidr, overlay.cidr),
        hub_address=hub_address(operator.overlay_pool),
        parameters=parameters,
        ports=_ports(blueprint, site.topology, parameters),
    )
    roles = []
    for name in _role_names(blueprint, site.topology, parameters):
        if name not in SITE_ROLES:
            raise _no_role(name, blueprint)
        roles.append(SITE_ROLES[name](facts))
    interfaces = {"uplink": site.interfaces.uplink}
    if site.interfaces.lan:
        interfaces["lan"] = site.interfaces.lan
    return MachinePlan(
        hostname=site.id,
        topology=site.topology,
        lan_cidr=own.cidr,
        lan_address=own.address,
        interfaces=interfaces,
        roles=roles,
        ports=list(facts.ports),
    )


def _resolve_landing_zone(files: SiteFiles, blueprint: Blueprint) -> Plan:
    operator = files.operator
    cloud = landing_zone_cloud(blueprint, operator)
    return _plan(LANDING_ZONE, operator.msp.id, operator.msp.name, blueprint, None, cloud, None)


def _resolve_hub(files: SiteFiles, blueprint: Blueprint) -> Plan:
    operator = files.operator
    cidr, address = hub_overlay(operator.overlay_pool), hub_address(operator.overlay_pool)
    dialled = tuple(PortRule(role="hub", protocol="udp", port=port, source="any") for port in operator.hub.ports)
    facts = HubFacts(operator, cidr, address, (*_ports(blueprint, "hub", {}), *dialled))
    roles = []
    for name in _role_names(blueprint, "hub", {}):
        if name not in HUB_ROLES:
            raise _no_role(name, blueprint)
        roles.append(HUB_ROLES[name](facts))
    machine = MachinePlan(
        hostname=HUB,
        topology="hub",
        lan_cidr=cidr,
        lan_address=address,
        interfaces={"uplink": operator.hub.interface},
        roles=roles,
        ports=list(facts.ports),
    )
    return _plan(HUB, operator.msp.id, operator.msp.name, blueprint, None, None, machine)


def _plan(
    site: str,
    customer: str,
    customer_name: str,
    blueprint: Blueprint,
    overlay: Overlay | None,
    cloud: CloudPlan | None,
    machine: MachinePlan | None,
    parameters: Mapping[str, JsonValue] | None = None,
) -> Plan:
    proofs = [one for one in blueprint.verification if has(parameters or {}, one.only)]
    return Plan(
        site=site,
        customer=customer,
        customer_name=customer_name,
        blueprint=blueprint.id,
        overlay=overlay,
        cloud=cloud,
        machine=machine,
        verification=[VerificationPlan(**one.model_dump(exclude={"only"})) for one in proofs],
        checks=[CheckPlan(**one.model_dump()) for one in blueprint.checks],
        objectives=[ObjectivePlan(**one.model_dump()) for one in blueprint.objectives],
    )


def _role_names(blueprint: Blueprint, topology: str, parameters: Mapping[str, JsonValue]) -> list[str]:
    fitting = [one for one in blueprint.roles if not one.topologies or topology in one.topologies]
    return [one.name for one in fitting if has(parameters, one.only)]


def _ports(blueprint: Blueprint, topology: str, parameters: Mapping[str, JsonValue]) -> tuple[PortRule, ...]:
    chosen = _role_names(blueprint, topology, parameters)
    return tuple(
        PortRule(role=role.name, protocol=port.protocol, port=port.port, source=port.source)
        for role in blueprint.roles
        if role.name in chosen
        for port in role.ports
    )


def _no_role(name: str, blueprint: Blueprint) -> UsageError:
    return UsageError(
        f'blueprint "{blueprint.id}" names the role "{name}"',
        why="the plan knows no variables for it",
        mend=f"correct blueprints/{blueprint.id}/blueprint.yaml",
    )


def secrets_needed(plan: Plan) -> list[str]:
    """References of all workspace secrets that the plan uses, sorted."""
    values = (value for role in (plan.machine.roles if plan.machine else []) for value in role.secrets.values())
    return sorted({value.removeprefix("secret:") for value in values if value.startswith("secret:")})
