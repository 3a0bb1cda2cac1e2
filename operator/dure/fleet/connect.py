"""From a Route to an authenticated SSH client; every failure says which of the four things went wrong."""

import base64
import contextlib
import logging
import socket
import time

import paramiko

from dure.errors import DureError, Refused
from dure.fleet.known_hosts import HostKey, pinned
from dure.fleet.proxy import open_proxy
from dure.fleet.route import Route

KEEPALIVE_SECONDS = 15

# paramiko logs what it also raises; a person reads our message instead.
logging.getLogger("paramiko").setLevel(logging.CRITICAL)


class Unreachable(DureError, ConnectionError):
    """No SSH server answered."""


class HostKeyRefused(Refused):
    """The machine shows another host key than the pinned one, or none is pinned."""


class LoginRefused(DureError):
    """The machine does not take our key."""


def connect(route: Route, stack: contextlib.ExitStack, deadline: float) -> paramiko.SSHClient:
    """An authenticated client; what it holds open is closed with `stack`. `deadline` in seconds a machine."""
    key = pinned(route.known_hosts, route.alias)
    if key is None:
        raise HostKeyRefused(
            "no host key is pinned for this machine",
            where=route.alias,
            why=f"{route.known_hosts} has no line for it",
            mend=f"operator enrol {route.alias} --address {route.address}",
        )
    ending = time.monotonic() + deadline
    sock = open_way(route, stack, deadline)
    client = paramiko.SSHClient()
    stack.callback(client.close)
    client.get_host_keys().add(route.alias, key.kind, _public_key(key))
    client.set_missing_host_key_policy(paramiko.RejectPolicy())
    left = max(1.0, ending - time.monotonic())
    try:
        client.connect(
            hostname=route.alias,
            username=route.user,
            sock=sock,
            key_filename=str(route.key) if route.key else None,
            allow_agent=route.key is None,
            look_for_keys=route.key is None,
            timeout=left,
            banner_timeout=left,
            auth_timeout=left,
            channel_timeout=left,
        )
    except (paramiko.SSHException, OSError, EOFError) as error:
        raise _explain(route, key, error) from error
    transport = client.get_transport()
    if transport is not None:
        transport.set_keepalive(KEEPALIVE_SECONDS)
    return client


def open_way(route: Route, stack: contextlib.ExitStack, deadline: float) -> "socket.socket | paramiko.Channel":
    """A byte stream to the machine's SSH port: through its jump machine, its proxy command, or directly."""
    try:
        if route.jump is not None:
            transport = connect(route.jump, stack, deadline).get_transport()
            if transport is None:
                raise EOFError("the jump machine hung up")
            channel = transport.open_channel(
                "direct-tcpip", (route.address, route.port), ("127.0.0.1", 0), timeout=deadline
            )
            stack.callback(channel.close)
            return channel
        if route.proxy_command:
            proxy = open_proxy(route.proxy_command, route.address, route.port)
            stack.callback(proxy.close)
            return proxy
        sock = socket.create_connection((route.address, route.port), timeout=deadline)
        stack.callback(sock.close)
        return sock
    except (paramiko.SSHException, OSError, EOFError) as error:
        if isinstance(error, DureError):
            raise
        raise unreachable(route, error) from error


def unreachable(route: Route, error: Exception) -> Unreachable:
    """Say which way was tried and what to look at."""
    way = f" through {route.jump.alias}" if route.jump else ""
    reason = str(error) or {"EOFError": "it hung up", "TimeoutError": "nothing answered in time"}.get(
        type(error).__name__, type(error).__name__
    )
    return Unreachable(
        f"no SSH at {route.address} port {route.port}{way}",
        where=route.alias,
        why=reason,
        mend="see that the machine is on and its line is up, then repeat",
    )


def _public_key(key: HostKey) -> paramiko.PKey:
    try:
        return paramiko.PKey.from_type_string(key.kind, base64.b64decode(key.body))
    except (paramiko.SSHException, ValueError) as error:
        raise HostKeyRefused(
            "the pinned host key cannot be read", why=str(error), mend="enrol the machine again"
        ) from error


def _explain(route: Route, pinned_key: HostKey, error: Exception) -> DureError:
    if isinstance(error, paramiko.BadHostKeyException):
        shown = HostKey(error.key.get_name(), error.key.get_base64())
        return wrong_host_key(route, pinned_key, shown.fingerprint)
    if isinstance(error, paramiko.PasswordRequiredException):
        return LoginRefused(
            "the private key has a passphrase", where=str(route.key), mend=f"ssh-add {route.key or ''}".strip()
        )
    if isinstance(error, paramiko.AuthenticationException):
        return LoginRefused(
            f"{route.user} is not let in",
            where=route.alias,
            why="the machine does not take this workstation's key",
            mend="set ssh_key in .dure/local.yaml, or put your key into operator.yaml and provision",
        )
    if isinstance(error, paramiko.SSHException) and "host key" in str(error).lower():
        return wrong_host_key(route, pinned_key, "of another type")
    if isinstance(error, FileNotFoundError):
        return LoginRefused(
            f"the private key {route.key} is not there", where=route.alias, mend="set ssh_key in .dure/local.yaml"
        )
    return unreachable(route, error)


def wrong_host_key(route: Route, pinned_key: HostKey, shown: str) -> HostKeyRefused:
    """Another machine answers, or the box was set up anew: a person has to tell which."""
    return HostKeyRefused(
        f"the machine shows host key {shown}, pinned is {pinned_key.fingerprint}",
        where=route.alias,
        why="another machine answers there, or it was installed anew",
        mend=f"find out which on the bench; if it was installed anew: "
        f"operator enrol {route.alias} --address {route.address} --fingerprint SHA256:…",
    )
