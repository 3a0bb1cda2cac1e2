"""Rules of the parameter `shares`, whose form the blueprint's schema looks at: what Samba and Windows can show."""

import re
from collections.abc import Iterator

from dure.model.customer import Site
from dure.model.document import Document, Path_
from dure.model.problem import Problem

# Sections of smb.conf with a meaning of their own.
RESERVED = frozenset({"global", "homes", "printers"})
UNUSABLE = re.compile(r'[\\/:*?"<>|\[\]+=;,%$\x00-\x1f]')


def share_problems(site: Site, document: Document, path: Path_) -> list[Problem]:
    """Ids and names that stand twice or that no client could open; `path` leads to the site."""
    problems = []
    first: dict[str, int] = {}
    for index, share in _shares(site):
        here = (*path, "parameters", "shares", index)
        for key in ("id", "name"):
            text = share.get(key)
            if not isinstance(text, str):
                continue
            earlier = first.setdefault(text.casefold(), index)
            if earlier != index:
                line = document.at((*path, "parameters", "shares", earlier))[0]
                what, why = f'share {key} "{text}" stands twice', f"the share of line {line} is found by it already"
                problems.append(document.problem((*here, key), what, why, f"write another {key}"))
            elif text in RESERVED:
                what, why = f'share {key} "{text}" is taken', "Samba has a section of that name"
                problems.append(document.problem((*here, key), what, why, f"write another {key}"))
            elif key == "name" and (UNUSABLE.search(text) or text != text.strip() or not text):
                what, why = f'share name "{text}" cannot be opened', 'Windows takes none of \\/:*?"<>|[]+=;,%$ in it'
                problems.append(document.problem((*here, key), what, why, "leave such characters and outer spaces out"))
    return problems


def _shares(site: Site) -> Iterator[tuple[int, dict[str, object]]]:
    shares = site.parameters.get("shares")
    for index, share in enumerate(shares if isinstance(shares, list) else []):
        if isinstance(share, dict):
            yield index, dict(share)
