"""What policy rules and prices read: one stack's resources as they will be, and whose stack it is."""

from collections.abc import Iterable, Mapping
from typing import Literal

from pydantic import Field, JsonValue

from dure.plan.value import CloudPlan, Value

ResourceOperation = Literal["same", "create", "update", "replace", "delete"]
UNKNOWN_TEXT = "(known once it is made)"
"""Stands for a value that only the cloud can tell, also within a text."""
MASK = "[secret]"


class Resource(Value):
    """One resource. Secrets are masked; what is not yet known reads UNKNOWN_TEXT."""

    urn: str
    type: str
    """Pulumi's token, such as `aws:s3/bucket:Bucket`."""
    name: str
    op: ResourceOperation
    inputs: dict[str, JsonValue]
    """As they will be; empty when it is to be deleted."""
    before: dict[str, JsonValue] | None = None
    """As they are, when that differs: None for a new resource and for one that stays."""
    protect: bool = False
    parent: str = ""
    """URN of the component that it is a part of."""

    @property
    def stays(self) -> bool:
        """False for one that is to be deleted."""
        return self.op != "delete"

    def as_is(self) -> dict[str, JsonValue] | None:
        """Inputs as they are now; None when there is none yet."""
        return None if self.op == "create" else self.inputs if self.op == "same" else self.before


class Subject(Value):
    """One stack, planned; `site` is `customer/site`, or the name of one of the MSP's own."""

    stack: str
    site: str
    program: str
    region: str
    tier: str = ""
    tags: dict[str, str] = Field(default={})
    parameters: dict[str, JsonValue] = Field(default={})
    """The program's inputs and the blueprint's parameters, `expected_…` among them."""
    place: str = ""
    """Where the site stands in the workspace, such as `customers/hansol-plastics.yaml:34`."""
    resources: tuple[Resource, ...] = ()

    @property
    def customer(self) -> str:
        """The customer's id; the MSP's own stacks have their site's name."""
        return self.site.partition("/")[0]

    def planned(self, *types: str) -> list[Resource]:
        """AWS resources that will be there, of these types or of all."""
        return [
            one
            for one in self.resources
            if one.stays and one.type.startswith("aws:") and (not types or one.type in types)
        ]


def subject_of(
    plan: CloudPlan,
    resources: Iterable[Resource],
    *,
    site: str = "",
    place: str = "",
    parameters: Mapping[str, JsonValue] | None = None,
) -> Subject:
    """A stack's plan and its preview's resources as a subject; `parameters` are the blueprint's, resolved."""
    return Subject(
        stack=plan.stack,
        site=site or plan.tags.get("dure:site", plan.stack),
        program=plan.program,
        region=plan.region,
        tier=plan.tags.get("dure:tier", ""),
        tags=dict(plan.tags),
        parameters={**(parameters or {}), **plan.inputs},
        place=place,
        resources=tuple(resources),
    )


def known(value: JsonValue) -> bool:
    """False when a part of it is not yet known, or masked."""
    if isinstance(value, str):
        return UNKNOWN_TEXT not in value and value != MASK
    if isinstance(value, Mapping):
        return all(known(one) for one in value.values())
    return all(known(one) for one in value) if isinstance(value, list) else True
