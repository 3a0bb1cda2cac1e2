"""The ceiling of the identities that stacks make: permissions boundaries that CI must set and cannot write.

CI's role makes roles and users and writes their policies. With a boundary on each of them what it writes allows no more
than the boundary does too (IAM User Guide, "Permissions boundaries for IAM entities"): nobody becomes an administrator
by it. A ceiling is a list of what the programs' identities use, on what has the MSP's names; a policy below it allows
one tenant its own part. What no longer list may ever give is denied besides.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from iaas import names
from iaas.component import Component, refuse, wrong_ids
from iaas.policies import Statement, allow, deny, document

BOUNDED = ("aws:iam/role:Role", "aws:iam/user:User")
OBJECTS = ("s3:DeleteObject", "s3:GetObject", "s3:ListBucket", "s3:PutObject")
BACKUPS = ("s3:AbortMultipartUpload", "s3:GetBucketLocation", "s3:ListMultipartUploadParts")
"""What restic needs besides. No version is deleted and no lock shortened, whatever a policy says."""
PULL = (
    "ecr:BatchCheckLayerAvailability",
    "ecr:BatchGetImage",
    "ecr:GetAuthorizationToken",
    "ecr:GetDownloadUrlForLayer",
)
PUSH = ("ecr:CompleteLayerUpload", "ecr:InitiateLayerUpload", "ecr:PutImage", "ecr:UploadLayerPart")
SETTINGS = ("ssm:GetParameter", "ssm:GetParameters", "ssm:GetParametersByPath")
KEYS = ("kms:Decrypt", "kms:GenerateDataKey")
LOGS = ("logs:CreateLogStream", "logs:PutLogEvents")
NEVER = (
    "account:*",
    "cloudtrail:*",
    "config:*",
    "guardduty:*",
    "iam:Add*",
    "iam:AttachGroupPolicy",
    "iam:AttachUserPolicy",
    "iam:Create*",
    "iam:Delete*",
    "iam:PassRole",
    "iam:Put*",
    "iam:Set*",
    "iam:Update*",
    "identitystore:*",
    "organizations:*",
    "sso:*",
    "sts:AssumeRoot",
)
"""What makes identities, or watches them. Denied by name, so that a longer list above gives it to nobody."""


def path(msp: str) -> str:
    """Of the boundaries' policies: not below /dure/MSP/, where CI may write policies."""
    return f"/dure-boundaries/{msp}/"


@dataclass(frozen=True)
class BoundaryArgs:
    msp: str
    account: str

    def __post_init__(self) -> None:
        refuse("boundary", wrong_ids(msp=self.msp))

    def name(self, kind: str) -> str:
        return names.role(self.msp, "boundary", kind)

    def arn(self, kind: str) -> str:
        """`workload` or `sandbox`. Known from the names alone, so that a plan shows CI's policy whole."""
        return f"arn:aws:iam::{self.account}:policy{path(self.msp)}{self.name(kind)}"

    @property
    def arns(self) -> list[str]:
        """All that CI may set."""
        return [self.arn("workload"), self.arn("sandbox")]

    @property
    def policies(self) -> str:
        """Pattern of the boundaries' ARNs."""
        return f"arn:aws:iam::{self.account}:policy{path(self.msp)}*"

    def sandbox(self) -> list[Statement]:
        """The ceiling of a sandbox: its own images, objects, parameters and logs; no secret and no other role."""
        return [*self._common(), deny("NoOtherRole", ["sts:AssumeRole"], ["*"]), *self._never()]

    def workload(self) -> list[Statement]:
        """The ceiling of tenants' software, of the shared service that becomes the tenant it serves, and of boxes."""
        tenants = f"arn:aws:iam::{self.account}:role/dure/{self.msp}/tenants/*"
        not_tenants: Statement = {
            "Sid": "NoOtherRole",
            "Effect": "Deny",
            "Action": ["sts:AssumeRole"],
            "NotResource": [tenants],
        }
        return [
            *self._common(),
            allow("Backups", BACKUPS, [f"arn:aws:s3:::{self.msp}-*"]),
            allow("Secrets", ["secretsmanager:GetSecretValue"], [self._of("secretsmanager", "secret:dure")]),
            allow("Tenants", ["sts:AssumeRole"], [tenants]),
            self._spent(),
            not_tenants,
            *self._never(),
        ]

    def _spent(self) -> Statement:
        """A spent budget attaches what denies everything, to identities with a boundary: nothing lifts those."""
        return allow(
            "SpentBudgets",
            ["iam:AttachRolePolicy", "iam:DetachRolePolicy"],
            [f"arn:aws:iam::{self.account}:role/dure/{self.msp}/*"],
            ArnLike={"iam:PolicyARN": [f"arn:aws:iam::{self.account}:policy/dure/{self.msp}/*"]},
            StringEquals={"iam:PermissionsBoundary": self.arns},
        )

    def _common(self) -> list[Statement]:
        return [
            allow("Objects", OBJECTS, [f"arn:aws:s3:::{self.msp}-*"]),
            allow("Settings", SETTINGS, [self._of("ssm", "parameter/dure")]),
            allow("Keys", KEYS, [f"arn:aws:kms:*:{self.account}:key/*"]),
            allow("Logs", LOGS, [f"arn:aws:logs:*:{self.account}:log-group:/dure/*"]),
            allow("Pull", PULL, ["*"]),  # also an MSP's own registry in another account
            allow("Push", PUSH, [self._of("ecr", "repository/dure")]),
            allow("Metrics", ["cloudwatch:PutMetricData"], ["*"]),  # AWS: it has no resource
        ]

    def _never(self) -> list[Statement]:
        audit = f"arn:aws:s3:::{names.bucket(self.account, self.msp, 'audit')}"
        return [deny("NoAudit", ["s3:*"], [audit, f"{audit}/*"]), deny("Never", NEVER, ["*"])]

    def _of(self, service: str, thing: str) -> str:
        """What is below the MSP's path, in whatever region."""
        return f"arn:aws:{service}:*:{self.account}:{thing}/{self.msp}/*"


class Boundary(Component):
    """Outputs: `workload_arn`, `sandbox_arn`."""

    def __init__(self, name: str, args: BoundaryArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, opts)
        self._args = args
        workload = self._policy("workload", document(*args.workload()))
        sandbox = self._policy("sandbox", document(*args.sandbox()))
        self.workload_arn, self.sandbox_arn = workload.arn, sandbox.arn
        self._done({"workload_arn": self.workload_arn, "sandbox_arn": self.sandbox_arn})

    def _policy(self, kind: str, text: str) -> aws.iam.Policy:
        return aws.iam.Policy(
            f"{self._name}-{kind}",
            name=self._args.name(kind),
            path=path(self._args.msp),
            policy=text,
            opts=self._part(),
        )


def bound_everything(arn: str) -> None:
    """From here on each role and user that is made has this boundary, unless it names one of its own.

    Done here and nowhere else, whatever component makes it: none can be forgotten.
    """
    pulumi.runtime.register_stack_transformation(_bounding(arn))


def _bounding(
    arn: str,
) -> Callable[[pulumi.ResourceTransformationArgs], pulumi.ResourceTransformationResult | None]:
    def add(args: pulumi.ResourceTransformationArgs) -> pulumi.ResourceTransformationResult | None:
        if args.type_ not in BOUNDED or args.props.get("permissions_boundary") is not None:
            return None
        return pulumi.ResourceTransformationResult({**args.props, "permissions_boundary": arn}, args.opts)

    return add
