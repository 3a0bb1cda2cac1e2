"""How a machine is reached: a value that both paramiko and OpenSSH (for Ansible) are driven from."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Route:
    """One way to one machine's SSH server.

    `known_hosts` holds the pinned key under `alias`; a machine whose key is not there is refused.
    `jump` is gone through first (the hub, for a box behind its tunnel); `proxy_command` is OpenSSH's,
    with %h and %p, for the first machine of the way.
    """

    alias: str
    address: str
    user: str
    known_hosts: Path
    port: int = 22
    key: Path | None = None
    proxy_command: str = ""
    jump: "Route | None" = None
