"""A plan as text for people: an indented tree, the same lines for the same plan."""

from collections.abc import Iterator

from pydantic import JsonValue

from dure.plan.value import MachinePlan, Plan

Branch = tuple[str, list["Branch"]]


def tree(plan: Plan) -> list[str]:
    """The lines of the tree."""
    lines = [f"{plan.site}  {plan.customer_name}  ({plan.blueprint})"]
    lines.extend(_draw(branches(plan), ""))
    return lines


def _draw(items: list[Branch], indent: str) -> Iterator[str]:
    for index, (label, below) in enumerate(items):
        last = index == len(items) - 1
        yield f"{indent}{'└─ ' if last else '├─ '}{label}"
        yield from _draw(below, indent + ("   " if last else "│  "))


def branches(plan: Plan) -> list[Branch]:
    """The tree as data."""
    top: list[Branch] = []
    if plan.overlay:
        state = "allocated" if plan.overlay.allocated else "would be allocated"
        top.append((f"overlay {plan.overlay.cidr} ({state}), box at {plan.overlay.address}", []))
    if plan.cloud:
        inputs: list[Branch] = [(f"{key}: {_value(value)}", []) for key, value in plan.cloud.inputs.items()]
        top.append((f"cloud {plan.cloud.program}, stack {plan.cloud.stack}, {plan.cloud.region}", inputs))
    if plan.machine is not None:
        top.append(_machine(plan.machine))
    top.append(("verification", [(f"{one.name} ({one.kind}, {one.when})", []) for one in plan.verification]))
    checks: list[Branch] = [
        (f"{one.name} ({one.kind}) from {one.vantage} every {one.interval_seconds} s", []) for one in plan.checks
    ]
    top.append(("checks", checks))
    top.append(("objectives", [(f"{one.name} {one.target} by {', '.join(one.checks)}", []) for one in plan.objectives]))
    return [item for item in top if item[1] or not item[0].islower() or " " in item[0]]


def _machine(machine: MachinePlan) -> Branch:
    wires = ", ".join(f"{name} {interface}" for name, interface in sorted(machine.interfaces.items()))
    below: list[Branch] = [(f"LAN {machine.lan_cidr}, box at {machine.lan_address}; {wires}", [])]
    ports: list[Branch] = [(f"{one.port}/{one.protocol} from {one.source} ({one.role})", []) for one in machine.ports]
    below.append(("open ports", ports))
    for role in machine.roles:
        rows: list[Branch] = [(f"{key}: {_value(value)}", []) for key, value in role.variables.items()]
        rows += [(f"{key}: from the cloud ({name})", []) for key, name in role.outputs.items()]
        rows += [(f"secret {file}: {reference}", []) for file, reference in role.secrets.items()]
        below.append((f"role {role.name}", rows))
    return f"machine {machine.hostname}, {machine.topology}", below


def _value(value: JsonValue) -> str:
    if isinstance(value, list):
        return ", ".join(_value(item) for item in value) or "none"
    if isinstance(value, dict):
        name = value.get("name") or value.get("id")
        if isinstance(name, str) and name:
            return f"{name} ({value['id']})" if value.get("id") not in (None, name) else name
        if "port" in value:
            return f"{value['port']}/{value.get('protocol')}"
        return ", ".join(f"{key} {_value(item)}" for key, item in value.items())
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value) if value not in (None, "") else "none"
