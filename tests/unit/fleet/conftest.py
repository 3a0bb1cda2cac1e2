"""An SSH server on loopback, and the pinned routes to it."""

import getpass
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from dure.fleet.route import Route

from tests.unit.fleet.server import TestServer


def make_key(file: Path) -> str:
    """A fresh Ed25519 key pair; returns the public line without the comment."""
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", str(file)], check=True)
    return file.with_suffix(".pub").read_text().strip()


@pytest.fixture(scope="session")
def sshd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Route]:
    """The route to a running SSH server that lets this user in by key."""
    directory = tmp_path_factory.mktemp("sshd")
    host_key = make_key(directory / "host")
    server = TestServer(directory / "host", make_key(directory / "user"))
    known_hosts = directory / "known_hosts"
    known_hosts.write_text(f"hansol-plastics/ansan {host_key}\nhub {host_key}\n")
    yield Route("hansol-plastics/ansan", "127.0.0.1", getpass.getuser(), known_hosts, server.port, directory / "user")
    server.close()


@pytest.fixture
def jumped(sshd: Route) -> Route:
    """The same machine, reached through itself under the name of the hub."""
    return replace(sshd, jump=replace(sshd, alias="hub"))
