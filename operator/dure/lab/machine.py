"""One machine of the lab: a writable layer over the base tree, booted by systemd-nspawn in its own control group."""

import os
import shutil
import signal
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from dure.errors import DureError
from dure.lab.netns import banner, holds
from dure.lab.network import is_cut, plug_script
from dure.lab.processes import (
    in_group,
    kill_group,
    mounts_below,
    python_module,
    quick_members,
    run,
    spawn,
    unmount_below,
    wait_until,
)
from dure.lab.topology import Node, Port, Topology


class Machine:
    """A node that boots. Its directory holds `upper`, `work`, `root` (the mount), `layers` and logs."""

    def __init__(self, topology: Topology, node: Node, directory: Path) -> None:
        lab = topology.name
        self.node = node
        self._topology = topology
        self.name = node.name
        self.directory = directory / "machines" / node.name
        self.namespace = f"{lab}-{node.name}"
        self.lab_group = f"dure-{lab}"
        self.group = f"{self.lab_group}/{node.name}"
        self.lab_name = lab
        self._plug = self.directory / "plug"
        self._key = directory / "key.pub"
        self._pid_file = self.directory / "pid"

    @property
    def host_key(self) -> str:
        """Its SSH host key, as `ssh-ed25519 AAAA…`."""
        return " ".join((self.directory / "host_key.pub").read_text().split()[:2])

    def addresses(self) -> list[str]:
        """The addresses that it has when fresh, without prefix length."""
        return [text.split("/")[0] for port in self.node.ports for text in (*port.addresses, *port.expected)]

    def running(self) -> bool:
        """Whether anything of the machine runs."""
        return bool(quick_members(self.group)) or self._supervisor() is not None

    def make_fresh(self, disk_megabytes: int = 0) -> None:
        """Put it back to how it left the factory; it must be off. With `disk_megabytes` its disk is that small."""
        self.unmount()
        for part in ("upper", "work", "disk"):
            shutil.rmtree(self.directory / part, ignore_errors=True)
        (self.directory / "layers").unlink(missing_ok=True)
        self.directory.mkdir(parents=True, exist_ok=True)
        (self.directory / "disk.img").unlink(missing_ok=True)
        if disk_megabytes:
            self._make_small_disk(disk_megabytes)
        self._make_host_key()
        self._furnish()

    def start(self) -> None:
        """Mount its tree and switch it on; returns at once. `ready` tells when it answers."""
        self._mount()
        self._write(self._plug, plug_script(self._topology, self.node), 0o755)
        nspawn = [
            # Without it a machine could not set its own net.* sysctls; they are its namespace's alone.
            "env", "SYSTEMD_NSPAWN_API_VFS_WRITABLE=network",
            "systemd-nspawn", "--quiet", f"--directory={self.directory / 'root'}", "--boot", "--register=no",
            "--keep-unit", f"--machine={self.lab_name}-{self.name}",
            f"--network-namespace-path=/run/netns/{self.namespace}",
            "--console=pipe", "--capability=CAP_NET_ADMIN", "--resolv-conf=off", "--timezone=off",
            "--link-journal=no", "--bind=/dev/net/tun",
        ]  # fmt: skip
        spawn(
            [
                *python_module("dure.lab.supervise", str(self._pid_file), str(self._plug)),
                *in_group(self.group, nspawn),
            ],
            group=self.lab_group,
            log=self.directory / "console.log",
        )

    def ready(self) -> bool:
        """Whether it has its address, unless its cable is cut, and lets users log in; asked from its own namespace."""
        if self._still_booting() or not banner(self.namespace, "127.0.0.1", 22, 0.5).startswith(b"SSH-"):
            return False
        if all(holds(self.namespace, address) for address in self.addresses()[:1]):
            return True
        return is_cut(self._topology, self.node, self.node.ports[0])

    def wait_ready(self, seconds: float = 30.0) -> None:
        """Wait until it answers; DureError with the console's last line when it does not in time."""
        if not wait_until(self.ready, seconds, every=0.05):
            console = (self.directory / "console.log").read_text(errors="replace").strip().splitlines()
            raise DureError(
                f"machine {self.name} does not answer within {seconds:.0f} s",
                why=f"its console ends with: {console[-1]}" if console else "",
                mend=f"operator lab down --name {self.lab_name}, then up; console: {self.directory / 'console.log'}",
            )

    def stop(self, seconds: float = 20.0) -> None:
        """Power it off in order; what does not end in time is killed."""
        supervisor = self._supervisor()
        if supervisor is not None:
            with suppress(ProcessLookupError):
                os.kill(supervisor, signal.SIGTERM)
            wait_until(lambda: not self.running(), seconds)
        self.kill()

    def kill(self) -> None:
        """Pull the plug."""
        supervisor = self._supervisor()
        if supervisor is not None:
            with suppress(ProcessLookupError):
                os.kill(supervisor, signal.SIGKILL)
        kill_group(self.group)
        self._pid_file.unlink(missing_ok=True)
        self.unmount()
        if self._plug.exists():
            run([str(self._plug)])

    def unmount(self) -> None:
        """Take its tree and small disk off."""
        unmount_below(self.directory)

    def leader(self) -> int:
        """Its first process, as the host numbers it; DureError when it is off."""
        for pid in sorted(quick_members(self.group)):
            with suppress(OSError):
                status = Path(f"/proc/{pid}/status").read_text()
                numbers = next(line for line in status.splitlines() if line.startswith("NSpid:")).split()[1:]
                if len(numbers) > 1 and numbers[-1] == "1":
                    return pid
        raise DureError(f"machine {self.name} is off", mend=f"operator lab mend {self.name} power")

    def inside(self) -> list[str]:
        """argv prefix that runs one of the machine's own programs as its root, past SSH and firewall."""
        enter = ["nsenter", "--target", str(self.leader()), "--mount", "--uts", "--ipc", "--net", "--pid"]
        path = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
        return [*enter, "env", "--ignore-environment", path, "HOME=/root", "LANG=C.UTF-8", "TERM=dumb"]

    def layers(self) -> list[Path]:
        """Read-only layers under its writable one, topmost first, ending with the base tree."""
        file = self.directory / "layers"
        above = [Path(line) for line in file.read_text().splitlines()] if file.exists() else []
        return [*above, (self.directory.parents[1] / "base").resolve()]

    def freeze(self, layer: Path) -> None:
        """Turn its writable layer into the read-only layer `layer`, and go on above it; it must be off."""
        if (self.directory / "disk.img").exists():
            raise DureError(f"machine {self.name} cannot be snapshot", why="its disk is a small one on a loop file")
        self.unmount()
        layer.parent.mkdir(parents=True, exist_ok=True)
        above = [layer, *self.layers()[:-1]]
        (self.directory / "upper").rename(layer)
        self.use_layers(above)

    def use_layers(self, above: Sequence[Path]) -> None:
        """Start anew over the given layers, topmost first; what was written since is gone. It must be off."""
        self.unmount()
        (self.directory / "disk.img").unlink(missing_ok=True)
        for part in ("upper", "work"):
            shutil.rmtree(self.directory / part, ignore_errors=True)
            (self.directory / part).mkdir()
        (self.directory / "layers").write_text("".join(f"{path}\n" for path in above))

    def _supervisor(self) -> int | None:
        try:
            pid = int(self._pid_file.read_text())
            command = Path(f"/proc/{pid}/cmdline").read_bytes()
        except (OSError, ValueError):
            return None
        # After a restart of the host the number may belong to somebody else.
        return pid if str(self._pid_file).encode() in command else None

    def _still_booting(self) -> bool:
        """systemd keeps users out until it is done with its basics; sshd greets before that."""
        try:
            return Path(f"/proc/{self.leader()}/root/run/nologin").exists()
        except DureError:
            return True

    def _mount(self) -> None:
        root = self.directory / "root"
        if any(True for _ in mounts_below(root)):
            return
        image = self.directory / "disk.img"
        disk = self.directory / "disk"
        if image.exists() and not any(True for _ in mounts_below(disk)):
            run(["mount", "-o", "loop", str(image), str(disk)])
        top = disk if image.exists() else self.directory
        # volatile: packages install faster when nothing waits for this host's disk, and only a crash of the host
        # itself could lose what is written. The kernel refuses a work directory that was mounted so before.
        shutil.rmtree(top / "work", ignore_errors=True)
        for path in (root, top / "upper", top / "work"):
            path.mkdir(exist_ok=True)
        lower = ":".join(str(path) for path in self.layers())
        options = f"lowerdir={lower},upperdir={top / 'upper'},workdir={top / 'work'},volatile"
        run(["mount", "-t", "overlay", "overlay", "-o", options, str(root)])

    def _make_small_disk(self, megabytes: int) -> None:
        image, disk = self.directory / "disk.img", self.directory / "disk"
        disk.mkdir()
        with image.open("wb") as file:
            file.truncate(megabytes << 20)
        run(["mkfs.ext4", "-q", "-m", "0", str(image)])
        run(["mount", "-o", "loop", str(image), str(disk)])

    def _make_host_key(self) -> None:
        key = self.directory / "host_key"
        if not key.exists():
            run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", self.name, "-f", str(key)])

    def _furnish(self) -> None:
        """What makes it this machine: name, host key, the lab's key for user dure, network."""
        small = (self.directory / "disk.img").exists()
        upper = (self.directory / "disk" if small else self.directory) / "upper"
        upper.mkdir()
        self._write(upper / "etc/hostname", f"{self.name}\n")
        self._write(upper / "etc/hosts", f"127.0.0.1 localhost\n127.0.1.1 {self.name}\n::1 localhost\n")
        if self.node.nameserver:
            self._write(upper / "etc/resolv.conf", f"nameserver {self.node.nameserver}\n")
        key = (self.directory / "host_key").read_text()
        self._write(upper / "etc/ssh/ssh_host_ed25519_key", key, 0o600)
        self._write(upper / "etc/ssh/ssh_host_ed25519_key.pub", f"{self.host_key} {self.name}\n")
        for port in self.node.ports:
            if port.addresses or port.expected:
                text = network_file(self.node, port)
                self._write(upper / f"etc/systemd/network/10-{port.interface}.network", text)
        ssh = upper / "home/dure/.ssh"
        self._write(ssh / "authorized_keys", self._key.read_text(), 0o600)
        ssh.chmod(0o700)
        for path in (upper / "home/dure", ssh, ssh / "authorized_keys"):
            os.chown(path, 1000, 1000)

    @staticmethod
    def _write(file: Path, text: str, mode: int = 0o644) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        file.chmod(mode)


def network_file(node: Node, port: Port) -> str:
    """systemd-networkd's file for a port as the factory left it: DHCP, or what the lab gives a server."""
    lines = ["[Match]", f"Name={port.interface}", "", "[Network]"]
    if port.addresses:
        lines += [f"Address={address}" for address in port.addresses]
        lines += [f"Gateway={gateway}" for gateway in (node.v4_gateway, node.v6_gateway) if gateway]
    else:
        lines += ["DHCP=ipv4", "IPv6AcceptRA=yes", "", "[DHCPv4]", "ClientIdentifier=mac"]
    return "\n".join(lines) + "\n"
