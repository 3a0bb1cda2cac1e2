"""A lab on this host: up, down, status, and the ways into its machines."""

import os
import re
import shutil
import subprocess
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from pydantic import JsonValue

from dure.errors import UsageError
from dure.lab import shared
from dure.lab.apt import free_port, join_apt_proxy
from dure.lab.base import ensure_base
from dure.lab.host import STATE_ROOT, host_lock, lab_lock, require_fit
from dure.lab.machine import Machine
from dure.lab.netns import NAMESPACES
from dure.lab.network import make_network, remove_network, start_name_server
from dure.lab.processes import kill_group, run, unmount_below
from dure.lab.services import Moto, running_moto, start_moto, start_relay, wait_moto
from dure.lab.topology import Node, Topology, example_topology

Progress = Callable[[str], None]
NAME = re.compile(r"[a-z][a-z0-9]{0,5}")

# Chosen by address, since both sites use 192.168.0.0/24: a box is reached from its own segment.
REACH = """#!/bin/sh
case "$1" in
  172.30.1.*) ns={name}-ansan-router ;;
  192.168.0.1) ns={name}-ansan-client ;;
  192.168.0.*) ns={name}-seocho-client ;;
  *) ns={name}-inet ;;
esac
case "$1" in *:*) to="TCP6:[$1]:$2" ;; *) to="TCP4:$1:$2" ;; esac
exec nsenter --net=/run/netns/$ns socat STDIO "$to"
"""


def silent(_text: str) -> None:
    """Progress that nobody watches."""


@dataclass(frozen=True, slots=True)
class NodeStatus:
    """One machine, router or station as it is now."""

    name: str
    kind: str
    site: str
    namespace: str
    segments: list[str]
    addresses: list[str]
    running: bool
    host_key: str


