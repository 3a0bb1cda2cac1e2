"""Rules of who may do what."""

from collections.abc import Iterator

from dure.plan.subject import Resource, Subject, known
from dure.policy.around import BUCKET, RESOURCE_POLICIES, Written, identity_policies, resource_policies, text
from dure.policy.iam import Document, Policies, Request, Statement, decide
from dure.policy.open import open_statement
from dure.policy.rule import Hit, rule, unproven

ATTACHMENTS = ("aws:iam/rolePolicyAttachment:RolePolicyAttachment", "aws:iam/userPolicyAttachment:UserPolicyAttachment")
EVERYTHING = ("AdministratorAccess", "IAMFullAccess")
NEARLY = ("PowerUserAccess",)
"""AWS's own policies with a wildcard on a wildcard; the second is what a CI role needs to build anything."""
TRUSTED = tuple(kind for kind in RESOURCE_POLICIES if not kind.startswith("aws:s3/"))
TAKES_AWAY = (
    "s3:DeleteObject",
    "s3:DeleteObjectVersion",
    "s3:PutObjectRetention",
    "s3:PutObjectLegalHold",
    "s3:BypassGovernanceRetention",
)
REBUILDS = (
    "s3:DeleteBucket",
    "s3:PutBucketPolicy",
    "s3:PutBucketVersioning",
    "s3:PutLifecycleConfiguration",
    "s3:PutBucketObjectLockConfiguration",
    "s3:PutBucketPublicAccessBlock",
)
ELSEWHERE = ("iam:CreateAccessKey", "sts:AssumeRole", "kms:ScheduleKeyDeletion", "secretsmanager:GetSecretValue")
DATA_OBJECT = "data/00/0000"
"""Where restic keeps what was backed up."""
NAME_FIRST = ("s3", "execute-api")
"""Services whose ARNs have a name, of a bucket or an API, where others have a kind."""
SOME_ACCOUNT = "000000000000"


@rule(
    "no-wildcard-policy",
    "mandatory",
    reason="such a right reaches whatever is made later, other customers' data included",
    mend="name the actions and the ARNs; for an AWS managed policy write one of your own",
)
def no_wildcard_policy(subject: Subject) -> Iterator[Hit]:
    """No policy allows a wildcard of actions on a wildcard of resources."""
    for one in identity_policies(subject):
        if one.document is None:
            yield _unread(one, "the policy")
        elif (found := _wide(one.document)) and not _is_boundary(subject, one.resource):
            yield Hit(one.resource, f"{found} is allowed on *")
    for attachment in subject.planned(*ATTACHMENTS):
        name = text(attachment.inputs, "policyArn").rpartition("/")[2]
        if name in EVERYTHING:
            yield Hit(attachment, f"{name} is attached")
        elif name in NEARLY:
            yield Hit(attachment, f"{name} is attached", "advisory")


def _unread(one: Written, what: str) -> Hit:
    return Hit(one.resource, f"{what} is unreadable: {one.fault}") if one.fault else unproven(one.resource, what)


def _wide(document: Document) -> str:
    """The actions that span a service, where they are allowed on all there is of it; empty: there are none."""
    for one in document.statements:
        if one.effect != "Allow" or not (one.negated_resources or any(map(_everywhere, one.resources))):
            continue
        if one.negated_actions:
            return f"all but {', '.join(one.actions)}"
        if wide := [action for action in one.actions if _every_action(action)]:
            return ", ".join(wide)
    return ""


def _every_action(pattern: str) -> bool:
    """Whether nothing but wildcards says which action, as in `*`, `s3:*`, `iam:?*` and `*:**`.

    Up to two `?` beside a `*` leave none out, since no action has so short a name; a service may be a pattern too.
    """
    service, colon, verb = pattern.partition(":")
    return _open(verb if colon else service)


def _everywhere(pattern: str) -> bool:
    """Whether an ARN names no thing: `*`, `arn:aws:s3:::*`, `arn:aws:*:*:*:*`, and all of a kind, `…:iam::1:role/*`."""
    if _open(pattern):
        return True
    fields = pattern.split(":", 5)
    thing = fields[5] if len(fields) > 5 else "*"
    if _open(thing.replace("/", "").replace(":", "")):
        return True
    return _open(thing.partition("/")[2]) and fields[2] not in NAME_FIRST


