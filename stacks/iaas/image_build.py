"""Builds an image from a Git repository and pushes it, with an identity that can do nothing else."""

from __future__ import annotations

import json
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from iaas import names
from iaas.component import Component, refuse, wrong_ids
from iaas.policies import allow, assumed_by, document

HOSTS = {"https://github.com/": "GITHUB", "https://bitbucket.org/": "BITBUCKET"}
"""Whose repositories CodeBuild reads by URL."""
PUSH = (
    "ecr:BatchCheckLayerAvailability",
    "ecr:BatchGetImage",
    "ecr:CompleteLayerUpload",
    "ecr:GetDownloadUrlForLayer",
    "ecr:InitiateLayerUpload",
    "ecr:PutImage",
    "ecr:UploadLayerPart",
)
LONGEST_MINUTES = 480


@dataclass(frozen=True)
class ImageBuildArgs:
    msp: str
    build: str
    account: str
    region: str
    source: str
    repository_url: pulumi.Input[str]
    repository_arn: pulumi.Input[str]
    minutes: int = 20

    def __post_init__(self) -> None:
        wrong = wrong_ids(msp=self.msp)
        if not self.kind:
            wrong.append(f"source {self.source!r} is not a URL below {' or '.join(HOSTS)}")
        if not 5 <= self.minutes <= LONGEST_MINUTES:
            wrong.append(f"minutes {self.minutes} is not from 5 to {LONGEST_MINUTES}")
        refuse("image build", wrong)

    @property
    def kind(self) -> str:
        return next((kind for host, kind in HOSTS.items() if self.source.startswith(host)), "")

    @property
    def log(self) -> str:
        return f"/dure/build/{self.build}"

    def steps(self) -> str:
        """CodeBuild's buildspec; the image is tagged with the commit, which names it for ever."""
        push = [
            "docker build -t $REPOSITORY:$CODEBUILD_RESOLVED_SOURCE_VERSION .",
            "docker push $REPOSITORY:$CODEBUILD_RESOLVED_SOURCE_VERSION",
        ]
        login = "aws ecr get-login-password | docker login --username AWS --password-stdin ${REPOSITORY%%/*}"
        phases = {"pre_build": {"commands": [login]}, "build": {"commands": push}}
        return json.dumps({"version": 0.2, "phases": phases})


class ImageBuild(Component):
    """Outputs: `build` (the project's name), `role` (name)."""

    def __init__(self, name: str, args: ImageBuildArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, opts)
        self._args = args
        log = aws.cloudwatch.LogGroup(f"{name}-log", name=args.log, retention_in_days=30, opts=self._part())
        role = self._identity()
        project = aws.codebuild.Project(
            name,
            name=args.build,
            service_role=role.arn,
            build_timeout=args.minutes,
            source={"type": args.kind, "location": args.source, "buildspec": args.steps(), "git_clone_depth": 1},
            artifacts={"type": "NO_ARTIFACTS"},
            environment={
                "type": "LINUX_CONTAINER",
                "compute_type": "BUILD_GENERAL1_SMALL",
                "image": "aws/codebuild/amazonlinux2-x86_64-standard:5.0",
                "privileged_mode": True,
                "environment_variables": [{"name": "REPOSITORY", "value": args.repository_url}],
            },
            logs_config={"cloudwatch_logs": {"group_name": log.name}},
            opts=self._part(),
        )
        self.build, self.role = project.name, role.name
        self._done({"build": self.build, "role": self.role})

    def _identity(self) -> aws.iam.Role:
        args = self._args
        role = aws.iam.Role(
            f"{self._name}-role",
            name=names.role(args.build, "build"),
            path=f"/dure/{args.msp}/",
            assume_role_policy=assumed_by("codebuild.amazonaws.com"),
            opts=self._part(),
        )
        logs = f"arn:aws:logs:{args.region}:{args.account}:log-group:{args.log}:*"
        policy = pulumi.Output.from_input(args.repository_arn).apply(
            lambda repository: document(
                allow("SignIn", ["ecr:GetAuthorizationToken"], ["*"]),
                allow("Push", PUSH, [repository]),
                allow("Log", ["logs:CreateLogStream", "logs:PutLogEvents"], [logs]),
            )
        )
        aws.iam.RolePolicy(f"{self._name}-pushes", name="push", role=role.name, policy=policy, opts=self._part())
        return role