class Lab:
    """The lab `name` (at most 6 of a-z0-9). Its state lies in /var/lib/dure-lab/NAME."""

    def __init__(self, name: str, topology: Topology | None = None) -> None:
        if not NAME.fullmatch(name):
            raise UsageError(f"`{name}` cannot name a lab", why="a name is a-z0-9, 6 characters, a letter first")
        self.name = name
        self.topology = topology or example_topology(name)
        self.directory = STATE_ROOT / name
        self.machines = {node.name: Machine(self.topology, node, self.directory) for node in self.topology.machines()}

    # Where things are

    @property
    def key(self) -> Path:
        """Private SSH key that user dure of every fresh machine accepts."""
        return self.directory / "key"

    @property
    def proxy_command(self) -> str:
        """OpenSSH ProxyCommand that reaches any address of the lab from this host."""
        return f"{self.directory}/reach %h %p"

    @property
    def outside_command(self) -> list[str]:
        """argv prefix that runs a program at the internet vantage."""
        return self.inside("outside")

    @property
    def moto(self) -> Moto:
        """The AWS double; the lab must be up."""
        return running_moto(self.directory)

    def is_up(self) -> bool:
        """Whether `up` came to its end and nobody took it down since, nor the host restarted."""
        return (self.directory / "ready").exists() and (NAMESPACES / f"{self.name}-inet").exists()

    def machine(self, name: str) -> Machine:
        """The machine of that name; UsageError names those that exist."""
        if name not in self.machines:
            raise UsageError(f"the lab has no machine `{name}`", mend=f"use one of {', '.join(self.machines)}")
        return self.machines[name]

    def machine_of(self, site: str) -> Machine:
        """The machine of a site id; UsageError names the sites that have one."""
        for machine in self.machines.values():
            if machine.node.site == site:
                return machine
        sites = [machine.node.site for machine in self.machines.values() if machine.node.site]
        raise UsageError(f"the lab has no site `{site}`", mend=f"use one of {', '.join(sites)}")

    def first_address(self, site: str) -> str:
        """Where a fresh machine of a site is first reached, by `proxy_command`."""
        node = self.machine_of(site).node
        routers = [other for other in self.topology.nodes if other.kind == "router" and other.site == site]
        # The lab's own sites are reached on their LAN or on the bench; a fleet's LANs are all alike.
        if site.startswith("fleet/"):
            return routers[0].ports[0].addresses[0].split("/")[0]
        return self.machines[node.name].addresses()[0]

    def inside(self, place: str) -> list[str]:
        """argv prefix that runs a program in the network namespace of a node or segment."""
        if place not in self.topology.names():
            raise UsageError(f"the lab has no `{place}`", mend=f"use one of {', '.join(self.topology.names())}")
        return ["nsenter", f"--net={NAMESPACES / self.topology.namespace(place)}"]

    def run(self, place: str, argv: Sequence[str], *, seconds: float = 60) -> subprocess.CompletedProcess[str]:
        """Run a program of this host in a namespace of the lab."""
        command = [*self.inside(place), *argv]
        return subprocess.run(command, capture_output=True, text=True, timeout=seconds, check=False)

    def root(self, name: str, command: str, *, seconds: float = 60) -> subprocess.CompletedProcess[str]:
        """Run a shell command as a machine's root, past SSH and firewall: for looking from inside."""
        argv = [*self.machine(name).inside(), "/bin/sh", "-c", command]
        return subprocess.run(argv, capture_output=True, text=True, timeout=seconds, check=False)

    def ssh_command(self, name: str, user: str = "dure") -> list[str]:
        """argv of ssh to a machine from within its own namespace, so that no firewall of ours is in the way."""
        self.machine(name)
        return [
            "ssh", "-F", "none", "-i", str(self.key), "-o", "IdentitiesOnly=yes",
            "-o", f"UserKnownHostsFile={self.directory / 'known_hosts'}", "-o", f"HostKeyAlias={name}",
            "-o", "StrictHostKeyChecking=yes", "-o", "BatchMode=yes", "-o", "LogLevel=ERROR",
            "-o", f"ProxyCommand={' '.join(self.inside(name))} socat STDIO TCP4:%h:%p",
            f"{user}@127.0.0.1",
        ]  # fmt: skip

    def ssh(self, name: str, command: str, *, seconds: float = 60) -> subprocess.CompletedProcess[str]:
        """Run a shell command on a machine as user dure."""
        argv = [*self.ssh_command(name), command]
        return subprocess.run(argv, capture_output=True, text=True, timeout=seconds, check=False)

    # Up and down

    def up(self, progress: Progress = silent) -> None:
        """Bring the lab up; one that is up is left as it is, one that died half-way is made anew."""
        require_fit()
        with lab_lock(self.name):
            if self.is_up():
                self.start_machines([machine for machine in self.machines.values() if not machine.running()])
                progress(f"lab {self.name}: already up")
                return
            base = ensure_base(progress)
            self._take_down()
            try:
                self._put_up(base, progress)
            except BaseException:
                self._take_down()
                raise

    def _put_up(self, base: Path, progress: Progress) -> None:
        started = time.monotonic()
        with host_lock():
            self.directory.mkdir(parents=True)
            (self.directory / "base").symlink_to(base)
            shared.join(self.name)
            apt_port = join_apt_proxy(self.name)
        start_moto(self.name, self.directory, free_port())
        self._make_keys()
        progress(f"lab {self.name}: network and services")
        make_network(self.topology, self.directory)
        start_name_server(self.topology, self.directory)
        start_relay(self.name, self.directory, apt_port)
        progress(f"lab {self.name}: booting {', '.join(self.machines)}")
        for machine in self.machines.values():
            machine.make_fresh()
        self._write_known_hosts()
        self.start_machines(list(self.machines.values()))
        progress(f"lab {self.name}: machines ready; waiting for the AWS double")
        wait_moto(self.directory)
        (self.directory / "ready").touch()
        progress(f"lab {self.name}: up in {time.monotonic() - started:.1f} s")

    def down(self) -> None:
        """Take everything away, whatever state it is in; nothing to take away is no error."""
        with lab_lock(self.name):
            self._take_down()

    def _take_down(self) -> None:
        (self.directory / "ready").unlink(missing_ok=True)
        kill_group(f"dure-{self.name}")
        unmount_below(self.directory)
        remove_network(self.name)
        with host_lock():
            if self.directory.exists():
                shutil.rmtree(self.directory)
            shared.leave(self.name)

    def reset(self, label: str = "") -> None:
        """All lines mended and all machines as kept under `label`; without it as they left the factory.

        From the factory the AWS double is empty too; with a label it stays as it is.
        """
        from dure.lab.faults import mend_all

        mend_all(self)
        machines = list(self.machines.values())
        for machine in machines:
            machine.kill()
            if label:
                machine.use_layers(self._kept(machine.name, label))
            else:
                machine.make_fresh()
        if not label:
            self.restart_moto()
        self.start_machines(machines)

    def snapshot_all(self, label: str) -> None:
        """Keep the disks of all machines under `label`, for `reset(label)`."""
        with ThreadPoolExecutor(max_workers=4) as pool:
            list(pool.map(lambda name: self.snapshot(name, label), self.machines))

    def restart_moto(self) -> None:
        """An empty AWS double on the same port, with a new administrator in the same credentials file."""
        start_moto(self.name, self.directory, self.moto.port)
        wait_moto(self.directory)

    def fresh(self, name: str, disk_megabytes: int = 0) -> None:
        """Put a machine back to how it left the factory and boot it; optionally with a disk that small."""
        machine = self.machine(name)
        machine.kill()
        machine.make_fresh(disk_megabytes)
        self.start_machines([machine])

    def snapshot(self, name: str, label: str) -> None:
        """Power a machine off, keep its disk under `label`, and boot it again."""
        machine = self.machine(name)
        machine.stop()
        layer = self.directory / "layers" / f"{name}-{label}-{time.monotonic_ns()}"
        machine.freeze(layer)
        labels = self.directory / "labels"
        labels.mkdir(exist_ok=True)
        (labels / f"{name}-{label}").write_text((machine.directory / "layers").read_text())
        self.start_machines([machine])

    def restore(self, name: str, label: str) -> None:
        """Boot a machine from the disk kept under `label`; what was written since is gone."""
        machine = self.machine(name)
        layers = self._kept(name, label)
        machine.kill()
        machine.use_layers(layers)
        self.start_machines([machine])

    def _kept(self, name: str, label: str) -> list[Path]:
        file = self.directory / "labels" / f"{name}-{label}"
        if not file.exists():
            raise UsageError(f"{name} has no snapshot `{label}`", mend=f"take one by Lab.snapshot({name!r}, {label!r})")
        return [Path(line) for line in file.read_text().splitlines()]

    def status(self) -> dict[str, JsonValue]:
        """What exists and runs, ready for JSON."""
        return {
            "name": self.name,
            "up": self.is_up(),
            "directory": str(self.directory),
            "segments": [
                {"name": segment.name, "namespace": self.topology.namespace(segment.name)}
                for segment in self.topology.segments
            ],
            "machines": [asdict(row) for row in self.status_rows()],
        }

    def status_rows(self) -> list[NodeStatus]:
        """Every node of the lab as it is now."""
        return [self._node_status(node) for node in self.topology.nodes]

    def _node_status(self, node: Node) -> NodeStatus:
        machine = self.machines.get(node.name)
        made = machine is not None and (machine.directory / "host_key.pub").exists()
        return NodeStatus(
            name=node.name,
            kind=node.kind,
            site=node.site,
            namespace=self.topology.namespace(node.name),
            segments=[port.segment for port in node.ports],
            addresses=[text.split("/")[0] for port in node.ports for text in (*port.addresses, *port.expected)],
            running=machine.running() if machine else self.is_up(),
            host_key=machine.host_key if machine and made else "",
        )

    # Parts of up

    def _make_keys(self) -> None:
        run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", f"lab-{self.name}", "-f", str(self.key)])
        reach = self.directory / "reach"
        reach.write_text(REACH.format(name=self.name))
        reach.chmod(0o755)

    def _write_known_hosts(self) -> None:
        lines = []
        for machine in self.machines.values():
            names = [machine.name, *machine.addresses(), *([machine.node.site] if machine.node.site else [])]
            lines.append(f"{','.join(dict.fromkeys(names))} {machine.host_key}\n")
        (self.directory / "known_hosts").write_text("".join(lines))

    def start_machines(self, machines: list[Machine]) -> None:
        """Boot machines side by side and wait for all; one that runs is left as it is."""
        off = [machine for machine in machines if not machine.running()]
        with ThreadPoolExecutor(max_workers=4) as pool:
            list(pool.map(Machine.start, off))  # list: so that what went wrong is raised here
        for machine in machines:
            machine.wait_ready(30 + 3 * len(machines))


def lab_name(given: str = "") -> str:
    """The lab meant: what is given, else $DURE_LAB, else `dure`."""
    return given or os.environ.get("DURE_LAB", "") or "dure"


def existing_labs() -> list[str]:
    """Names of the labs that have state on this host."""
    with suppress(FileNotFoundError):
        return sorted(path.name for path in STATE_ROOT.iterdir() if NAME.fullmatch(path.name) and path.name != "apt")
    return []