def _open(pattern: str) -> bool:
    return "*" in pattern and not pattern.strip("*?")


def _is_boundary(subject: Subject, policy: Resource) -> bool:
    """A permission boundary allows nothing by itself. It is one by its name, while nothing may have it attached."""
    if policy.type != "aws:iam/policy:Policy" or "boundary" not in f"{policy.name} {text(policy.inputs, 'name')}":
        return False
    attached = [text(one.inputs, "policyArn") for one in subject.planned(*ATTACHMENTS) if one.parent == policy.parent]
    name = text(policy.inputs, "name")
    return all(known(arn) and not arn.endswith(f"/{name}") for arn in attached)


@rule(
    "no-open-trust",
    "mandatory",
    reason="a principal * is everyone at AWS, in every account",
    mend="name the service, role or account, or pin the condition to your own (aws:SourceAccount, the token's sub)",
)
def no_open_trust(subject: Subject) -> Iterator[Hit]:
    """No role, key, topic, secret or registry trusts everyone."""
    for one in resource_policies(subject, *TRUSTED):
        if one.document is None:
            yield _unread(one, "its policy")
        elif found := open_statement(one.document):
            yield Hit(one.resource, f"it allows everyone {found}")
        elif any(_any_token(statement) for statement in one.document.statements):
            yield Hit(one.resource, "a token of anybody at the issuer is enough: no condition pins its sub")


def _any_token(statement: Statement) -> bool:
    federated = statement.principals is not None and any(kind == "Federated" for kind, _ in statement.principals.pairs)
    if statement.effect != "Allow" or not federated:
        return False
    subjects = [one for one in statement.conditions if one.key.lower().endswith(":sub")]
    pinned = [one for one in subjects if one.operator.startswith("String") and "Not" not in one.operator]
    return not pinned or any(value.partition("*")[0].count(":") < 1 for one in pinned for value in one.values)


@rule(
    "no-long-lived-keys",
    "mandatory",
    reason="a key that lives long is stolen one day; only the box's key stays, since it can add and never take away",
    mend="use a role: with a task, with a session of an engineer, or with the CI job's token",
)
def no_long_lived_keys(subject: Subject) -> Iterator[Hit]:
    """No access key or password of an IAM user, but the box's append-only key."""
    for one in subject.planned("aws:iam/userLoginProfile:UserLoginProfile"):
        yield Hit(one, "an IAM user gets a password")
    for one in subject.planned("aws:iam/accessKey:AccessKey"):
        if subject.program != "hybrid_site":
            yield Hit(one, "an access key is made")
            continue
        yield from _not_append_only(subject, one)


def _not_append_only(subject: Subject, key: Resource) -> Iterator[Hit]:
    user = text(key.inputs, "user")
    own = [one for one in identity_policies(subject) if one.owner == user and user]
    attached = [one for one in subject.planned(ATTACHMENTS[1]) if text(one.inputs, "user") == user]
    if attached or not own:
        yield Hit(key, "its user has rights that do not stand beside it")
        return
    if any(one.document is None for one in own):
        yield unproven(key, "what its user may do")
        return
    identity = tuple(one.document for one in own if one.document is not None)
    buckets = [text(one.inputs, "bucket") for one in subject.planned(BUCKET)]
    may = [action for action, arn in _harmful(buckets) if not _denied(user, action, arn, identity)]
    if may:
        yield Hit(key, f"its user may {', '.join(dict.fromkeys(may))}")


def _harmful(buckets: list[str]) -> Iterator[tuple[str, str]]:
    for bucket in [*buckets, "another-bucket"]:
        yield from ((action, f"arn:aws:s3:::{bucket}/{DATA_OBJECT}") for action in TAKES_AWAY)
        yield from ((action, f"arn:aws:s3:::{bucket}") for action in REBUILDS)
    yield "s3:GetObject", f"arn:aws:s3:::another-bucket/{DATA_OBJECT}"
    yield from ((action, f"arn:aws:iam::{SOME_ACCOUNT}:role/any") for action in ELSEWHERE)


def _denied(user: str, action: str, arn: str, identity: tuple[Document, ...]) -> bool:
    request = Request(principal=f"arn:aws:iam::{SOME_ACCOUNT}:user/{user}", action=action, resource=arn)
    return decide(request, Policies(identity=identity)).denied
