"""The roles that people and CI take: engineer, auditor, and two for CI jobs with a token; no key that lives long."""

from __future__ import annotations

import re
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from iaas import names
from iaas.boundary import BoundaryArgs
from iaas.component import Component, refuse, wrong_ids
from iaas.policies import Statement, allow, assumed_by_people, assumed_by_token, deny, document
from iaas.service import STARTS_TASKS

READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"
AUDIT = "arn:aws:iam::aws:policy/SecurityAudit"
BUILDER = "arn:aws:iam::aws:policy/PowerUserAccess"
ISSUERS = {"github": "token.actions.githubusercontent.com", "gitlab": "gitlab.com"}
REPOSITORY = re.compile(r"[\w.-]+(?:/[\w.-]+)+")
ENVIRONMENT = "production"
"""Of docs/ci/github-actions.yml: who approves it lets the job apply. No other, which might have no reviewers."""
HOUR = 3600
APPLIES, PREVIEWS = 6 * HOUR, 3 * HOUR
"""Seconds a job's session may last: as long as docs/ci lets the job run."""
CONTENT = ("s3:GetObject", "s3:GetObjectVersion", "s3:GetObjectTorrent")
"""Every way to an object's bytes; an older version's has an action of its own (Service Authorization Reference, S3)."""
SECRETS = ("secretsmanager:GetSecretValue", "kms:Decrypt")


@dataclass(frozen=True)
class AccessRolesArgs:
    msp: str
    account: str
    ci: str
    """`github` or `gitlab`."""
    repository: str
    """The workspace's repository, such as `hanbit-it/workspace`."""
    branch: str = "main"
    """Only a job on this branch may change anything."""

    def __post_init__(self) -> None:
        wrong = wrong_ids(msp=self.msp)
        if self.ci not in ISSUERS:
            wrong.append(f"ci {self.ci!r} is not one of {', '.join(ISSUERS)}")
        if not REPOSITORY.fullmatch(self.repository):
            wrong.append(f"repository {self.repository!r} is not of the form owner/name")
        if not self.branch or "*" in self.branch:
            wrong.append(f"branch {self.branch!r} is not the name of one branch")
        refuse("access roles", wrong)

    @property
    def issuer(self) -> str:
        return ISSUERS[self.ci]

    def applies(self) -> list[str]:
        """Whom the token of a job that applies speaks of.

        A GitHub job with an environment names the environment and no branch; which branches may deploy to it is a
        setting of the environment (GitHub: "Security hardening with OpenID Connect"; GitLab: "ID tokens").
        """
        if self.ci == "github":
            return [f"repo:{self.repository}:environment:{ENVIRONMENT}"]
        return [f"project_path:{self.repository}:ref_type:branch:ref:{self.branch}"]

    def previews(self) -> list[str]:
        """Whom the tokens of a preview and of the nightly drift speak of.

        GitLab names the source branch of a merge request, which may have any name.
        """
        if self.ci == "github":
            return [f"repo:{self.repository}:pull_request", f"repo:{self.repository}:ref:refs/heads/{self.branch}"]
        return [f"project_path:{self.repository}:ref_type:branch:ref:*"]

    def of_tenants(self, kind: str) -> list[str]:
        """Identities that stacks make and engineers do not: under a path of their own."""
        return [f"arn:aws:iam::{self.account}:{kind}/dure/{self.msp}/*"]

    @property
    def boundaries(self) -> BoundaryArgs:
        return BoundaryArgs(self.msp, self.account)

    def builds(self) -> list[Statement]:
        """What the CI role may do with identities: make and write those alone that have one of the boundaries.

        AWS compares what a request sets as boundary (Create…, Put…PermissionsBoundary), else what the identity has
        (Service Authorization Reference, IAM, `iam:PermissionsBoundary`). UpdateAssumeRolePolicy and PassRole know no
        such condition: who takes a role, and which service it is passed to, still gets no more than its boundary.
        """
        roles, users, policies = (self.of_tenants(kind) for kind in ("role", "user", "policy"))
        bounded = {"StringEquals": {"iam:PermissionsBoundary": self.boundaries.arns}}
        attachable = {"ArnLike": {"iam:PolicyARN": [*ATTACHED, *policies]}}
        return [
            allow("StacksIdentities", [f"iam:{verb}" for verb in IDENTITY_ACTIONS], [*roles, *users, *policies]),
            allow("StacksBounded", [f"iam:{verb}" for verb in BOUNDED_ACTIONS], [*roles, *users], **bounded),
            allow("StacksPolicies", ["iam:AttachRolePolicy"], roles, **attachable, **bounded),
            allow("StacksServices", ["iam:PassRole"], roles, StringEquals={"iam:PassedToService": list(SERVED)}),
        ]

    def limits(self) -> list[Statement]:
        """What the CI role may not do whatever else allows it, AWS's own policy that is attached to it included."""
        own = [f"arn:aws:iam::{self.account}:role/{names.role(self.msp, kind)}" for kind in KINDS]
        return [
            deny("NoBoundaryTakenOff", TAKES_OFF, ["*"]),
            deny("NoBoundaryWritten", WRITES_POLICY, [self.boundaries.policies]),
            deny("NotItself", ["iam:*"], own),
            deny("NoTrust", ["iam:*OpenIDConnectProvider*", "iam:*SAMLProvider*"], ["*"]),
            deny("NobodyElse", BECOMES_ANOTHER, ["*"]),
        ]


