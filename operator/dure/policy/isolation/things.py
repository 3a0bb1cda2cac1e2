"""What a tenant has that another must not touch: ARNs, what could be done with them, and their own policies."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from dure.plan.subject import Resource, Subject, known
from dure.policy.around import BUCKET, RESOURCE_POLICIES, settings, text, written
from dure.policy.iam import Document

SAMPLE = "x"
"""Stands for an object, a stream or what else a wildcard may mean."""


@dataclass(frozen=True, slots=True)
class Thing:
    """`actions` are tried one by one; `context` are condition keys that such a request carries."""

    arn: str
    actions: tuple[str, ...]
    policy: Document | None = None
    context: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Ground:
    """Where a subject's resources lie."""

    subject: Subject
    account: str

    def arn(self, service: str, rest: str) -> str:
        return f"arn:aws:{service}:{self.subject.region}:{self.account}:{rest}"


def own(resource: Resource, key: str, subject: Subject) -> str:
    """The resource's name; one that nobody else has while it is not known."""
    name = text(resource.inputs, key)
    return name if name and known(name) else f"of-{subject.stack}-{resource.name}"


OBJECT = (
    "s3:GetObject",
    "s3:GetObjectVersion",
    "s3:PutObject",
    "s3:DeleteObject",
    "s3:DeleteObjectVersion",
    "s3:PutObjectAcl",
    "s3:PutObjectRetention",
    "s3:BypassGovernanceRetention",
    "s3:RestoreObject",
)
IN_BUCKET = (
    "s3:ListBucket",
    "s3:ListBucketVersions",
    "s3:DeleteBucket",
    "s3:PutBucketPolicy",
    "s3:DeleteBucketPolicy",
    "s3:PutBucketAcl",
    "s3:PutBucketPublicAccessBlock",
    "s3:PutBucketVersioning",
    "s3:PutEncryptionConfiguration",
    "s3:PutLifecycleConfiguration",
    "s3:PutReplicationConfiguration",
)
KEY = (
    "kms:Decrypt",
    "kms:Encrypt",
    "kms:GenerateDataKey",
    "kms:ReEncryptFrom",
    "kms:CreateGrant",
    "kms:PutKeyPolicy",
    "kms:DisableKey",
    "kms:ScheduleKeyDeletion",
)
PARAMETER = (
    "ssm:GetParameter",
    "ssm:GetParameters",
    "ssm:GetParameterHistory",
    "ssm:GetParametersByPath",
    "ssm:PutParameter",
    "ssm:DeleteParameter",
    "ssm:DeleteParameters",
)
IN_ROLE = (
    "sts:AssumeRole",
    "iam:PassRole",
    "iam:PutRolePolicy",
    "iam:DeleteRolePolicy",
    "iam:UpdateAssumeRolePolicy",
    "iam:DeleteRolePermissionsBoundary",
    "iam:PutRolePermissionsBoundary",
    "iam:DeleteRole",
)
IN_USER = (
    "iam:CreateAccessKey",
    "iam:CreateLoginProfile",
    "iam:PutUserPolicy",
    "iam:AttachUserPolicy",
    "iam:DeleteUserPermissionsBoundary",
    "iam:DeleteUser",
)
SIMPLE: dict[str, tuple[str, str, str, tuple[str, ...]]] = {
    "aws:rds/instance:Instance": (
        "identifier",
        "rds",
        "db:{}",
        (
            "rds:ModifyDBInstance",
            "rds:DeleteDBInstance",
            "rds:StopDBInstance",
            "rds:RebootDBInstance",
            "rds:CreateDBSnapshot",
            "rds:RestoreDBInstanceToPointInTime",
            "rds:DownloadDBLogFilePortion",
        ),
    ),
    "aws:cloudwatch/logGroup:LogGroup": (
        "name",
        "logs",
        "log-group:{}:log-stream:" + SAMPLE,
        (
            "logs:GetLogEvents",
            "logs:PutLogEvents",
            "logs:FilterLogEvents",
            "logs:StartQuery",
            "logs:DeleteLogGroup",
            "logs:DeleteLogStream",
            "logs:PutSubscriptionFilter",
        ),
    ),
    "aws:sns/topic:Topic": (
        "name",
        "sns",
        "{}",
        ("sns:Publish", "sns:Subscribe", "sns:SetTopicAttributes", "sns:DeleteTopic"),
    ),
    "aws:sqs/queue:Queue": (
        "name",
        "sqs",
        "{}",
        ("sqs:ReceiveMessage", "sqs:SendMessage", "sqs:PurgeQueue", "sqs:DeleteQueue", "sqs:SetQueueAttributes"),
    ),
    "aws:dynamodb/table:Table": (
        "name",
        "dynamodb",
        "table/{}",
        (
            "dynamodb:GetItem",
            "dynamodb:PutItem",
            "dynamodb:Query",
            "dynamodb:Scan",
            "dynamodb:DeleteItem",
            "dynamodb:DeleteTable",
        ),
    ),
    "aws:ecr/repository:Repository": (
        "name",
        "ecr",
        "repository/{}",
        (
            "ecr:BatchGetImage",
            "ecr:PutImage",
            "ecr:BatchDeleteImage",
            "ecr:SetRepositoryPolicy",
            "ecr:DeleteRepository",
        ),
    ),
    "aws:ecs/service:Service": (
        "name",
        "ecs",
        f"service/{SAMPLE}/" + "{}",
        ("ecs:UpdateService", "ecs:DeleteService", "ecs:ExecuteCommand", "ecs:StopTask"),
    ),
    "aws:backup/vault:Vault": (
        "name",
        "backup",
        "backup-vault:{}",
        (
            "backup:DeleteBackupVault",
            "backup:StartRestoreJob",
            "backup:StartCopyJob",
            "backup:DeleteRecoveryPoint",
            "backup:PutBackupVaultAccessPolicy",
        ),
    ),
    "aws:cognito/userPool:UserPool": (
        "id",
        "cognito-idp",
        "userpool/{}",
        (
            "cognito-idp:AdminGetUser",
            "cognito-idp:ListUsers",
            "cognito-idp:AdminSetUserPassword",
            "cognito-idp:AdminDeleteUser",
            "cognito-idp:UpdateUserPoolClient",
            "cognito-idp:DeleteUserPool",
        ),
    ),
    "aws:codebuild/project:Project": (
        "name",
        "codebuild",
        "project/{}",
        ("codebuild:StartBuild", "codebuild:UpdateProject", "codebuild:DeleteProject"),
    ),
    "aws:secretsmanager/secret:Secret": (
        "name",
        "secretsmanager",
        "secret:{}-AbCdEf",
        (
            "secretsmanager:GetSecretValue",
            "secretsmanager:PutSecretValue",
            "secretsmanager:UpdateSecret",
            "secretsmanager:PutResourcePolicy",
            "secretsmanager:DeleteSecret",
        ),
    ),
}
"""Type -> (input with its name, service, resource part of the ARN, what could be done with it)."""


