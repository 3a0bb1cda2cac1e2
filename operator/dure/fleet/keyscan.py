"""Ask a machine for its host key, before anything is trusted."""

import contextlib

import paramiko

from dure.fleet.connect import open_way, unreachable
from dure.fleet.known_hosts import HostKey
from dure.fleet.route import Route

PREFERRED = ("ssh-ed25519", "ecdsa-sha2-nistp256", "rsa-sha2-512")


def scan_host_key(route: Route, deadline: float = 15.0) -> HostKey:
    """The key that the machine at the end of the route shows now; Ed25519 if it has one. Raises Unreachable."""
    with contextlib.ExitStack() as stack:
        try:
            transport = paramiko.Transport(open_way(route, stack, deadline))
            stack.callback(transport.close)
            transport.banner_timeout = deadline
            transport.get_security_options().key_types = PREFERRED
            transport.start_client(timeout=deadline)
            key = transport.get_remote_server_key()
        except (paramiko.SSHException, EOFError, TimeoutError) as error:
            raise unreachable(route, error) from error
        return HostKey(key.get_name(), key.get_base64())
