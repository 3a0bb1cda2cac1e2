"""Makes a topology's namespaces, switches, cables and routers, and takes them away."""

import os
import signal
from contextlib import suppress
from pathlib import Path

from dure.lab.netns import NAMESPACES
from dure.lab.processes import run, spawn
from dure.lab.topology import HUB_NAME, SERVICES_ADDRESS, Node, Port, Segment, Topology, mac_address


def switch_port(node: Node, port: Port) -> str:
    """The name of a cable's end at the switch: the kernel allows 15 characters."""
    name = f"{node.name}.{port.interface}"
    return name if len(name) <= 15 else f"{port.mac.replace(':', '')}"


def make_network(topology: Topology, directory: Path) -> None:
    """Everything but the machines themselves: after this, routers answer. `directory` is the lab's own.

    A machine's namespace is made when it is switched on, by its `plug_script`.
    """
    for segment in topology.segments:
        run(["ip", "netns", "add", topology.namespace(segment.name)])
        _make_switch(topology, segment)
    for node in topology.nodes:
        if node.kind != "machine":
            run(["ip", "netns", "add", topology.namespace(node.name)])
            _connect(topology, node)
    for node in topology.nodes:
        if node.kind == "router":
            _make_router(topology, node, directory)


def is_cut(topology: Topology, node: Node, port: Port) -> bool:
    """Whether the cable's end at the switch was taken down."""
    shown = run(
        ["ip", "-n", topology.namespace(port.segment), "-o", "link", "show", switch_port(node, port)], check=False
    )
    return bool(shown) and ",UP" not in shown


def start_name_server(topology: Topology, directory: Path) -> None:
    """The internet's name server: it knows the hub and nothing else."""
    spawn(
        [
            "dnsmasq", "--keep-in-foreground", "--conf-file=/dev/null", "--user=root", "--no-hosts", "--no-resolv",
            f"--listen-address={SERVICES_ADDRESS}", "--bind-interfaces", "--pid-file=", "--log-facility=-",
            f"--address=/{HUB_NAME}/203.0.113.10", "--address=/#/",
        ],
        group=f"dure-{topology.name}",
        log=directory / "name-server.log",
        namespace=topology.namespace("inet"),
    )  # fmt: skip


def remove_network(name: str) -> None:
    """Remove all namespaces of the lab `name`, whatever was made of them; links go with them."""
    if not NAMESPACES.exists():
        return
    paths = sorted(NAMESPACES.glob(f"{name}-*"))
    _end_visitors({path.stat().st_ino for path in paths})
    for path in paths:
        _remove_links(path.name)
        run(["ip", "netns", "del", path.name], check=False)


def _end_visitors(namespaces: set[int]) -> None:
    """End what somebody left running in the namespaces, such as a server in `operator lab exec`."""
    for directory in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if (directory / "ns/net").stat().st_ino in namespaces:
                os.kill(int(directory.name), signal.SIGKILL)


def _remove_links(namespace: str) -> None:
    """Cables first: a namespace that is deleted with them gives them up only later, in the background."""
    for line in run(["ip", "-n", namespace, "-o", "link", "show", "type", "veth"], check=False).splitlines():
        interface = line.split(": ")[1].split("@")[0]
        run(["ip", "-n", namespace, "link", "del", interface], check=False)


def _batch(namespace: str, lines: list[str]) -> None:
    run(["ip", "-n", namespace, "-batch", "-"], stdin="\n".join(lines) + "\n")


def _sysctl(namespace: str, **settings: int) -> None:
    arguments = [f"net.{key.replace('__', '.')}={value}" for key, value in settings.items()]
    run(["nsenter", f"--net={NAMESPACES / namespace}", "sysctl", "-q", "-w", *arguments])


def _make_switch(topology: Topology, segment: Segment) -> None:
    lines = [
        "link set lo up",
        # Without a MAC of its own it takes its lowest port's, and neighbours lose it when a machine is plugged in.
        f"link add br0 address {mac_address(segment.name, 'br0')} type bridge stp_state 0 mcast_snooping 0",
        "link set br0 up",
        *(_address(address, "br0") for address in segment.addresses),
        *(f"route add {destination} via {hop}" for destination, hop in segment.routes),
    ]
    namespace = topology.namespace(segment.name)
    if segment.addresses:
        _sysctl(namespace, ipv4__ip_forward=1, ipv6__conf__all__forwarding=1)
    _batch(namespace, lines)


