"""secrets/<customer>.yaml as far as it is in clear: names, and to which recipients each value is encrypted.

A value reads `age:MARK:BASE64`: MARK names the set of recipients, so that `operator secrets list` sees without a
key which values still have to be encrypted anew.
"""

import hashlib
import re
from collections.abc import Iterable
from pathlib import Path

from dure.model.document import Document, read_document
from dure.model.text import absent

DIRECTORY = "secrets"
NAME = re.compile(r"[a-z0-9][a-z0-9._-]*(/[a-z0-9][a-z0-9._-]*)*")
VALUE = re.compile(r"age:([0-9a-f]{8}):([A-Za-z0-9+/]+=*)")


def recipients_mark(recipients: Iterable[str]) -> str:
    """Eight hexadecimal digits that name a set of recipients; comments of SSH keys do not count."""
    plain = sorted(" ".join(one.split()[:2]) for one in recipients)
    return hashlib.sha256("\n".join(plain).encode()).hexdigest()[:8]


def read_secret_file(root: Path, owner: str) -> tuple[dict[str, str], Document | None]:
    """Name -> encrypted value of the owner's file, and the document; nothing when the file is absent."""
    file = root / DIRECTORY / f"{owner}.yaml"
    if absent(file):
        return {}, None
    document = read_document(root, file)
    problems = list(document.problems)
    values: dict[str, str] = {}
    if document.data is not None and not isinstance(document.data, dict):
        problems.append(
            document.problem(
                (), "the file is no mapping", "a line is `name: age:…`", f"operator secrets set {owner}/NAME"
            )
        )
    if isinstance(document.data, dict):
        for name, value in document.data.items():
            if not NAME.fullmatch(name):
                why = "a name is made of a-z, 0-9, . _ - and /"
                problems.append(
                    document.problem((name,), f'"{name}" is not a secret\'s name', why, "rename it", key=True)
                )
            elif not isinstance(value, str) or not VALUE.fullmatch(value):
                why = "only encrypted values (`age:…`) may stand here"
                mend = f"remove the line, run `operator secrets set {owner}/{name}` with a new value: this one is known"
                problems.append(document.problem((name,), f'secret "{name}" is not encrypted', why, mend))
            else:
                values[name] = value
    return values, Document(document.file, document.data, document.root, problems)
