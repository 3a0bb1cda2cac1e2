"""Load balancers: aws:lb."""

from dataclasses import dataclass

from botocore.exceptions import ClientError
from typing_extensions import override

from dure.cloud.sandbox import tagging
from dure.cloud.sandbox.handler import Calls, Made, error_code
from dure.cloud.sandbox.plain import Call, Plain, Step
from dure.cloud.sandbox.properties import Properties, items, text
from dure.cloud.sandbox.template import Template

TRIES = 10
"""For a rule's priority that another stack took first."""


def _attribute(ours: str, theirs: str) -> Step:
    attributes = [{"Key": theirs, "Value": f"{{{ours}|lower}}"}]
    call = Call("modify_load_balancer_attributes", {"LoadBalancerArn": "{id}", "Attributes": attributes})
    return Step((ours,), call, at_making=True)


LOAD_BALANCER = Plain(
    "aws:lb/loadBalancer:LoadBalancer",
    "elbv2",
    make=Call(
        "create_load_balancer",
        {
            "Name": "{name}",
            "Type": "{loadBalancerType}",
            "SecurityGroups": "{securityGroups}",
            "Subnets": "{subnets}",
        },
    ),
    identity="LoadBalancers[0].LoadBalancerArn",
    look=Call("describe_load_balancers", {"LoadBalancerArns": ["{id}"]}),
    found="LoadBalancers[0]",
    also=(
        (
            Call("describe_load_balancer_attributes", {"LoadBalancerArn": "{id}"}),
            "{Protected: Attributes[?Key=='deletion_protection.enabled'].Value | [0] == 'true',"
            " Strict: Attributes[?Key=='routing.http.drop_invalid_header_fields.enabled'].Value | [0] == 'true'}",
        ),
    ),
    drop=(Call("delete_load_balancer", {"LoadBalancerArn": "{id}"}),),
    sees={
        "name": "LoadBalancerName",
        "securityGroups": "SecurityGroups",
        "subnets": "AvailabilityZones[].SubnetId",
        "enableDeletionProtection": "Protected",
        "dropInvalidHeaderFields": "Strict",
    },
    outputs={
        "arn": "LoadBalancerArn",
        "arnSuffix": "after(LoadBalancerArn, 'loadbalancer/')",
        "dnsName": "DNSName",
        "zoneId": "CanonicalHostedZoneId",
        "vpcId": "VpcId",
    },
    guards={
        "Protected": "OperationNotPermitted: Load balancer cannot be deleted because deletion protection is enabled"
    },
    defaults={"loadBalancerType": "application", "internal": False},
    replace_on=frozenset({"name", "internal", "loadBalancerType"}),
    steps=(
        _attribute("enableDeletionProtection", "deletion_protection.enabled"),
        _attribute("dropInvalidHeaderFields", "routing.http.drop_invalid_header_fields.enabled"),
        Step(
            ("securityGroups",),
            Call("set_security_groups", {"LoadBalancerArn": "{id}", "SecurityGroups": "{securityGroups}"}),
        ),
        Step(("subnets",), Call("set_subnets", {"LoadBalancerArn": "{id}", "Subnets": "{subnets}"})),
    ),
    tagging=tagging.BALANCER,
    named="name",
    gone=("LoadBalancerNotFound",),
    note="It carries no traffic; deletion protection is enforced by the sandbox.",
)
HEALTH: dict[str, Template] = {
    "HealthCheckPath": "{healthCheck.path}",
    "Matcher": {"HttpCode": "{healthCheck.matcher}"},
    "HealthCheckIntervalSeconds": "{healthCheck.interval}",
    "HealthyThresholdCount": "{healthCheck.healthyThreshold}",
    "UnhealthyThresholdCount": "{healthCheck.unhealthyThreshold}",
}
TARGET_GROUP = Plain(
    "aws:lb/targetGroup:TargetGroup",
    "elbv2",
    make=Call(
        "create_target_group",
        {
            "Name": "{name}",
            "VpcId": "{vpcId}",
            "Port": "{port}",
            "Protocol": "{protocol}",
            "TargetType": "{targetType}",
            **HEALTH,
        },
    ),
    identity="TargetGroups[0].TargetGroupArn",
    look=Call("describe_target_groups", {"TargetGroupArns": ["{id}"]}),
    found="TargetGroups[0]",
    drop=(Call("delete_target_group", {"TargetGroupArn": "{id}"}),),
    sees={
        "name": "TargetGroupName",
        "vpcId": "VpcId",
        "port": "Port",
        "protocol": "Protocol",
        "targetType": "TargetType",
        "healthCheck": "{path: HealthCheckPath, matcher: Matcher.HttpCode, interval: HealthCheckIntervalSeconds,"
        " healthyThreshold: HealthyThresholdCount, unhealthyThreshold: UnhealthyThresholdCount}",
    },
    outputs={
        "arn": "TargetGroupArn",
        "arnSuffix": "join('', ['targetgroup/', after(TargetGroupArn, 'targetgroup/')])",
    },
    replace_on=frozenset({"name", "vpcId", "port", "protocol", "targetType"}),
    steps=(
        Step(("healthCheck",), Call("modify_target_group", {"TargetGroupArn": "{id}", **HEALTH})),
        Step(
            ("deregistrationDelay",),
            Call(
                "modify_target_group_attributes",
                {
                    "TargetGroupArn": "{id}",
                    "Attributes": [
                        {"Key": "deregistration_delay.timeout_seconds", "Value": "{deregistrationDelay|lower}"}
                    ],
                },
            ),
            at_making=True,
        ),
    ),
    tagging=tagging.BALANCER,
    named="name",
    gone=("TargetGroupNotFound",),
    note="No target's health is looked at.",
)
LISTENER_PARAMETERS: dict[str, Template] = {
    "Port": "{port}",
    "Protocol": "{protocol}",
    "SslPolicy": "{sslPolicy}",
    "Certificates": [{"CertificateArn": "{certificateArn!}"}],
    "DefaultActions": "{defaultActions|actions}",
}
LISTENER = Plain(
    "aws:lb/listener:Listener",
    "elbv2",
    make=Call("create_listener", {"LoadBalancerArn": "{loadBalancerArn}", **LISTENER_PARAMETERS}),
    identity="Listeners[0].ListenerArn",
    look=Call("describe_listeners", {"ListenerArns": ["{id}"]}),
    found="Listeners[0]",
    drop=(Call("delete_listener", {"ListenerArn": "{id}"}),),
    sees={
        "loadBalancerArn": "LoadBalancerArn",
        "port": "Port",
        "protocol": "Protocol",
        "sslPolicy": "SslPolicy",
        "certificateArn": "Certificates[0].CertificateArn",
        "defaultActions": "DefaultActions",
    },
    outputs={"arn": "ListenerArn"},
    replace_on=frozenset({"loadBalancerArn"}),
    steps=(
        Step(
            ("port", "protocol", "sslPolicy", "certificateArn", "defaultActions"),
            Call("modify_listener", {"ListenerArn": "{id}", **LISTENER_PARAMETERS}),
        ),
    ),
    tagging=tagging.BALANCER,
    gone=("ListenerNotFound", "LoadBalancerNotFound"),
)


