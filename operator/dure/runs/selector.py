"""The one SELECTOR of all commands: `customer`, `customer/site`, `role=box`, `tag=…`, joined by `and`."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from dure.errors import UsageError


@dataclass(frozen=True, slots=True)
class Selector:
    """All terms must hold; no term picks everything."""

    terms: tuple[str, ...]

    def matches(self, workspace: Path, site: str, roles: set[str], tags: Collection[str] | None = None) -> bool:
        """Does the site fit? A site's file is read only when a `tag=` has to be looked up and none are given."""
        return all(_fits(term, workspace, site, roles, tags) for term in self.terms)

    @property
    def names(self) -> tuple[str, ...]:
        """The terms that name a customer or a site."""
        return tuple(term for term in self.terms if "=" not in term)


def parse_selector(text: str) -> Selector:
    """Raises UsageError for a term that is not one."""
    terms = tuple(term.strip() for term in re.split(r"(?:^|\s)and(?:\s|$)", text)) if text.strip() else ()
    for term in terms:
        key, equals, value = term.partition("=")
        if not term or " " in term or (equals and (key not in ("role", "tag") or not value)):
            raise UsageError(
                f'"{term}" selects nothing',
                why="a selector is customer, customer/site, role=box or tag=…, joined by `and`",
                mend="operator status hansol-plastics, or: operator status 'role=box and tag=seoul'",
            )
    return Selector(terms)


def _fits(term: str, workspace: Path, site: str, roles: set[str], tags: Collection[str] | None) -> bool:
    key, equals, value = term.partition("=")
    if not equals:
        return site == term or site.startswith(term + "/")
    if key == "role":
        return value in roles
    return value in (_tags(workspace, site) if tags is None else tags)


def _tags(workspace: Path, site: str) -> list[str]:
    from dure.model import load_site

    try:
        files = load_site(workspace, site)
    except UsageError:
        return []
    return list(files.site.tags) if files.site else []
