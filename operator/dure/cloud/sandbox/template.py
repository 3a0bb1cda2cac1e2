"""Parameters of an AWS call as data: `{"VpcIds": ["{id}"], "Tags": "{tags|pairs}"}`.

`{key}` alone stands for a value whatever its type; within other text for its text. `{a.b}` looks into maps. A filter
after `|` reshapes it. What is absent is left out, and so is a list or map of which nothing is left; `{key!}` leaves
out the whole map that it stands in.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

from pydantic import JsonValue

from dure.cloud.sandbox.properties import Properties, items, mapping, text

Template: TypeAlias = str | int | float | bool | Mapping[str, "Template"] | Sequence["Template"] | None

ALONE = re.compile(r"\{([\w.]+)(!?)(?:\|(\w+))?\}")
WITHIN = re.compile(r"\{([\w.]+)\}")


def pascal(value: JsonValue) -> JsonValue:
    """Keys as most services of AWS write them: `targetGroupArn` -> `TargetGroupArn`, at every depth."""
    if isinstance(value, dict):
        return {key[:1].upper() + key[1:]: pascal(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [pascal(inner) for inner in value]
    return value


def pairs(value: JsonValue) -> JsonValue:
    return [{"Key": key, "Value": inner} for key, inner in sorted(mapping(value).items())]


def lower_pairs(value: JsonValue) -> JsonValue:
    return [{"key": key, "value": inner} for key, inner in sorted(mapping(value).items())]


def named(value: JsonValue) -> JsonValue:
    return [{"Name": key, "Value": inner} for key, inner in sorted(mapping(value).items())]


def keyed(value: JsonValue) -> JsonValue:
    return [{"Key": key} for key in value] if isinstance(value, list) else []


def tag_pairs(value: JsonValue) -> JsonValue:
    return [{"TagKey": key, "TagValue": inner} for key, inner in sorted(mapping(value).items())]


def parsed(value: JsonValue) -> JsonValue:
    found: JsonValue = json.loads(str(value))
    return found


def actions(value: JsonValue) -> JsonValue:
    """A load balancer's actions and conditions: what Pulumi calls `redirect` AWS calls `RedirectConfig`."""
    if isinstance(value, list):
        return [actions(inner) for inner in value]
    found = mapping(pascal(value))
    for ours, theirs in CONFIGS.items():
        if ours in found:
            found[theirs] = found.pop(ours)
            found |= {"Field": "host-header"} if ours == "HostHeader" else {}
    return found


def firewall(value: JsonValue) -> JsonValue:
    """WAF's rules; it alone writes CloudWatch with two capitals."""
    text = json.dumps(pascal(value)).replace('"CloudwatchMetricsEnabled"', '"CloudWatchMetricsEnabled"')
    return parsed(text)


def backup_rules(value: JsonValue) -> JsonValue:
    return [
        {
            "RuleName": one.get("ruleName"),
            "TargetBackupVaultName": one.get("targetVaultName"),
            "ScheduleExpression": one.get("schedule"),
            "Lifecycle": {"DeleteAfterDays": mapping(one.get("lifecycle")).get("deleteAfter")},
        }
        for one in items(value)
    ]


def filters(value: JsonValue) -> JsonValue:
    """A budget's: a list of names with values -> a map."""
    return {text(one, "name"): one.get("values") for one in items(value)}


def notices(value: JsonValue) -> JsonValue:
    """A budget's notifications with their subscribers, which Pulumi writes as one."""
    found: list[JsonValue] = []
    for one in items(value):
        addresses = one.get("subscriberEmailAddresses")
        people: JsonValue = [
            {"SubscriptionType": "EMAIL", "Address": each}
            for each in (addresses if isinstance(addresses, list) else [])
        ]
        kept = ("notificationType", "comparisonOperator", "threshold", "thresholdType")
        found.append({"Notification": pascal({key: one[key] for key in kept if key in one}), "Subscribers": people})
    return found


def settings(value: JsonValue) -> JsonValue:
    """Parameters of a database."""
    return [
        {"ParameterName": one.get("name"), "ParameterValue": one.get("value"), "ApplyMethod": "immediate"}
        for one in items(value)
    ]


CONFIGS = {"Redirect": "RedirectConfig", "FixedResponse": "FixedResponseConfig", "HostHeader": "HostHeaderConfig"}
FILTERS: dict[str, Callable[[JsonValue], JsonValue]] = {
    "actions": actions,
    "backup_rules": backup_rules,
    "filters": filters,
    "firewall": firewall,
    "json": parsed,
    "keyed": keyed,
    "lower": lambda value: str(value).lower(),
    "lower_pairs": lower_pairs,
    "named": named,
    "notices": notices,
    "number": lambda value: float(str(value)),
    "pairs": pairs,
    "pascal": pascal,
    "settings": settings,
    "switch": lambda value: "ENABLED" if value else "DISABLED",
    "tag_pairs": tag_pairs,
    "whole": lambda value: int(str(value)),
}


def fill(template: Template, values: Mapping[str, JsonValue]) -> JsonValue:
    """The template with its places taken by values; None when nothing is left of it."""
    if isinstance(template, str):
        alone = ALONE.fullmatch(template)
        if alone:
            value = _value(values, alone[1])
            return FILTERS[alone[3]](value) if alone[3] and value is not None else value
        return WITHIN.sub(lambda place: str(_value(values, place[1]) or ""), template)
    if isinstance(template, Mapping):
        if any(_value(values, name) is None for name in _needed(template)):
            return None
        kept = {key: fill(inner, values) for key, inner in template.items()}
        left: JsonValue = {key: inner for key, inner in kept.items() if inner is not None}
        return left if left or not template else None
    if isinstance(template, Sequence):
        every = [fill(inner, values) for inner in template]
        rest: JsonValue = [inner for inner in every if inner is not None]
        return rest if rest or not template else None
    return template


def _value(values: Mapping[str, JsonValue], path: str) -> JsonValue:
    first, _, rest = path.partition(".")
    value = values.get(first)
    return _value(mapping(value), rest) if rest else value


def _needed(template: Mapping[str, Template]) -> list[str]:
    places = [ALONE.fullmatch(inner) for inner in template.values() if isinstance(inner, str)]
    return [place[1] for place in places if place and place[2]]


def parameters(template: Template, values: Mapping[str, JsonValue]) -> Properties:
    """As `fill`, for the parameters of a whole call."""
    return mapping(fill(template, values))
