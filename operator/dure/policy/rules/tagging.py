"""The rule of tags."""

from collections.abc import Iterator
from functools import cache
from importlib import resources

from dure.plan.subject import Subject, known
from dure.policy.around import part
from dure.policy.rule import Hit, rule

REQUIRED = ("dure:msp", "dure:customer", "dure:site", "dure:tier", "dure:owner", "dure:cost-centre")


@cache
def taggable() -> frozenset[str]:
    """Types that take tags, by the provider's own schema."""
    listed = resources.files("dure.policy").joinpath("data", "taggable.txt").read_text(encoding="utf-8")
    return frozenset(listed.split())


@rule(
    "complete-tags",
    "mandatory",
    reason="an untagged resource has no owner, no payer, and is not found when its site goes",
    mend="make it within the stack's own program, whose tags are given once for all resources",
)
def complete_tags(subject: Subject) -> Iterator[Hit]:
    """Every resource that takes tags carries msp, customer, site, tier, owner and cost-centre, of its own site."""
    for one in subject.planned():
        if one.type not in taggable() and "tags" not in one.inputs:
            continue
        tags = part(one.inputs, "tags")
        missing = [key.removeprefix("dure:") for key in REQUIRED if not tags.get(key)]
        if missing:
            yield Hit(one, f"its tags lack {', '.join(missing)}")
        site = tags.get("dure:site")
        if isinstance(site, str) and known(site) and site not in (subject.site, subject.tags.get("dure:site")):
            yield Hit(one, f"it is tagged as of {site}")
