"""The one SELECTOR of all commands: `customer`, `customer/site`, `role=box`, `tag=…`, joined by `and`."""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path

from dure.errors import UsageError
from dure.model.explain import nearest
from dure.model.places import CUSTOMERS
from dure.model.workspace import HUB, sites_in_file


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
    terms = tuple(term.strip() for term in re.split(r"(?:^|\s)and(?=\s|$)", text)) if text.strip() else ()
    if "" in terms:
        raise UsageError(
            f'the selector "{text}" is not whole',
            why="`and` joins two terms, and on one side of it there is none",
            mend="write the missing term or leave `and` out, as in: operator status 'role=box and tag=seoul'",
        )
    for term in terms:
        key, equals, value = term.partition("=")
        if " " in term or (equals and (key not in ("role", "tag") or not value)):
            raise UsageError(
                f'"{term}" selects nothing',
                why="a selector is customer, customer/site, role=box or tag=…, joined by `and`",
                mend="operator status hansol-plastics, or: operator status 'role=box and tag=seoul'",
            )
    return Selector(terms)


def refuse_unknown(selector: Selector, workspace: Path, sites: Iterable[str], roles: Iterable[str]) -> None:
    """Raises UsageError for a customer, site or role that neither `sites` (the store's) nor the workspace has.

    For a selection that came out empty: a slip of the pen must not read as "nothing is wrong".
    """
    registered = set(sites)
    for term in selector.terms:
        key, equals, value = term.partition("=")
        if key == "role" and equals and value not in set(roles):
            raise _unknown("role", value, set(roles), "role=")
        if not equals and not _is_known(workspace, term, registered):
            known = registered | {one.partition("/")[0] for one in registered} | _in_files(workspace, term)
            raise _unknown("site" if "/" in term else "customer", term, known, "")


def require_site(workspace: Path, site: str) -> None:
    """Raises UsageError for a site that the workspace does not have; for a list that came out empty."""
    refuse_unknown(Selector((site,)), workspace, [], [])


def _is_known(workspace: Path, term: str, registered: set[str]) -> bool:
    return any(one == term or one.startswith(term + "/") for one in registered) or term in _in_files(workspace, term)


def _in_files(workspace: Path, term: str) -> set[str]:
    """What the workspace's files offer in the term's place: that customer's sites, else customers and the hub."""
    customer, slash, _ = term.partition("/")
    files = (workspace / CUSTOMERS).glob("*.yaml")
    return set(sites_in_file(workspace, customer)) if slash else {HUB, *(file.stem for file in files)}


def _unknown(kind: str, value: str, known: set[str], prefix: str) -> UsageError:
    near = nearest(value, known)
    others = f"one of {', '.join(sorted(known)[:8])}" if known else "look at customers/*.yaml"
    mend = f'write "{prefix}{near}"' if near else others
    return UsageError(f'no {kind} "{value}"', why="neither the workspace nor the store has one", mend=mend)


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