def _priorities(calls: Calls, listener: str) -> list[int]:
    """Of all its rules, which come in pages of fifty."""
    found: list[int] = []
    page: Properties = {"ListenerArn": listener}
    while True:
        answer = calls.call("elbv2", "describe_rules", **page)
        found += [int(text(one, "Priority")) for one in items(answer.get("Rules")) if text(one, "Priority").isdigit()]
        if not answer.get("NextMarker"):
            return found
        page = {"ListenerArn": listener, "Marker": answer["NextMarker"]}


@dataclass(frozen=True)
class ListenerRule(Plain):
    """Given no priority it takes the next free one, again when another stack was quicker, as the real provider does."""

    @override
    def create(self, calls: Calls, inputs: Properties) -> Made:
        if "priority" in inputs:
            return super().create(calls, inputs)
        for attempt in range(TRIES):
            taken = _priorities(calls, text(inputs, "listenerArn"))
            chosen: Properties = {"priority": max(taken, default=0) + 1}
            try:
                return super().create(calls, inputs | chosen)
            except ClientError as error:
                if error_code(error) != "PriorityInUse" or attempt == TRIES - 1:
                    raise
        raise AssertionError("the last try returns or raises")


LISTENER_RULE = ListenerRule(
    "aws:lb/listenerRule:ListenerRule",
    "elbv2",
    make=Call(
        "create_rule",
        {
            "ListenerArn": "{listenerArn}",
            "Priority": "{priority}",
            "Conditions": "{conditions|actions}",
            "Actions": "{actions|actions}",
        },
    ),
    identity="Rules[0].RuleArn",
    look=Call("describe_rules", {"RuleArns": ["{id}"]}),
    found="Rules[0]",
    drop=(Call("delete_rule", {"RuleArn": "{id}"}),),
    sees={"conditions": "Conditions", "actions": "Actions"},
    outputs={"arn": "RuleArn"},
    made_outputs={"priority": "to_number(Rules[0].Priority)"},
    replace_on=frozenset({"listenerArn"}),
    steps=(
        Step(
            ("conditions", "actions"),
            Call(
                "modify_rule",
                {"RuleArn": "{id}", "Conditions": "{conditions|actions}", "Actions": "{actions|actions}"},
            ),
        ),
        Step(
            ("priority",),
            Call("set_rule_priorities", {"RulePriorities": [{"RuleArn": "{id}", "Priority": "{priority}"}]}),
        ),
    ),
    tagging=tagging.BALANCER,
    gone=("RuleNotFound", "ListenerNotFound"),
    note="AWS takes 100 rules a load balancer; the double counts none.",
)
TYPES = (LOAD_BALANCER, TARGET_GROUP, LISTENER, LISTENER_RULE)
