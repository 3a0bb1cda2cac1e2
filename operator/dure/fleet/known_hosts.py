"""Pinned host keys: one line a machine in the workspace's `known_hosts`, its alias the site's id."""

import base64
import hashlib
from dataclasses import dataclass
from pathlib import Path

from dure.errors import UsageError

HEADER = "# Pinned host keys; written by `operator enrol`. The alias is the site's id.\n"


@dataclass(frozen=True, slots=True)
class HostKey:
    """A public host key: its type, such as ssh-ed25519, and its base64 body."""

    kind: str
    body: str

    @property
    def fingerprint(self) -> str:
        """SHA256:… as ssh-keygen -l prints it."""
        digest = hashlib.sha256(base64.b64decode(self.body)).digest()
        return "SHA256:" + base64.b64encode(digest).decode().rstrip("=")


def pinned(known_hosts: Path, alias: str) -> HostKey | None:
    """The key pinned under this alias; None when there is none."""
    for line in _lines(known_hosts):
        fields = line.split()
        if len(fields) >= 3 and fields[0] == alias:
            return HostKey(fields[1], fields[2])
    return None


def pin(known_hosts: Path, alias: str, key: HostKey) -> None:
    """Write the key under this alias, in the place of an older one; other lines stay as they are."""
    kept = [line for line in _lines(known_hosts) if line.split()[:1] != [alias]]
    if not kept:
        kept = [HEADER.rstrip("\n")]
    kept.append(f"{alias} {key.kind} {key.body}")
    part = known_hosts.with_name(known_hosts.name + ".part")
    part.write_text("\n".join(kept) + "\n")
    part.replace(known_hosts)


def _lines(known_hosts: Path) -> list[str]:
    if not known_hosts.exists():
        return []
    try:
        return known_hosts.read_text().splitlines()
    except UnicodeDecodeError as error:
        raise UsageError(
            "the pinned host keys cannot be read",
            where=str(known_hosts),
            why="the file is not text",
            mend=f"git checkout -- {known_hosts.name}",
        ) from error
