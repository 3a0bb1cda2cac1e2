"""Signatures with the engineer's own SSH key, by OpenSSH's ssh-keygen -Y."""

import os
import subprocess
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from dure.errors import DureError
from dure.model import Operator
from dure.model.msp import Engineer
from dure.runs.context import Context

NAMESPACE = "dure-audit"
AGREEMENT = "dure-agreement"
"""Of approvals in the workspace: a signature of one kind can never be shown as one of the other."""
SIGN_SECONDS = 20


def sign(context: Context, content: bytes, namespace: str = NAMESPACE) -> str:
    """The armoured signature of `content` by the engineer who sits here. Raises DureError when there can be none."""
    key = _key(context)
    try:
        said = _ssh_keygen("sign", ["-q", "-f", str(key), "-n", namespace], content)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise _failed(key, str(error)) from error
    if said.returncode != 0:
        raise _failed(key, said.stderr.decode(errors="replace").strip())
    return said.stdout.decode()


def verify(
    allowed_signers: Path, engineer: str, content: bytes, signature: str, at: int, namespace: str = NAMESPACE
) -> bool:
    """True when the signature is of this content by a key that operator.yaml gave this engineer at that second, UTC.

    When it was made is only what the signer says: a signature has no time of its own.
    """
    with tempfile.NamedTemporaryFile("w", suffix=".sig") as file:
        file.write(signature)
        file.flush()
        whose = ["-f", str(allowed_signers), "-I", engineer, "-n", namespace, "-s", file.name]
        return _ssh_keygen("verify", [*whose, f"-Overify-time={_stamp(at)}"], content).returncode == 0


def _ssh_keygen(verb: str, options: list[str], content: bytes) -> "subprocess.CompletedProcess[bytes]":
    try:
        return subprocess.run(
            ["ssh-keygen", "-Y", verb, *options],
            input=content,
            capture_output=True,
            timeout=SIGN_SECONDS,
            env={**os.environ, "TZ": "UTC"},  # its times are local ones, and older releases know no trailing Z
        )
    except FileNotFoundError as error:
        raise DureError(
            "there is no ssh-keygen on PATH",
            why="the audit log is signed and verified with it",
            mend="install OpenSSH's client (apt-get install openssh-client), then repeat",
        ) from error


def write_allowed_signers(operator: Operator, file: Path) -> None:
    """All engineers' keys in ssh-keygen's form, each with the time in which it counts."""
    lines = [
        f"{engineer.id} {_options(engineer)} {' '.join(key.split()[:2])}"
        for engineer in operator.engineers
        for key in engineer.ssh_keys
    ]
    file.write_text("\n".join(lines) + "\n")


def _options(engineer: Engineer) -> str:
    first, last = engineer.time
    given = {"namespaces": f"{NAMESPACE},{AGREEMENT}"}
    if first is not None:
        given["valid-after"] = _stamp(first)
    if last is not None:
        given["valid-before"] = _stamp(last)
    return ",".join(f'{name}="{value}"' for name, value in given.items())


def _stamp(second: int) -> str:
    """A second of UTC as ssh-keygen reads it where the time zone is UTC: 20270331145959."""
    return datetime.fromtimestamp(second, UTC).strftime("%Y%m%d%H%M%S")


def _key(context: Context) -> Path:
    """The configured key, else the one of ~/.ssh whose public half operator.yaml gives this engineer."""
    if context.settings.ssh_key:
        return context.settings.ssh_key
    mine = {
        key.split()[1]
        for engineer in context.operator.engineers
        if engineer.id == context.engineer
        for key in engineer.ssh_keys
    }
    for public in sorted((Path.home() / ".ssh").glob("*.pub")):
        fields = public.read_text(errors="replace").split()
        if len(fields) > 1 and fields[1] in mine:
            private = public.with_suffix("")
            return private if private.exists() else public
    raise DureError(
        "no key to sign with",
        where=context.engineer,
        why="none of your public keys of operator.yaml lies in ~/.ssh",
        mend="set ssh_key in .dure/local.yaml",
    )


def _failed(key: Path, why: str) -> DureError:
    return DureError(
        "it could not be signed",
        where=str(key),
        why=why,
        mend=f"see that ssh-keygen can use {key}, then repeat",
    )
