"""How each service of AWS writes, takes off and tells tags: no two do it alike."""

from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import JsonValue

from dure.cloud.sandbox.expression import search
from dure.cloud.sandbox.handler import Calls
from dure.cloud.sandbox.properties import Properties, items
from dure.cloud.sandbox.template import Template, parameters


@dataclass(frozen=True)
class Tagging:
    """Three calls; their templates know `{id}`, `{arn}`, the inputs, `{tags}` (a map) and `{keys}` (a list)."""

    put: tuple[str, Template]
    take: tuple[str, Template]
    look: tuple[str, Template]
    within: str
    """JMESPath of the tags in the look's answer: a map, or a list of pairs."""

    def write(
        self, calls: Calls, service: str, values: Properties, old: Mapping[str, str], new: Mapping[str, str]
    ) -> None:
        stale: list[JsonValue] = [*sorted(old.keys() - new.keys())]
        if stale:
            operation, template = self.take
            calls.call(service, operation, **parameters(template, {**values, "keys": stale}))
        if new:
            operation, template = self.put
            calls.call(service, operation, **parameters(template, {**values, "tags": dict(new)}))

    def read(self, calls: Calls, service: str, values: Properties) -> dict[str, str]:
        operation, template = self.look
        found = search(self.within, calls.call(service, operation, **parameters(template, values)))
        if isinstance(found, dict):
            return {key: str(value) for key, value in found.items()}
        flat = [{key.lower(): value for key, value in one.items()} for one in items(found)]
        return {str(one.get("key", one.get("tagkey"))): str(one.get("value", one.get("tagvalue", ""))) for one in flat}


def by(parameter: str, place: str, *, put: str, take: str, look: str, within: str, pairs: str = "pairs") -> Tagging:
    """The usual three calls on one resource named by one parameter."""
    return Tagging(
        (put, {parameter: place, "Tags": f"{{tags|{pairs}}}"}),
        (take, {parameter: place, "TagKeys": "{keys}"}),
        (look, {parameter: place}),
        within,
    )


def lower(parameter: str, place: str, *, pairs: bool) -> Tagging:
    """Services whose parameters begin in lower case."""
    return Tagging(
        ("tag_resource", {parameter: place, "tags": "{tags|lower_pairs}" if pairs else "{tags}"}),
        ("untag_resource", {parameter: place, "tagKeys": "{keys}"}),
        ("list_tags_for_resource", {parameter: place}),
        "tags",
    )


def of_iam(kind: str, parameter: str, place: str = "{name}") -> Tagging:
    return by(parameter, place, put=f"tag_{kind}", take=f"untag_{kind}", look=f"list_{kind}_tags", within="Tags")


def _usual(parameter: str, place: str = "{arn}", within: str = "Tags") -> Tagging:
    names = {"put": "tag_resource", "take": "untag_resource", "look": "list_tags_for_resource"}
    return by(parameter, place, within=within, **names)


EC2 = Tagging(
    ("create_tags", {"Resources": ["{id}"], "Tags": "{tags|pairs}"}),
    ("delete_tags", {"Resources": ["{id}"], "Tags": "{keys|keyed}"}),
    ("describe_tags", {"Filters": [{"Name": "resource-id", "Values": ["{id}"]}]}),
    "Tags",
)


def with_ec2(kind: str) -> Template:
    """How a call of EC2 that makes one is told its tags; `kind` is EC2's name of the type."""
    return {"TagSpecifications": [{"ResourceType": kind, "Tags": "{tags|pairs}"}]}


