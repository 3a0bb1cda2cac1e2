"""A landing zone on an AWS double, what stands on it, and words for what became of it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config
from dure.cloud.preview import Preview, UpResult
from dure.cloud.stack import Stack
from dure.model.local import LocalSettings
from pydantic import JsonValue

from tests.contract.cloud import programs

PASSPHRASE = "correct horse battery staple"
KEPT_A_WHILE = (
    ":key/",
    ":secret:",
    ":snapshot:",
    ":instance/",
    ":customer-gateway/",
    ":vpn-connection/",
    ":cluster/",
    ":service/",
    ":task-definition/",
)
"""Keys and secrets wait for their end, a last snapshot stays; EC2 and ECS remember what was."""


@dataclass(frozen=True)
class Cloud:
    """An AWS double of its own, one provider process for all stacks, and the landing zone in it."""

    settings: LocalSettings
    workspace: Path
    port: int
    credentials: dict[str, str]
    upstream: dict[str, JsonValue]

    def stack(self, program: str, name: str, inputs: dict[str, JsonValue]) -> Stack:
        plan = programs.plan(program, name, inputs)
        return Stack(plan, self.workspace, self.settings, PASSPHRASE, provider_port=self.port)

    def land(self, **changed: JsonValue) -> Stack:
        return self.stack("landing_zone", "land", programs.LANDING_ZONE | changed)

    def tenant(self, name: str = "tenant", **changed: JsonValue) -> Stack:
        return self.stack("saas_tenant", name, {**programs.TENANT, "upstream": self.upstream, **changed})

    def sandbox(self, **changed: JsonValue) -> Stack:
        return self.stack("paas_sandbox", "sandbox", {**programs.SANDBOX, "upstream": self.upstream, **changed})

    def box(self, name: str = "box", **changed: JsonValue) -> Stack:
        return self.stack("hybrid_site", name, {**programs.HYBRID, "upstream": self.upstream, **changed})

    def aws(self, service: str) -> Any:
        """The platform's hand, behind the engine's back."""
        return boto3.client(
            service,
            region_name=programs.REGION,
            endpoint_url=self.settings.aws_endpoint,
            config=Config(retries={"total_max_attempts": 1}),
            **self.credentials,
        )

    def left(self, site: str) -> list[str]:
        """ARNs of what AWS still has with the site's tag, but for what it keeps a while after its end."""
        filters = [{"Key": "dure:site", "Values": [site]}]
        found = self.aws("resourcegroupstaggingapi").get_resources(TagFilters=filters)["ResourceTagMappingList"]
        arns = [str(one["ResourceARN"]) for one in found]
        return [one for one in arns if not any(kind in one for kind in KEPT_A_WHILE)]


def kinds(result: Preview | UpResult) -> set[tuple[str, str]]:
    """What happens to which resource of AWS."""
    return {(one.op, one.name) for one in result.changes if one.type.startswith("aws:")}


DATA = {"own-key", "own-secret", "own-data", "own-database"}
"""What holds a tenant's data, by its name in every isolation from bridge up."""


def assert_data_is_kept(result: Preview | UpResult) -> None:
    assert not {name for op, name in kinds(result) if op in ("replace", "delete")} & DATA


WITHOUT_TAGS = {
    "LifecyclePolicy",
    "Record",
    "RolePolicy",
    "RolePolicyAttachment",
    "UserGroup",
    "UserPoolClient",
}
"""Types of a tenant or sandbox that AWS gives no tags."""


def assert_tagged(made: UpResult) -> None:
    """Each resource that can carry tags carries all that are required."""
    for one in made.changes:
        if not one.type.startswith("aws:") or one.type.rpartition(":")[2] in WITHOUT_TAGS:
            continue
        (tags,) = [each.after for each in one.properties if each.path == "tags"]
        assert isinstance(tags, dict)
        assert tags.keys() >= set(programs.TAGS), one.name


def kinds_of_drift(stack: Stack) -> set[tuple[str, str]]:
    return {(one.op, one.name) for one in stack.refresh().changes if one.type.startswith("aws:")}