class AccessRoles(Component):
    """Outputs: `engineer_role`, `auditor_role`, `ci_role`, `preview_role` (ARNs).

    They have no boundary: only an administrator can write them, since CI is denied these very roles.
    """

    def __init__(self, name: str, args: AccessRolesArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, opts)
        self._args = args
        people = assumed_by_people(args.account)
        engineer = self._role("engineer", people, READ_ONLY)
        self._attend(engineer)
        self._keep_out("engineer", engineer, ["*"])
        auditor = self._role("auditor", people, READ_ONLY)
        self._attach("auditor-audits", auditor, AUDIT)
        self._keep_out("auditor", auditor, ["*"])
        provider = aws.iam.OpenIdConnectProvider(
            f"{name}-ci", url=f"https://{args.issuer}", client_id_lists=["sts.amazonaws.com"], opts=self._part()
        )
        ci = self._role("ci", self._token(provider, args.applies()), BUILDER, APPLIES)
        self._build(ci)
        preview = self._role("preview", self._token(provider, args.previews()), READ_ONLY, PREVIEWS)
        self._keep_out("preview", preview, [f"arn:aws:s3:::{args.msp}-*"])
        self.engineer_role, self.auditor_role = engineer.arn, auditor.arn
        self.ci_role, self.preview_role = ci.arn, preview.arn
        self._done(
            {
                "engineer_role": self.engineer_role,
                "auditor_role": self.auditor_role,
                "ci_role": self.ci_role,
                "preview_role": self.preview_role,
            }
        )

    def _token(self, provider: aws.iam.OpenIdConnectProvider, subjects: list[str]) -> pulumi.Output[str]:
        issuer = self._args.issuer
        return provider.arn.apply(lambda arn: assumed_by_token(arn, issuer, subjects))

    def _role(self, kind: str, trust: pulumi.Input[str], policy: str, seconds: int = HOUR) -> aws.iam.Role:
        role = aws.iam.Role(
            f"{self._name}-{kind}",
            name=names.role(self._args.msp, kind),
            assume_role_policy=trust,
            max_session_duration=seconds,
            opts=self._part(),
        )
        self._attach(f"{kind}-reads" if policy == READ_ONLY else f"{kind}-builds", role, policy)
        return role

    def _attach(self, suffix: str, role: aws.iam.Role, policy: str) -> None:
        aws.iam.RolePolicyAttachment(f"{self._name}-{suffix}", role=role.name, policy_arn=policy, opts=self._part())

    def _attend(self, role: aws.iam.Role) -> None:
        """What an engineer does by hand in a fault; everything else goes by the repository and CI."""
        restart = allow(
            "Restart",
            ["ecs:UpdateService", "ecs:StopTask", "ec2:RebootInstances", "rds:RebootDBInstance"],
            [f"arn:aws:{service}:*:{self._args.account}:*" for service in ("ecs", "ec2", "rds")],
        )
        aws.iam.RolePolicy(
            f"{self._name}-engineer-attends",
            name="attend",
            role=role.name,
            policy=document(restart),
            opts=self._part(),
        )

    def _keep_out(self, kind: str, role: aws.iam.Role, objects: list[str]) -> None:
        """ReadOnlyAccess would read customers' objects and secrets too.

        A preview reads the stacks' states: the programs' buckets begin with the MSP's id, that of the states must not.
        """
        aws.iam.RolePolicy(
            f"{self._name}-{kind}-kept-out",
            name="kept-out",
            role=role.name,
            policy=document(*kept_out(objects)),
            opts=self._part(),
        )

    def _build(self, role: aws.iam.Role) -> None:
        """PowerUserAccess leaves IAM out: only identities under the stacks' own path may be made, within a boundary."""
        for name, statements in (("identities", self._args.builds()), ("limits", self._args.limits())):
            aws.iam.RolePolicy(
                f"{self._name}-ci-{name}",
                name=name,
                role=role.name,
                policy=document(*statements),
                opts=self._part(),
            )