def things_of(ground: Ground) -> Iterator[Thing]:
    """Everything that the subject's resources are, by ARN."""
    for one in ground.subject.planned(*SIMPLE):
        key, service, form, actions = SIMPLE[one.type]
        yield Thing(ground.arn(service, form.format(own(one, key, ground.subject))), actions)
    for kind, made in MADE.items():
        for one in ground.subject.planned(kind):
            yield from made(one, ground)


def _policy(resource: Resource) -> Document | None:
    value = resource.inputs.get(RESOURCE_POLICIES[resource.type])
    return written(resource, "", value).document if value is not None else None


def _bucket(one: Resource, ground: Ground) -> Iterator[Thing]:
    name = own(one, "bucket", ground.subject)
    policies = settings(ground.subject, one, "aws:s3/bucketPolicy:BucketPolicy")
    policy = _policy(policies[0]) if policies else None
    yield Thing(f"arn:aws:s3:::{name}", IN_BUCKET, policy)
    yield Thing(f"arn:aws:s3:::{name}/{SAMPLE}/{SAMPLE}", OBJECT, policy)


def _parameter(one: Resource, ground: Ground) -> Iterator[Thing]:
    name = own(one, "name", ground.subject).removeprefix("/")
    yield Thing(ground.arn("ssm", f"parameter/{name}"), PARAMETER)


def _key(one: Resource, ground: Ground) -> Iterator[Thing]:
    """A key's id is never known before it is made, and never another's."""
    name = f"of-{ground.subject.stack}-{one.name}"
    yield Thing(ground.arn("kms", f"key/{name}"), KEY, _policy(one))


def _role(one: Resource, ground: Ground) -> Iterator[Thing]:
    arn = identity_arn(one, ground)
    yield Thing(arn, IN_ROLE, _policy(one))


def _user(one: Resource, ground: Ground) -> Iterator[Thing]:
    yield Thing(identity_arn(one, ground), IN_USER)


def identity_arn(one: Resource, ground: Ground) -> str:
    """Of a role or user."""
    kind = "role" if one.type == "aws:iam/role:Role" else "user"
    path = text(one.inputs, "path") or "/"
    return f"arn:aws:iam::{ground.account}:{kind}{path}{own(one, 'name', ground.subject)}"


MADE: dict[str, Callable[[Resource, Ground], Iterator[Thing]]] = {
    BUCKET: _bucket,
    "aws:ssm/parameter:Parameter": _parameter,
    "aws:kms/key:Key": _key,
    "aws:iam/role:Role": _role,
    "aws:iam/user:User": _user,
}
