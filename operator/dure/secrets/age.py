"""age through pyrage: recipients and identities from text, with errors that name their mending."""

import base64
from collections.abc import Sequence
from pathlib import Path

import pyrage

from dure.errors import DureError, UsageError
from dure.model.secret_file import VALUE, recipients_mark

# pyrage ships no types; its recipients and identities are only handed back to it.
PyrageRecipient = object
PyrageIdentity = object
IDENTITY_MAX_BYTES = 64 * 1024
DEFAULT_IDENTITY = Path("~/.config/dure/identity.txt")


def encrypt(value: str, recipients: Sequence[str]) -> str:
    """`age:MARK:BASE64` on one line. Raises UsageError when there is no usable recipient."""
    if not recipients:
        raise UsageError(
            "nobody could open the secret",
            why="operator.yaml names no recipients",
            mend="make a key with `age-keygen` and write its public part under `secrets: recipients:` in operator.yaml",
        )
    sealed = pyrage.encrypt(value.encode(), [_recipient(one) for one in recipients])
    return f"age:{recipients_mark(recipients)}:{base64.b64encode(sealed).decode()}"


def decrypt(value: str, identities: Sequence[PyrageIdentity], name: str) -> str:
    """The secret in clear; `name` is for the message."""
    match = VALUE.fullmatch(value)
    if not match:
        raise UsageError(f"secret {name} is damaged", why="it is not `age:…`", mend=f"operator secrets set {name}")
    try:
        return bytes(pyrage.decrypt(base64.b64decode(match[2]), list(identities))).decode()
    except (pyrage.DecryptError, ValueError) as error:
        raise DureError(
            f"secret {name} does not open",
            why="it is not encrypted to your identity, or is damaged",
            mend="have a recipient add your public key to operator.yaml and run `operator secrets rekey`",
        ) from error


def _recipient(text: str) -> PyrageRecipient:
    kind = pyrage.x25519.Recipient if text.startswith("age1") else pyrage.ssh.Recipient
    try:
        recipient: PyrageRecipient = kind.from_str(text)
    except pyrage.RecipientError as error:
        why = str(error)
        mend = "correct `secrets: recipients:` in operator.yaml"
        raise UsageError(f'"{text[:40]}" is not a recipient', where="operator.yaml", why=why, mend=mend) from error
    return recipient


def read_identities(file: Path | None) -> list[PyrageIdentity]:
    """All identities of an age key file or an unencrypted SSH private key."""
    path = (file or DEFAULT_IDENTITY).expanduser()
    try:
        with path.open("rb") as stream:
            raw = stream.read(IDENTITY_MAX_BYTES)  # more is no key: a disk image, or a device without end
    except OSError as error:
        raise DureError(
            "no identity to open secrets with",
            where=str(path),
            why=error.strerror or "the system refused",
            mend="put your age or SSH private key there, or name it as `age_identity:` in .dure/local.yaml",
        ) from error
    try:
        if b"PRIVATE KEY-----" in raw:
            return [pyrage.ssh.Identity.from_buffer(raw)]
        lines = [line.strip() for line in raw.decode().splitlines()]
        keys = [line for line in lines if line and not line.startswith("#")]
        if keys:
            return [pyrage.x25519.Identity.from_str(line) for line in keys]
    except (pyrage.IdentityError, UnicodeDecodeError) as error:
        raise _no_key(path) from error
    raise _no_key(path)


def _no_key(path: Path) -> DureError:
    return DureError(
        "the identity cannot be read",
        where=str(path),
        why="it is neither an age key nor an SSH private key of type ed25519 or rsa without a passphrase",
        mend="make one with `age-keygen -o FILE`, and have it added to the recipients",
    )
