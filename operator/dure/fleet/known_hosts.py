"""Pinned host keys: one line a machine in the workspace's `known_hosts`, its alias the site's id."""

import base64
import binascii
import hashlib
from dataclasses import dataclass
from pathlib import Path

from dure.errors import UsageError
from dure.model.text import absent

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
        if fields[:1] == [alias]:
            return _key_of(known_hosts, alias, fields)
    return None


def _key_of(known_hosts: Path, alias: str, fields: list[str]) -> HostKey:
    """A key that cannot be one is told as that: it must not look as if the machine had shown another."""
    try:
        if base64.b64decode(fields[2], validate=True)[4:].startswith(fields[1].encode()):
            return HostKey(fields[1], fields[2])
    except (IndexError, binascii.Error):
        pass
    raise UsageError(
        f"the host key pinned for {alias} is damaged",
        where=str(known_hosts),
        why="the line is not `site type key` as ssh-keygen writes keys",
        mend=f"git checkout -- {known_hosts.name}; or remove that line, then operator enrol {alias}",
    )


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
    if absent(known_hosts):
        return []
    try:
        return known_hosts.read_text().splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(
            "the pinned host keys cannot be read",
            where=str(known_hosts),
            why=(isinstance(error, OSError) and error.strerror) or "the file is not text",
            mend=f"git checkout -- {known_hosts.name}",
        ) from error
