"""The same routes as an ssh_config, for programs that bring their own OpenSSH, such as Ansible."""

from collections.abc import Iterable
from pathlib import Path

from dure.fleet.route import Route


def write_config(routes: Iterable[Route], directory: Path) -> Path:
    """Write `ssh_config` into the directory; `ssh -F FILE ALIAS` then goes the route named so. Returns the file."""
    hosts: dict[str, Route] = {}
    for route in routes:
        step: Route | None = route
        while step is not None:
            hosts.setdefault(step.alias, step)
            step = step.jump
    file = directory / "ssh_config"
    file.write_text("\n".join(_stanza(route) for route in hosts.values()) + "\n" + COMMON)
    file.chmod(0o600)
    return file


ALIVE_SECONDS, ALIVE_COUNT = 10, 3
"""A machine that answers none of so many questions, one each so many seconds, is gone."""

COMMON = f"""Host *
  StrictHostKeyChecking yes
  GlobalKnownHostsFile /dev/null
  UpdateHostKeys no
  PreferredAuthentications publickey
  BatchMode yes
  ConnectTimeout 15
  ServerAliveInterval {ALIVE_SECONDS}
  ServerAliveCountMax {ALIVE_COUNT}
  LogLevel ERROR
"""


def _stanza(route: Route) -> str:
    lines = [
        f"Host {route.alias}",
        f"HostName {route.address}",
        f"Port {route.port}",
        f"User {route.user}",
        f"HostKeyAlias {route.alias}",
        f'UserKnownHostsFile "{_escaped(route.known_hosts)}"',
    ]
    if route.key:
        lines += [f'IdentityFile "{_escaped(route.key)}"', "IdentitiesOnly yes", "IdentityAgent none"]
    if route.jump:
        lines.append(f"ProxyJump {route.jump.alias}")
    elif route.proxy_command:
        lines.append(f"ProxyCommand {route.proxy_command}")
    return "\n  ".join(lines) + "\n"


def _escaped(path: Path) -> str:
    return str(path.absolute()).replace("%", "%%")
