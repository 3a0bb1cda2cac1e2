"""The rule that identities of tenants have a ceiling."""

import re
from collections.abc import Iterator

from dure.plan.subject import Resource, Subject, known
from dure.policy.around import TENANT_PROGRAMS, part, text, written
from dure.policy.iam.document import Principals
from dure.policy.rule import Hit, rule, unproven

IDENTITIES = ("aws:iam/role:Role", "aws:iam/user:User")
INPUT = "permissionsBoundary"
CEILING = r"arn:aws:iam::[0-9]{{12}}:policy/dure-boundaries/{msp}/[\w-]*boundary-{kind}-[0-9a-f]+"
"""A policy of the landing zone's, at a path that CI's role may not write (iaas.boundary); while none stands."""
BUDGETS = "budgets.amazonaws.com"


@rule(
    "bounded-identities",
    "mandatory",
    reason="CI writes policies of what stacks make, and without a boundary they may allow anything in the account",
    mend="make it within its stack's own program, which bounds all it makes; first `operator stacks up landing-zone`",
)
def bounded_identities(subject: Subject) -> Iterator[Hit]:
    """Every role and user of a tenant has the permissions boundary that the landing zone gives to its kind."""
    if subject.program not in TENANT_PROGRAMS:
        return
    for one in subject.planned(*IDENTITIES):
        arn = one.inputs.get(INPUT)
        if not arn:
            if _must(subject):
                yield Hit(one, "it has no permissions boundary")
        elif not known(arn):
            yield unproven(one, "its permissions boundary")
        elif not _fits(subject, _kind(subject, one), str(arn)):
            yield Hit(one, f"its permissions boundary {arn} is not the landing zone's for it")


def _kind(subject: Subject, one: Resource) -> str:
    """A sandbox's is the narrower one, but for the role that only AWS Budgets takes: it attaches the spent budget's."""
    if subject.program != "paas_sandbox":
        return "workload"
    trust = written(one, "", one.inputs.get("assumeRolePolicy")).document
    takers = [None if each.negated_principals else each.principals for each in trust.statements] if trust else []
    return "workload" if takers == [Principals((("Service", BUDGETS),))] else "sandbox"


def _fits(subject: Subject, kind: str, arn: str) -> bool:
    """It is the very one that the stack takes from the landing zone; before that is known, one of the MSP's by name."""
    output = "sandbox_boundary_arn" if kind == "sandbox" else "boundary_arn"
    given = text(part(subject.parameters, "upstream"), output) or text(subject.parameters, output)
    if given and known(given):
        return arn == given
    msp = text(subject.parameters, "msp") or subject.tags.get("dure:msp", "")
    return re.fullmatch(CEILING.format(msp=re.escape(msp), kind=kind), arn) is not None


def _must(subject: Subject) -> bool:
    """A box's vault stands without a landing zone too: then there is no boundary, and no CI that one would hold."""
    given = subject.parameters
    return subject.program != "hybrid_site" or bool(given.get("boundary_arn")) or given.get("vpn") == "aws"
