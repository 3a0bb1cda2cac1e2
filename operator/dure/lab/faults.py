"""Faults on purpose: a site's VPN, internet line or power cut, and mended again."""

from typing import Literal, get_args

from dure.errors import UsageError
from dure.lab.instance import Lab
from dure.lab.network import switch_port
from dure.lab.processes import run
from dure.lab.topology import Node

Fault = Literal["vpn", "link", "power"]
FAULTS: tuple[Fault, ...] = get_args(Fault)
HUB_ADDRESS = "203.0.113.10"

# Drops the tunnel's packets alone, both ways and on both of the hub's ports; the rest of the internet works.
VPN_CUT = f"""
table ip lab_cut {{
  chain forward {{
    type filter hook forward priority -300;
    ip daddr {HUB_ADDRESS} udp dport {{ 51820, 443 }} drop
    ip saddr {HUB_ADDRESS} udp sport {{ 51820, 443 }} drop
  }}
}}
"""


def fault_named(text: str) -> Fault:
    """The fault of that name; UsageError names those that exist."""
    for fault in FAULTS:
        if fault == text:
            return fault
    raise UsageError(f"`{text}` cannot be cut", mend=f"use one of {', '.join(FAULTS)}")


def cut(lab: Lab, site: str, fault: Fault) -> None:
    """Cut the site's VPN, internet line or power; cutting what is cut is no error. `site`: an id, or its last part."""
    machine, line = _parts(lab, site)
    if fault == "power":
        lab.machine(machine.name).kill()
    elif fault == "link":
        _set_line(lab, line, "down")
    else:
        for router in _routers(lab, machine):
            _remove_vpn_cut(lab, router)
            run([*lab.inside(router.name), "nft", "-f", "-"], stdin=VPN_CUT)


def mend(lab: Lab, site: str, fault: Fault) -> None:
    """The contrary of `cut`; power waits until the machine answers."""
    machine, line = _parts(lab, site)
    if fault == "power":
        lab.start_machines([lab.machine(machine.name)])
    elif fault == "link":
        _set_line(lab, line, "up")
    else:
        for router in _routers(lab, machine):
            _remove_vpn_cut(lab, router)


def mend_all(lab: Lab) -> None:
    """Lines and tunnels as they were at first; power is left as it is."""
    for machine in lab.topology.machines():
        if machine.site:
            mend(lab, machine.site, "link")
            mend(lab, machine.site, "vpn")


def _parts(lab: Lab, site: str) -> tuple[Node, Node]:
    """The site's machine and the node that holds its internet line."""
    nodes = [node for node in lab.topology.nodes if node.site and site in (node.site, node.site.rpartition("/")[2])]
    machines = [node for node in nodes if node.kind == "machine"]
    if not machines:
        sites = [node.site for node in lab.topology.machines()]
        raise UsageError(f"the lab has no site `{site}`", mend=f"use one of {', '.join(sites)}")
    routers = [node for node in nodes if node.kind == "router"]
    return machines[0], (routers or machines)[0]


def _routers(lab: Lab, machine: Node) -> list[Node]:
    """Where the tunnels of a site pass; the hub's are those of all sites."""
    return [
        node for node in lab.topology.nodes if node.kind == "router" and machine.site in (node.site, "hub")
    ]  # fmt: skip


def _set_line(lab: Lab, node: Node, state: str) -> None:
    port = next(port for port in node.ports if port.segment == "inet")
    run(["ip", "-n", lab.topology.namespace("inet"), "link", "set", switch_port(node, port), state])


def _remove_vpn_cut(lab: Lab, router: Node) -> None:
    run([*lab.inside(router.name), "nft", "delete", "table", "ip", "lab_cut"], check=False)