def kept_out(objects: list[str]) -> list[Statement]:
    """What denies customers' content: bytes of these objects (ARNs), and all secrets."""
    return [deny("NoCustomersContent", CONTENT, objects), deny("NoSecrets", SECRETS, ["*"])]


ATTACHED = (STARTS_TASKS,)
SERVED = ("backup.amazonaws.com", "budgets.amazonaws.com", "codebuild.amazonaws.com", "ecs-tasks.amazonaws.com")
"""Whom the programs' roles serve."""
IDENTITY_ACTIONS = (
    "GetRole",
    "DeleteRole",
    "UpdateRole",
    "UpdateAssumeRolePolicy",
    "TagRole",
    "UntagRole",
    "ListRolePolicies",
    "GetRolePolicy",
    "DeleteRolePolicy",
    "ListAttachedRolePolicies",
    "ListInstanceProfilesForRole",
    "DetachRolePolicy",
    "GetUser",
    "DeleteUser",
    "ListGroupsForUser",
    "TagUser",
    "UntagUser",
    "GetUserPolicy",
    "DeleteUserPolicy",
    "ListAccessKeys",
    "CreateAccessKey",
    "UpdateAccessKey",
    "DeleteAccessKey",
    "GetPolicy",
    "CreatePolicy",
    "DeletePolicy",
    "GetPolicyVersion",
    "ListPolicyVersions",
    "CreatePolicyVersion",
    "DeletePolicyVersion",
    "TagPolicy",
    "UntagPolicy",
)
"""What Pulumi calls for a role, a user with a key, and a policy."""
BOUNDED_ACTIONS = (
    "CreateRole",
    "CreateUser",
    "PutRolePermissionsBoundary",
    "PutRolePolicy",
    "PutUserPermissionsBoundary",
    "PutUserPolicy",
)
"""What gives an identity rights, or its boundary."""
TAKES_OFF = ("iam:DeleteRolePermissionsBoundary", "iam:DeleteUserPermissionsBoundary")
WRITES_POLICY = (
    "iam:CreatePolicy",
    "iam:CreatePolicyVersion",
    "iam:DeletePolicy",
    "iam:DeletePolicyVersion",
    "iam:SetDefaultPolicyVersion",
    "iam:TagPolicy",
    "iam:UntagPolicy",
)
BECOMES_ANOTHER = (
    "cloudformation:*",
    "controltower:*",
    "identitystore:*",
    "sso:*",
    "sso-directory:*",
    "sts:AssumeRole",
    "sts:AssumeRoot",
)
"""Ways of PowerUserAccess to an administrator without a right on IAM: the role that Organizations makes in each member
account, IAM Identity Center, and services that make identities with a role of their own. No program uses them."""
KINDS = ("engineer", "auditor", "ci", "preview")
