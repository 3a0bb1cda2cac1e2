"""Being in another network namespace for a moment, in this thread alone."""

import ctypes
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from dure.lab.host import CLONE_NEWNET

NAMESPACES = Path("/run/netns")


@contextmanager
def within(namespace: str) -> Iterator[None]:
    """Sockets made inside belong to that namespace and stay there; the thread returns at the end."""
    libc = ctypes.CDLL(None, use_errno=True)
    home = os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
    try:
        there = os.open(NAMESPACES / namespace, os.O_RDONLY | os.O_CLOEXEC)
        try:
            _enter(libc, there)
            try:
                yield
            finally:
                _enter(libc, home)
        finally:
            os.close(there)
    finally:
        os.close(home)


def _enter(libc: ctypes.CDLL, descriptor: int) -> None:
    if libc.setns(descriptor, CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), "cannot enter the network namespace")


def banner(namespace: str, address: str, port: int, seconds: float = 1.0) -> bytes:
    """The first bytes that a TCP server says on its own, seen from a namespace; empty when it says nothing."""
    try:
        with within(namespace):
            connection = socket.create_connection((address, port), timeout=seconds)
        with connection:
            return connection.recv(64)
    except OSError:
        return b""


def holds(namespace: str, address: str) -> bool:
    """Whether an address is set, and usable, on an interface of a namespace."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    try:
        with within(namespace), socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.bind((address, 0))
    except OSError:
        return False
    return True
