"""The rule that identities of tenants have a ceiling."""

import re
from collections.abc import Iterator

from dure.plan.subject import Subject, known
from dure.policy.around import TENANT_PROGRAMS
from dure.policy.rule import Hit, rule, unproven

IDENTITIES = ("aws:iam/role:Role", "aws:iam/user:User")
INPUT = "permissionsBoundary"
CEILING = re.compile(r"arn:aws:iam::[0-9]{12}:policy/dure-boundaries/.+")
"""A policy of the landing zone's, at a path that CI's role may not write."""


@rule(
    "bounded-identities",
    "mandatory",
    reason="CI writes policies of what stacks make, and without a boundary they may allow anything in the account",
    mend="make it within its stack's own program, which bounds all it makes; first `operator stacks up landing-zone`",
)
def bounded_identities(subject: Subject) -> Iterator[Hit]:
    """Every role and user of a tenant has a permissions boundary of the landing zone."""
    if subject.program not in TENANT_PROGRAMS:
        return
    for one in subject.planned(*IDENTITIES):
        arn = one.inputs.get(INPUT)
        if not arn:
            if _must(subject):
                yield Hit(one, "it has no permissions boundary")
        elif not known(arn):
            yield unproven(one, "its permissions boundary")
        elif not CEILING.fullmatch(str(arn)):
            yield Hit(one, f"its permissions boundary {arn} is none of the landing zone's")


def _must(subject: Subject) -> bool:
    """A box's vault stands without a landing zone too: then there is no boundary, and no CI that one would hold."""
    given = subject.parameters
    return subject.program != "hybrid_site" or bool(given.get("boundary_arn")) or given.get("vpn") == "aws"
