"""The workspace's secrets: one file a customer, names in clear, each value encrypted by itself."""

import secrets
import string
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

from dure.errors import UsageError
from dure.model.explain import nearest
from dure.model.listing import yaml_files
from dure.model.local import state_directory
from dure.model.problem import WorkspaceInvalid
from dure.model.secret_file import DIRECTORY, NAME, VALUE, read_secret_file, recipients_mark
from dure.model.text import MAX_BYTES, printable
from dure.model.writing import cannot_write, one_writer, replace_file
from dure.secrets.age import PyrageIdentity, decrypt, encrypt, read_identities

HEADER = (
    "# 이름은 그대로, 값은 하나씩 age 로 암호화됩니다. `operator secrets set` 이 씁니다.\n"
    "# (Names in clear, each value encrypted with age; written by `operator secrets set`.)\n"
)
VALUE_MAX_BYTES = 64 * 1024
# Read aloud and typed by people: without 0 O 1 l I.
TYPED_ALPHABET = "".join(sorted(set(string.ascii_letters + string.digits) - set("0O1lI")))


@dataclass(frozen=True, slots=True)
class SecretName:
    """A stored secret, without its value; `current` when it is encrypted to today's recipients."""

    reference: str
    current: bool


def make_value(reference: str) -> str:
    """A new random value that suits the use: typed by people, or read by programs alone."""
    if reference.endswith("/smb_password"):
        return "-".join("".join(secrets.choice(TYPED_ALPHABET) for _ in range(5)) for _ in range(4))
    return secrets.token_urlsafe(32)


class SecretStore:
    """Secrets of the workspace `root`; references read `owner/name`, such as hansol-plastics/ansan/restic_password.

    `identity` is only needed to read values; None means the default file.
    """

    def __init__(self, root: Path, recipients: Sequence[str], identity: Path | None = None) -> None:
        self.root = root
        self.recipients = tuple(recipients)
        self.identity = identity
        self._identities: list[PyrageIdentity] | None = None

    def owners(self) -> list[str]:
        """Customers (and `operator`) that have a secrets file."""
        files, problems = yaml_files(self.root, DIRECTORY)
        if problems:
            raise WorkspaceInvalid(problems)
        return [file.stem for file in files]

    def names(self, owner: str) -> list[SecretName]:
        """The owner's secrets in the order of their names; needs no key."""
        mark = recipients_mark(self.recipients)
        return [
            SecretName(f"{owner}/{name}", _mark(value) == mark) for name, value in sorted(self._read(owner).items())
        ]

    def has(self, reference: str) -> bool:
        owner, name = split(reference)
        return name in self._read(owner)

    def get(self, reference: str) -> str:
        """The value in clear. Raises UsageError when there is none, DureError when it does not open."""
        owner, name = split(reference)
        values = self._read(owner)
        if name not in values:
            near = nearest(name, values)
            mend = f'write "{owner}/{near}"' if near else f"operator secrets set {reference}"
            raise UsageError(f'no secret "{reference}"', why=f"secrets/{owner}.yaml has none of that name", mend=mend)
        if self._identities is None:
            self._identities = read_identities(self.identity)
        return decrypt(values[name], self._identities, reference)

    def set(self, reference: str, value: str) -> None:
        """Encrypt and write one value, new or in place of the old; other lines and comments stay as they are."""
        owner, name = split(reference)
        size = len(value.encode())
        if size > VALUE_MAX_BYTES:
            why = f"a value has at most {VALUE_MAX_BYTES:,} bytes"
            mend = "keep what is larger in the vault, and its key here"
            raise UsageError(f"the value of {reference} is too large", why=why, mend=mend)
        with self._locked():
            self._change(owner, {name: encrypt(value, self.recipients)})

    def generate_missing(self, references: Iterable[str]) -> list[str]:
        """Make a random value for each reference that has none; the references made. Needs no identity."""
        made: list[str] = []
        with self._locked():
            by_owner: dict[str, dict[str, str]] = {}
            for reference in sorted(set(references)):
                owner, name = split(reference)
                if name not in self._read(owner):
                    by_owner.setdefault(owner, {})[name] = encrypt(make_value(reference), self.recipients)
                    made.append(reference)
            for owner, values in by_owner.items():
                self._change(owner, values)
        return made

    def remove(self, reference: str) -> None:
        """Take one secret out of its file. Raises UsageError when it is not there."""
        owner, name = split(reference)
        with self._locked():
            if name not in self._read(owner):
                why, mend = f"secrets/{owner}.yaml has none of that name", f"operator secrets list {owner}"
                raise UsageError(f'no secret "{reference}"', why=why, mend=mend)
            self._change(owner, {}, removed=name)

    def rekey(self, owners: Iterable[str] | None = None, *, everything: bool = False) -> list[str]:
        """Encrypt anew each value that is not encrypted to today's recipients; the references changed."""
        changed: list[str] = []
        with self._locked():
            for owner in owners if owners is not None else self.owners():
                stale = [one.reference for one in self.names(owner) if everything or not one.current]
                values = {split(one)[1]: encrypt(self.get(one), self.recipients) for one in stale}
                if values:
                    self._change(owner, values)
                changed += stale
        return changed

    def _locked(self) -> AbstractContextManager[None]:
        return one_writer(state_directory(self.root) / "secrets.lock")

    def _read(self, owner: str) -> dict[str, str]:
        values, document = read_secret_file(self.root, owner)
        if document is not None and document.problems:
            raise WorkspaceInvalid(document.problems)
        return values

    def _change(self, owner: str, values: dict[str, str], removed: str = "") -> None:
        self._read(owner)  # refuse to rewrite a file that is not understood
        file = self.root / DIRECTORY / f"{owner}.yaml"
        try:
            file.parent.mkdir(exist_ok=True)
        except OSError as error:
            raise cannot_write(file.parent, error) from error
        old = file.read_text(encoding="utf-8") if file.exists() else HEADER
        text = rewritten(old, values, removed).encode()
        if len(text) > MAX_BYTES:
            why = f"it would have {len(text):,} bytes, and at most {MAX_BYTES:,} are read"
            mend = f"remove secrets that nobody needs: operator secrets list {owner}"
            raise UsageError(f"secrets/{owner}.yaml is full", why=why, mend=mend)
        replace_file(file, text)


