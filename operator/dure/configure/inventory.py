"""An Ansible inventory from a plan: the hosts, how they are reached, and the roles' variables."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

import yaml
from pydantic import JsonValue

from dure.errors import DureError
from dure.fleet.openssh import ALIVE_COUNT, ALIVE_SECONDS
from dure.fleet.route import Route
from dure.plan.value import Plan

HostVariables = Mapping[str, JsonValue]


@dataclass(frozen=True, slots=True)
class Inventory:
    """Group -> host -> variables, and the ssh_config that all hosts are reached by."""

    groups: Mapping[str, Mapping[str, HostVariables]]
    ssh_config: Path
    site: str
    variables: HostVariables = field(default_factory=dict)
    """Variables of all hosts."""

    def text(self, more: Mapping[str, JsonValue]) -> str:
        """The inventory as YAML; no value in it is ever taken for a template, whatever a workspace says."""
        children = {
            group: {"hosts": {host: _literal(dict(variables)) for host, variables in hosts.items()}}
            for group, hosts in self.groups.items()
        }
        everything = {"all": {"vars": _literal({**self.variables, **more}), "children": children}}
        return yaml.dump(everything, Dumper=_Dumper, allow_unicode=True, sort_keys=True)


class _Literal(str):
    """A string that Ansible must not template."""

    __slots__ = ()


class _Dumper(yaml.SafeDumper):
    """Writes _Literal with Ansible's tag."""

    def ignore_aliases(self, data: object) -> bool:
        """Ansible reads it either way; people read it better so."""
        return True


def _represent(dumper: yaml.SafeDumper, value: _Literal) -> yaml.ScalarNode:
    return dumper.represent_scalar("!unsafe", str(value), style='"')


_Dumper.add_representer(_Literal, _represent)


def _literal(value: object) -> object:
    if isinstance(value, str):
        return _Literal(value)
    if isinstance(value, Mapping):
        return {str(key): _literal(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_literal(item) for item in value]
    return value


def inventory_from(
    plan: Plan,
    route_box: Route,
    route_hub: Route | None,
    ssh_config: Path,
    cloud_outputs: Mapping[str, str],
    extra: Mapping[str, JsonValue],
) -> Inventory:
    """The plan's machine in group `box` with its roles' variables, and the hub beside it.

    For the hub's own plan `route_box` leads to the hub, which is then the only host, in group `hub`.
    `extra` goes to the plan's machine last. Raises DureError when a stack output is missing.
    """
    machine = {**_connection(route_box), **_role_variables(plan, cloud_outputs), **extra}
    if plan.host.topology == "hub":
        return Inventory({"hub": {plan.site: machine}}, ssh_config, plan.site)
    groups: dict[str, dict[str, HostVariables]] = {"box": {plan.site: machine}}
    if route_hub is not None:
        groups["hub"] = {route_hub.alias: _connection(route_hub)}
    return Inventory(groups, ssh_config, plan.site)


def _connection(route: Route) -> dict[str, JsonValue]:
    """Address, port, key and pin stand in the ssh_config under the alias; mitogen overrides one thing of it."""
    alive: dict[str, JsonValue] = {
        "mitogen_ssh_keepalive_interval": ALIVE_SECONDS,
        "mitogen_ssh_keepalive_count": ALIVE_COUNT,
    }
    return {"ansible_host": route.alias, "ansible_user": route.user, **alive}


def _role_variables(plan: Plan, cloud_outputs: Mapping[str, str]) -> dict[str, JsonValue]:
    variables: dict[str, JsonValue] = {
        "dure_site": plan.site,
        "dure_roles": cast("list[JsonValue]", [role.name for role in plan.host.roles]),
        "dure_overlay_cidr": plan.overlay.cidr if plan.overlay else "",
    }
    for role in plan.host.roles:
        variables.update(role.variables)
        for variable, output in role.outputs.items():
            if output not in cloud_outputs:
                raise DureError(
                    f"role {role.name} needs the cloud's `{output}`",
                    where=plan.site,
                    why="the stack has no such output yet",
                    mend=f"operator provision {plan.site}",
                )
            variables[variable] = cloud_outputs[output]
    return variables