KMS = Tagging(
    ("tag_resource", {"KeyId": "{id}", "Tags": "{tags|tag_pairs}"}),
    ("untag_resource", {"KeyId": "{id}", "TagKeys": "{keys}"}),
    ("list_resource_tags", {"KeyId": "{id}"}),
    "Tags",
)
RDS = by(
    "ResourceName",
    "{arn}",
    put="add_tags_to_resource",
    take="remove_tags_from_resource",
    look="list_tags_for_resource",
    within="TagList",
)
BALANCER = Tagging(
    ("add_tags", {"ResourceArns": ["{id}"], "Tags": "{tags|pairs}"}),
    ("remove_tags", {"ResourceArns": ["{id}"], "TagKeys": "{keys}"}),
    ("describe_tags", {"ResourceArns": ["{id}"]}),
    "TagDescriptions[0].Tags",
)
ECS = lower("resourceArn", "{arn}", pairs=True)
ECR = Tagging(
    ("tag_resource", {"resourceArn": "{arn}", "tags": "{tags|pairs}"}),
    ("untag_resource", {"resourceArn": "{arn}", "tagKeys": "{keys}"}),
    ("list_tags_for_resource", {"resourceArn": "{arn}"}),
    "tags",
)
LOGS = lower("resourceArn", "{arn}", pairs=False)
GUARDDUTY = lower("resourceArn", "{arn}", pairs=False)
ALARM = _usual("ResourceARN")
TOPIC = _usual("ResourceArn", "{id}")
FIREWALL = _usual("ResourceARN", "{arn}", "TagInfoForResource.TagList")
ORGANIZATION = _usual("ResourceId", "{id}")
COGNITO = Tagging(
    ("tag_resource", {"ResourceArn": "{arn}", "Tags": "{tags}"}),
    ("untag_resource", {"ResourceArn": "{arn}", "TagKeys": "{keys}"}),
    ("list_tags_for_resource", {"ResourceArn": "{arn}"}),
    "Tags",
)
SECRET = Tagging(
    ("tag_resource", {"SecretId": "{id}", "Tags": "{tags|pairs}"}),
    ("untag_resource", {"SecretId": "{id}", "TagKeys": "{keys}"}),
    ("describe_secret", {"SecretId": "{id}"}),
    "Tags",
)
ZONE = Tagging(
    ("change_tags_for_resource", {"ResourceType": "hostedzone", "ResourceId": "{id}", "AddTags": "{tags|pairs}"}),
    ("change_tags_for_resource", {"ResourceType": "hostedzone", "ResourceId": "{id}", "RemoveTagKeys": "{keys}"}),
    ("list_tags_for_resource", {"ResourceType": "hostedzone", "ResourceId": "{id}"}),
    "ResourceTagSet.Tags",
)
CERTIFICATE = Tagging(
    ("add_tags_to_certificate", {"CertificateArn": "{id}", "Tags": "{tags|pairs}"}),
    ("remove_tags_from_certificate", {"CertificateArn": "{id}", "Tags": "{keys|keyed}"}),
    ("list_tags_for_certificate", {"CertificateArn": "{id}"}),
    "Tags",
)
TRAIL = Tagging(
    ("add_tags", {"ResourceId": "{arn}", "TagsList": "{tags|pairs}"}),
    ("remove_tags", {"ResourceId": "{arn}", "TagsList": "{keys|keyed}"}),
    ("list_tags", {"ResourceIdList": ["{arn}"]}),
    "ResourceTagList[0].TagsList",
)
PARAMETER = Tagging(
    ("add_tags_to_resource", {"ResourceType": "Parameter", "ResourceId": "{id}", "Tags": "{tags|pairs}"}),
    ("remove_tags_from_resource", {"ResourceType": "Parameter", "ResourceId": "{id}", "TagKeys": "{keys}"}),
    ("list_tags_for_resource", {"ResourceType": "Parameter", "ResourceId": "{id}"}),
    "TagList",
)
BACKUP = Tagging(
    ("tag_resource", {"ResourceArn": "{arn}", "Tags": "{tags}"}),
    ("untag_resource", {"ResourceArn": "{arn}", "TagKeyList": "{keys}"}),
    ("list_tags", {"ResourceArn": "{arn}"}),
    "Tags",
)