def rewritten(text: str, values: dict[str, str], removed: str = "") -> str:
    """The file's text with values set in place, or at their sorted place when new; comments stay."""
    from ruamel.yaml import YAML
    from ruamel.yaml.comments import CommentedMap

    yaml = YAML()
    yaml.width = 1 << 20
    yaml.preserve_quotes = True
    if not any(line.strip() and not line.lstrip().startswith("#") for line in text.splitlines()):
        rows = "".join(f"{name}: {value}\n" for name, value in sorted(values.items()))
        return text + ("" if not text or text.endswith("\n") else "\n") + rows
    data = yaml.load(text)
    mapping = data if isinstance(data, CommentedMap) else CommentedMap()
    for name, value in values.items():
        if name in mapping:
            mapping[name] = value
        else:
            place = sum(1 for other in mapping if str(other) < name)
            mapping.insert(place, name, value)
    if removed:
        del mapping[removed]
    out = StringIO()
    yaml.dump(mapping, out)
    return out.getvalue() if mapping else HEADER


def split(reference: str) -> tuple[str, str]:
    """`owner/name` -> its two parts. Raises UsageError on anything else."""
    owner, slash, name = reference.partition("/")
    if not slash or not NAME.fullmatch(owner) or not NAME.fullmatch(name):
        raise UsageError(
            f'"{printable(reference)}" is not a secret\'s reference',
            why="it is written owner/name in a-z, 0-9, . _ - and /",
            mend="write it as in hansol-plastics/ansan/restic_password",
        )
    return owner, name


def _mark(value: str) -> str:
    match = VALUE.fullmatch(value)
    return match[1] if match else ""
