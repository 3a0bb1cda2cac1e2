"""Finding what belongs to a resource: its settings, its component, its policy documents."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pydantic import JsonValue

from dure.plan.subject import Resource, Subject, known
from dure.policy.iam import Document, Unreadable, parse_document

BUCKET = "aws:s3/bucket:Bucket"
TENANT_PROGRAMS = frozenset({"saas_tenant", "paas_sandbox", "hybrid_site"})
SMALL_TIERS = frozenset({"basic", "starter"})


def text(inputs: Mapping[str, JsonValue], key: str) -> str:
    value = inputs.get(key)
    return value if isinstance(value, str) else ""


def part(inputs: Mapping[str, JsonValue], key: str) -> Mapping[str, JsonValue]:
    """A mapping below a key; empty when there is none."""
    value = inputs.get(key)
    return value if isinstance(value, Mapping) else {}


def parts(inputs: Mapping[str, JsonValue], key: str) -> list[Mapping[str, JsonValue]]:
    value = inputs.get(key)
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, list) else []


def on(inputs: Mapping[str, JsonValue], key: str) -> bool:
    return inputs.get(key) in (True, "true")


def settings(subject: Subject, bucket: Resource, kind: str) -> list[Resource]:
    """Settings of that type that name the bucket; of its component where the name is not yet known."""
    name = text(bucket.inputs, "bucket")
    found = []
    for one in subject.planned(kind):
        other = text(one.inputs, "bucket")
        if (known(other) and known(name) and other == name) or (
            not (known(other) and known(name)) and one.parent == bucket.parent
        ):
            found.append(one)
    return found


def enclosing(subject: Subject, resource: Resource) -> Iterator[str]:
    """URNs of the components around a resource, the nearest first."""
    by_urn = {one.urn: one for one in subject.resources}
    urn = resource.parent
    while urn in by_urn:
        yield urn
        urn = by_urn[urn].parent


@dataclass(frozen=True, slots=True)
class Written:
    """A policy document where it stands: `document` is None while its text is not yet known, `fault` why it is none."""

    resource: Resource
    owner: str
    """Name of the role or user; empty for a policy of its own."""
    document: Document | None
    fault: str = ""


def written(resource: Resource, owner: str, value: JsonValue) -> Written:
    """A policy as it stands in inputs: text or an object."""
    if isinstance(value, str) and not value.lstrip().startswith("{") and not known(value):
        return Written(resource, owner, None)
    try:
        return Written(resource, owner, parse_document(value if isinstance(value, str | Mapping) else ""))
    except Unreadable as error:
        return Written(resource, owner, None, str(error))


def identity_policies(subject: Subject) -> Iterator[Written]:
    """Documents that give rights to roles, users and whoever a policy is attached to."""
    for one in subject.planned("aws:iam/rolePolicy:RolePolicy"):
        yield written(one, text(one.inputs, "role"), one.inputs.get("policy"))
    for one in subject.planned("aws:iam/userPolicy:UserPolicy"):
        yield written(one, text(one.inputs, "user"), one.inputs.get("policy"))
    for one in subject.planned("aws:iam/policy:Policy"):
        yield written(one, "", one.inputs.get("policy"))
    for one in subject.planned("aws:iam/role:Role"):
        for inline in parts(one.inputs, "inlinePolicies"):
            yield written(one, text(one.inputs, "name"), inline.get("policy"))


RESOURCE_POLICIES = {
    "aws:iam/role:Role": "assumeRolePolicy",
    "aws:s3/bucketPolicy:BucketPolicy": "policy",
    "aws:kms/key:Key": "policy",
    "aws:sns/topicPolicy:TopicPolicy": "policy",
    "aws:sqs/queuePolicy:QueuePolicy": "policy",
    "aws:secretsmanager/secretPolicy:SecretPolicy": "policy",
    "aws:ecr/repositoryPolicy:RepositoryPolicy": "policy",
    "aws:backup/vaultPolicy:VaultPolicy": "policy",
}
"""Type -> the input that says who may come."""


def resource_policies(subject: Subject, *types: str) -> Iterator[Written]:
    for one in subject.planned(*(types or tuple(RESOURCE_POLICIES))):
        value = one.inputs.get(RESOURCE_POLICIES[one.type])
        if value is not None:
            yield written(one, "", value)
