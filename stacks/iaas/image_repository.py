"""Where a sandbox's images are: scanned when pushed, never overwritten, only the newest kept."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from iaas.component import Component, refuse

NAME = re.compile(r"(?=.{2,256}$)[a-z0-9]+(?:[._/-][a-z0-9]+)*")
"""Amazon ECR: names of repositories."""


@dataclass(frozen=True)
class ImageRepositoryArgs:
    repository: str
    keep: int = 10
    """Images; older ones go."""

    def __post_init__(self) -> None:
        wrong = []
        if not NAME.fullmatch(self.repository):
            wrong.append(f"repository {self.repository!r} is no name that ECR takes")
        if self.keep < 1:
            wrong.append(f"keep {self.keep} is not 1 or more")
        refuse("image repository", wrong)

    def lifecycle(self) -> str:
        rule = {
            "rulePriority": 1,
            "description": f"the newest {self.keep}",
            "selection": {"tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": self.keep},
            "action": {"type": "expire"},
        }
        return json.dumps({"rules": [rule]})


class ImageRepository(Component):
    """Outputs: `url`, `arn`. Not protected: images are built anew from their source."""

    def __init__(self, name: str, args: ImageRepositoryArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, opts)
        repository = aws.ecr.Repository(
            name,
            name=args.repository,
            image_tag_mutability="IMMUTABLE",
            image_scanning_configuration={"scan_on_push": True},
            force_delete=True,
            opts=self._part(),
        )
        aws.ecr.LifecyclePolicy(
            f"{name}-newest", repository=repository.name, policy=args.lifecycle(), opts=self._part()
        )
        self.url, self.arn = repository.repository_url, repository.arn
        self._done({"url": self.url, "arn": self.arn})
