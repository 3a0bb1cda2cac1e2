"""Names that tell a tenant apart, and the same stack under a stranger's names.

Names on AWS hold the customer's id and a digest (stacks/iaas/names.py). What the landing zone shares comes in by the
stack's parameters and keeps its name.
"""

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pydantic import JsonValue

from dure.plan.subject import Subject

DIGEST = re.compile(r"(?<![0-9a-f])[0-9a-f]{10}(?![0-9a-f])")
NAMING = ("bucket", "name", "identifier", "path", "family", "alias")
"""Inputs by which a resource is named."""
STRANGER = "zz-stranger"
MASK = "\x01"
SHORTEST_SHARED = 8


@dataclass(frozen=True, slots=True)
class Names:
    """What is the tenant's own in a text: its customer's id as a word, and digests of its own names."""

    customer: str
    word: re.Pattern[str]
    site: re.Pattern[str]
    digests: frozenset[str]
    shared: tuple[str, ...]
    """Values that come from outside, longest first."""

    def tells(self, text: str) -> bool:
        """Whether the text names the tenant."""
        return bool(self.word.search(text)) or any(one in text for one in self.digests)

    def neutral(self, text: str) -> str:
        """The text as it would be of any tenant of its template."""
        return self._renamed(text, digest="0" * 10, site=True)

    def strange(self, text: str) -> str:
        """The text as it would be of another customer: its id and its digests changed."""
        return self._renamed(text)

    def _renamed(self, text: str, *, digest: str = "", site: bool = False) -> str:
        for place, one in enumerate(self.shared):
            text = text.replace(one, f"{MASK}{place}{MASK}")
        text = self.word.sub(lambda found: STRANGER.replace("-", "_") if "_" in found[0] else STRANGER, text)
        if site:
            text = self.site.sub("zz-site", text)
        text = DIGEST.sub(lambda found: self._digest(found[0], digest), text)
        for place, one in enumerate(self.shared):
            text = text.replace(f"{MASK}{place}{MASK}", one)
        return text

    def _digest(self, found: str, digest: str) -> str:
        if found not in self.digests:
            return found
        return digest or hashlib.sha256(found.encode()).hexdigest()[: len(found)]


def names_of(subject: Subject) -> Names:
    customer = subject.customer
    word = _as_word(customer)
    site = _as_word(subject.site.rpartition("/")[2])
    shared = {
        value for value in _leaves(subject.parameters) if len(value) >= SHORTEST_SHARED and not word.search(value)
    } | set(_leaves(subject.parameters.get("upstream", {})))
    given = " ".join(shared)
    digests = frozenset(
        digest for name in _own_names(subject) for digest in DIGEST.findall(name) if digest not in given
    )
    longest_first = tuple(sorted((one for one in shared if one), key=lambda one: (-len(one), one)))
    return Names(customer, word, site, digests, longest_first)


def _as_word(name: str) -> re.Pattern[str]:
    """With hyphens, or with underscores as PostgreSQL has it."""
    forms = {name, name.replace("-", "_")}
    return re.compile("|".join(rf"(?<![a-z0-9]){re.escape(one)}(?![a-z0-9])" for one in sorted(forms)))


def _own_names(subject: Subject) -> Iterator[str]:
    for one in subject.planned():
        for key in NAMING:
            value = one.inputs.get(key)
            if isinstance(value, str):
                yield value


def _leaves(value: JsonValue | Mapping[str, JsonValue]) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for one in value.values():
            yield from _leaves(one)
    elif isinstance(value, list):
        for one in value:
            yield from _leaves(one)
