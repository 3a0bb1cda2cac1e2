"""Rules of the parameter `shares`, whose form the blueprint's schema looks at: what Samba and Windows can show."""

import re
from collections.abc import Iterator

from dure.model.customer import Site
from dure.model.document import Document, Path_
from dure.model.problem import Problem

# Sections of smb.conf with a meaning of their own.
RESERVED = frozenset({"global", "homes", "printers"})
UNUSABLE = re.compile(r'[\\/:*?"<>|\[\]+=;,%$\x00-\x1f\x7f]')


def share_problems(site: Site, document: Document, path: Path_) -> list[Problem]:
    """Ids and names that stand twice or that no client could open; `path` leads to the site."""
    problems = []
    first: dict[str, int] = {}
    for index, key, text in _words(site):
        earlier = first.setdefault(text.casefold(), index)
        complaint = _unusable(key, text)
        if earlier != index:
            line = document.at((*path, "parameters", "shares", earlier))[0]
            why = f"the share of line {line} is found by it already"
            complaint = f'share {key} "{text}" stands twice', why, f"write another {key}"
        if complaint is not None:
            problems.append(document.problem((*path, "parameters", "shares", index, key), *complaint))
    return problems


def _unusable(key: str, text: str) -> tuple[str, str, str] | None:
    """What, why and how to mend, where nobody could open a share of that id or name."""
    if text in RESERVED:
        return f'share {key} "{text}" is taken', "Samba has a section of that name", f"write another {key}"
    if key == "name" and (UNUSABLE.search(text) or text != text.strip() or not text):
        why = 'Windows takes none of \\/:*?"<>|[]+=;,%$ in it'
        return f'share name "{text}" cannot be opened', why, "leave such characters and outer spaces out"
    return None


def _words(site: Site) -> Iterator[tuple[int, str, str]]:
    """Index, key and text of each share's id and name."""
    for index, share in _shares(site):
        for key in ("id", "name"):
            text = share.get(key)
            if isinstance(text, str):
                yield index, key, text


def _shares(site: Site) -> Iterator[tuple[int, dict[str, object]]]:
    shares = site.parameters.get("shares")
    for index, share in enumerate(shares if isinstance(shares, list) else []):
        if isinstance(share, dict):
            yield index, dict(share)
