"""waivers.yaml: rules that need not hold for one resource or site, with reason, approver and end."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from dure.model.document import Document, read_document
from dure.model.explain import nearest, parse
from dure.model.fields import DayText, Login, refuse
from dure.model.msp import Strict
from dure.model.problem import Problem
from dure.model.text import absent

FILE = "waivers.yaml"
RuleId = Literal[
    "no-public-bucket",
    "encryption-at-rest",
    "closed-ingress",
    "private-database",
    "imds-v2",
    "no-wildcard-policy",
    "no-open-trust",
    "bounded-identities",
    "tenant-isolation",
    "complete-tags",
    "explicit-tunnels",
    "deletion-protection",
    "no-long-lived-keys",
    "small-tier-services",
    "own-key-from-standard",
    "personal-data-region",
    "budget",
]
"""All rules of policy, as `operator policy list` shows them."""
OWN_SITES = ("hub", "landing-zone")
"""Sites of the MSP itself."""
SHORTEST_REASON = 10
URN = "urn:"
"""How the name of a resource begins that is the only one of all stacks."""


def _check_reason(text: str) -> str:
    if len(text.strip()) < SHORTEST_REASON:
        refuse(f'the reason is "{text}"', "nobody will understand it in a year", "write a sentence")
    return text


class Waiver(Strict):
    """One exception, for a site or for one resource of it."""

    rule: RuleId = Field(description="The rule that need not hold; see `operator policy list`.")
    site: str = Field(
        default="", description="Site as customer/site, or landing-zone.", examples=["hansol-plastics/ansan"]
    )
    resource: str = Field(
        default="",
        description="Only this resource of the site: its name as a finding shows it, or its URN, which needs no site.",
    )
    reason: Annotated[str, AfterValidator(_check_reason)] = Field(description="Why, for whoever reads it in a year.")
    approver: Login = Field(description="Id of the engineer in operator.yaml who allows it.")
    expires: DayText = Field(description="Last day on which it counts.", examples=["2027-03-31"])

    def counts(self, today: date) -> bool:
        return today <= date.fromisoformat(self.expires)


class Waivers(Strict):
    """waivers.yaml."""

    waivers: list[Waiver] = Field(default=[], description="The exceptions.")


@dataclass(frozen=True, slots=True)
class PlacedWaiver:
    """A waiver and where it stands: `waivers.yaml:3`."""

    waiver: Waiver
    place: str


def read_waivers(
    root: Path, engineers: Collection[str], sites: Collection[str] | None = None
) -> tuple[tuple[PlacedWaiver, ...], list[Problem]]:
    """The waivers (none when the file is absent) and what is wrong; without `sites` none is asked whether it exists."""
    file = root / FILE
    if absent(file):
        return (), []
    document = read_document(root, file)
    if document.data is None:
        return (), document.problems
    found, problems = parse(Waivers, document)
    if found is None:
        return (), document.problems + problems
    problems = [*document.problems, *_problems(found, document, engineers, sites)]
    placed = (
        PlacedWaiver(one, f"{FILE}:{document.at(('waivers', index))[0]}") for index, one in enumerate(found.waivers)
    )
    return tuple(placed), problems


def _problems(
    found: Waivers, document: Document, engineers: Collection[str], sites: Collection[str] | None
) -> Iterator[Problem]:
    for index, one in enumerate(found.waivers):
        if not one.site and not one.resource.startswith(URN):
            yield _of_no_site(one, document, index)
        if one.approver not in engineers:
            near = nearest(one.approver, engineers)
            mend = f"write {near}" if near else "write the id of one of `engineers:`"
            what, why = f'unknown approver "{one.approver}"', "operator.yaml has no such engineer"
            yield document.problem(("waivers", index, "approver"), what, why, mend)
        if one.site and sites is not None and one.site not in (*sites, *OWN_SITES):
            near = nearest(one.site, sites)
            mend = f"write {near}" if near else "remove the waiver: the site is gone"
            what, why = f'unknown site "{one.site}"', "the workspace has no such site"
            yield document.problem(("waivers", index, "site"), what, why, mend)


def _of_no_site(one: Waiver, document: Document, index: int) -> Problem:
    """Resources of one name stand in many stacks: without a site the waiver would count for all of them."""
    if not one.resource:
        why = "a rule is waived for a site or a resource, never for all"
        return document.problem(("waivers", index), "the waiver says not for what", why, "add `site:`")
    what = f'the waiver of resource "{one.resource}" names no site'
    why = "other sites may have a resource of that name too"
    return document.problem(("waivers", index, "resource"), what, why, "add `site:`, or write the resource's URN")