def _address(address: str, interface: str) -> str:
    # Without nodad an IPv6 address cannot be used for its first second.
    return f"addr add {address} dev {interface}{' nodad' if ':' in address else ''}"


def _cable(topology: Topology, node: Node, port: Port) -> str:
    end, namespace = switch_port(node, port), topology.namespace(node.name)
    return f"link add {end} type veth peer name {port.interface} address {port.mac} netns {namespace}"


def plug_script(topology: Topology, node: Node) -> str:
    """A shell script that gives a machine a new, empty network namespace with its cables plugged in.

    Run at every boot: rules, routes and settings of the namespace would else outlive the machine that made them,
    and a firewall that is not loaded at boot would seem to be. A port that was cut stays cut.
    """
    namespace = topology.namespace(node.name)
    lines = ["#!/bin/sh", "set -e"]
    for index, port in enumerate(node.ports):
        switch, end = topology.namespace(port.segment), switch_port(node, port)
        lines += [
            f"state{index}=up",
            f"old=$(ip -n {switch} -o link show {end} 2>/dev/null) || old=new,UP",
            f'case "$old" in *,UP*) ;; *) state{index}=down ;; esac',
            f"ip -n {switch} link del {end} 2>/dev/null || true",
        ]
    lines += [f"ip netns del {namespace} 2>/dev/null || true", f"ip netns add {namespace}"]
    lines.append(f"ip -n {namespace} link set lo up")
    for index, port in enumerate(node.ports):
        switch, end = topology.namespace(port.segment), switch_port(node, port)
        lines.append(f"ip -n {switch} {_cable(topology, node, port)}")
        lines.append(f"ip -n {switch} link set {end} master br0 $state{index}")
    return "\n".join(lines) + "\n"


def _connect(topology: Topology, node: Node) -> None:
    """The ports of a router or station, plugged in and with their addresses."""
    namespace = topology.namespace(node.name)
    for port in node.ports:
        lines = [_cable(topology, node, port), f"link set {switch_port(node, port)} master br0 up"]
        _batch(topology.namespace(port.segment), lines)
    if node.kind == "router":
        _sysctl(namespace, ipv4__ip_forward=1, ipv6__conf__all__forwarding=1)
    lines = ["link set lo up"]
    for port in node.ports:
        lines += [f"link set {port.interface} up", *(_address(a, port.interface) for a in port.addresses)]
    for gateway in (node.v4_gateway, node.v6_gateway):
        if gateway:
            lines.append(f"route add default via {gateway}")
    _batch(namespace, lines)


def router_rules(node: Node) -> str:
    """The nftables ruleset of a router: hides what is behind it, forwards inbound to the exposed machine."""
    uplink = next(port for port in node.ports if port.interface == node.uplink)
    own = next(address for address in uplink.addresses if ":" not in address).split("/")[0]
    forward = f"iifname {node.uplink} ip daddr {own} dnat to {node.exposed}" if node.exposed else ""
    return f"""
table ip lab {{
  chain prerouting {{ type nat hook prerouting priority dstnat; {forward}; }}
  chain postrouting {{ type nat hook postrouting priority srcnat; oifname {node.uplink} masquerade; }}
}}
""".replace("; ;", ";")


def _make_router(topology: Topology, node: Node, directory: Path) -> None:
    namespace = topology.namespace(node.name)
    run(["nsenter", f"--net={NAMESPACES / namespace}", "nft", "-f", "-"], stdin=router_rules(node))
    serving = node.serving
    if serving is None:
        return
    first, last = serving.v4_range
    spawn(
        [
            "dnsmasq", "--keep-in-foreground", "--conf-file=/dev/null", "--user=root", "--no-hosts", "--no-resolv",
            f"--interface={serving.interface}", "--except-interface=lo", "--bind-interfaces", "--pid-file=",
            "--dhcp-authoritative", "--no-ping", f"--dhcp-leasefile={directory / node.name}.leases",
            f"--dhcp-range={first},{last},1h", f"--dhcp-option=option:router,{serving.router}",
            f"--dhcp-option=option:dns-server,{serving.router}", "--enable-ra",
            f"--dhcp-range={serving.v6_prefix.split('/')[0]},ra-only", f"--server={SERVICES_ADDRESS}",
            *(f"--dhcp-host={lease.mac},{lease.address},{lease.name}" for lease in serving.leases),
            "--log-facility=-",
        ],
        group=f"dure-{topology.name}",
        log=directory / f"{node.name}.log",
        namespace=namespace,
    )  # fmt: skip
