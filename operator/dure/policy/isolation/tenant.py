"""A tenant's stack as identities with their policies, and things that are its own."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pydantic import JsonValue

from dure.plan.subject import UNKNOWN_TEXT, Resource, Subject, known
from dure.policy.around import Written, identity_policies, part, resource_policies, text
from dure.policy.iam import Document, Statement
from dure.policy.isolation.naming import Names, names_of
from dure.policy.isolation.things import OBJECT, SAMPLE, Ground, Thing, identity_arn, things_of
from dure.policy.rule import Hit, unproven

ACCOUNT = re.compile(r"arn:aws:[a-z0-9-]*:[a-z0-9-]*:([0-9]{12}):")
ROLE, USER, POLICY = "aws:iam/role:Role", "aws:iam/user:User", "aws:iam/policy:Policy"
ATTACHED = {
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": "role",
    "aws:iam/userPolicyAttachment:UserPolicyAttachment": "user",
}
SERVICES_OWN = frozenset(
    {
        "AmazonECSTaskExecutionRolePolicy",
        "AWSBackupServiceRolePolicyForBackup",
        "AWSBackupServiceRolePolicyForRestores",
        "AWSBackupServiceRolePolicyForS3Backup",
        "AWS_ConfigRole",
    }
)
"""AWS's policies for a role that only an AWS service takes, for its own work: no code of a tenant runs with it."""


@dataclass(frozen=True, slots=True)
class Identity:
    """A role or user of the tenant, with all documents that give it rights."""

    resource: Resource
    arn: str
    documents: tuple[Document, ...]
    boundary: tuple[Document, ...] | None
    context: Mapping[str, tuple[str, ...]]
    """What each of its requests carries: its tags."""

    @property
    def is_role(self) -> bool:
        return self.resource.type == ROLE


@dataclass(frozen=True, slots=True)
class Tenant:
    subject: Subject
    names: Names
    account: str
    identities: tuple[Identity, ...]
    things: tuple[Thing, ...]
    doubts: tuple[Hit, ...]
    """What cannot be read."""

    @property
    def customer(self) -> str:
        return self.subject.customer


def tenant_of(subject: Subject, account: str) -> Tenant:
    """`account` is that of a stack in which no ARN stands yet."""
    account = account_of(subject) or account
    ground = Ground(subject, account)
    names = names_of(subject)
    found = list(_identities(ground))
    identities = tuple(identity for identity, _ in found)
    doubts = [hit for _, hits in found for hit in hits]
    things = [*things_of(ground), *_territory(identities, names)]
    return Tenant(subject, names, account, identities, tuple(things), tuple(doubts))


def account_of(subject: Subject) -> str:
    """The account's number, as it stands in any ARN of the stack; empty when there is none."""
    for one in subject.planned():
        for value in _texts(one.inputs):
            if found := ACCOUNT.search(value):
                return found[1]
    return ""


def _texts(value: JsonValue | Mapping[str, JsonValue]) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for one in value.values():
            yield from _texts(one)
    elif isinstance(value, list):
        for one in value:
            yield from _texts(one)


def _identities(ground: Ground) -> Iterator[tuple[Identity, list[Hit]]]:
    subject = ground.subject
    policies = list(identity_policies(subject))
    for one in subject.planned(ROLE, USER):
        name = text(one.inputs, "name")
        own = [each for each in policies if each.owner and each.owner == name]
        attached, doubts = _attached(subject, one, name, policies)
        doubts += [_doubt(each) for each in (*own, *attached) if each.document is None]
        documents = tuple(each.document for each in (*own, *attached) if each.document is not None)
        yield Identity(one, identity_arn(one, ground), documents, _boundary(one, policies), _context(one)), doubts


def _doubt(one: Written) -> Hit:
    return (
        Hit(one.resource, f"it is unreadable: {one.fault}") if one.fault else unproven(one.resource, "what it allows")
    )


def _attached(
    subject: Subject, identity: Resource, name: str, policies: list[Written]
) -> tuple[list[Written], list[Hit]]:
    """Documents of policies that are attached to it, and what is attached and cannot be read."""
    found: list[Written] = []
    doubts: list[Hit] = []
    for one in subject.planned(*ATTACHED):
        to = text(one.inputs, ATTACHED[one.type])
        if to != name and (known(to) or one.parent != identity.parent):
            continue
        arn = text(one.inputs, "policyArn")
        title = arn.rpartition("/")[2]
        if not known(arn):
            found += [each for each in policies if each.resource.type == POLICY and each.resource.parent == one.parent]
        elif title in SERVICES_OWN and _only_services(subject, identity):
            continue
        elif same := [each for each in policies if _named(each.resource, title)]:
            found += same
        else:
            doubts.append(Hit(one, f"what the attached {title} allows does not stand in the stack"))
    return found, doubts


def _named(policy: Resource, title: str) -> bool:
    return policy.type == POLICY and text(policy.inputs, "name") == title


def _only_services(subject: Subject, role: Resource) -> bool:
    for one in resource_policies(subject, ROLE):
        if one.resource.urn == role.urn and one.document is not None:
            pairs = [pair for each in one.document.statements if each.principals for pair in each.principals.pairs]
            return bool(pairs) and all(kind == "Service" for kind, _ in pairs)
    return False


def _boundary(identity: Resource, policies: list[Written]) -> tuple[Document, ...] | None:
    """What limits it; a boundary that cannot be read is taken for none, which limits less."""
    arn = text(identity.inputs, "permissionsBoundary")
    found = [one.document for one in policies if arn and _named(one.resource, arn.rpartition("/")[2])]
    read = tuple(one for one in found if one is not None)
    return read or None


def _context(identity: Resource) -> dict[str, tuple[str, ...]]:
    tags = part(identity.inputs, "tags")
    return {
        f"aws:principaltag/{key.lower()}": (value,)
        for key, value in tags.items()
        if isinstance(value, str) and known(value)
    }


def _territory(identities: tuple[Identity, ...], names: Names) -> Iterator[Thing]:
    """Parts of shared resources that are the tenant's: a prefix of a bucket, a path of parameters."""
    for identity in identities:
        for document in identity.documents:
            for one in document.statements:
                if one.effect == "Allow" and not one.negated_actions and not one.negated_resources:
                    yield from _of_statement(one, names)


def _of_statement(statement: Statement, names: Names) -> Iterator[Thing]:
    context = {
        one.key.lower(): (one.values[0].replace("*", SAMPLE),)
        for one in statement.conditions
        if one.operator in ("StringLike", "StringEquals") and names.tells(one.values[0])
    }
    actions = tuple(one for one in statement.actions if "*" not in one)
    for pattern in statement.resources:
        if UNKNOWN_TEXT in pattern or not (names.tells(pattern) or context):
            continue
        arn = pattern.replace("*", SAMPLE).replace("?", SAMPLE)
        tried = tuple(dict.fromkeys((*actions, *(OBJECT if arn.startswith("arn:aws:s3:::") and "/" in arn else ()))))
        if tried:
            yield Thing(arn, tried, None, context)
