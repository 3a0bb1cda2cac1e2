"""Invented stacks and previews."""

from dure.cloud.preview import Preview, PropertyChange, ResourceChange
from dure.plan.stacks import StackPlan
from dure.plan.value import CloudPlan
from dure.runs.stacks.result import StackPreview


def stack_plan(site: str, *upstream: str, takes: str = "", bounded_by: str = "", **inputs: str) -> StackPlan:
    cloud = CloudPlan(
        program="any",
        stack=site.replace("/", "."),
        region="x",
        inputs={**inputs},
        tags={},
        takes_outputs_of=takes,
        bounded_by=bounded_by,
    )
    return StackPlan(site=site, customer=site.partition("/")[0], blueprint="any", cloud=cloud, upstream=upstream)


def change(name: str, op: str = "update", **properties: tuple[object, object]) -> ResourceChange:
    shown = tuple(
        PropertyChange.model_validate({"path": path, "before": old, "after": new})
        for path, (old, new) in properties.items()
    )
    urn = f"urn:pulumi:s::dure::aws:s3/bucket:Bucket::{name}"
    return ResourceChange.model_validate(
        {"urn": urn, "type": "aws:s3/bucket:Bucket", "name": name, "op": op, "properties": shown}
    )


def preview(site: str, *changes: ResourceChange, provisional: str = "") -> StackPreview:
    seen = Preview(stack=site.replace("/", "."), changes=changes, unchanged=3)
    return StackPreview(plan=stack_plan(site), identity="1", preview=seen, provisional=provisional)
