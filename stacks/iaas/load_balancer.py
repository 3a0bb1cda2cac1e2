"""A load balancer that speaks TLS to the world behind a web firewall, and knows nobody until a host rule names them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from iaas.component import Component, refuse
from iaas.security_group import EVERYWHERE, Rule, SecurityGroup, SecurityGroupArgs

TLS_POLICY = "ELBSecurityPolicy-TLS13-1-2-2021-06"
REQUESTS_IN_FIVE_MINUTES = 2000
"""From one address; an office of 50 behind one address stays below it."""
RULE_GROUPS = (
    "AWSManagedRulesAmazonIpReputationList",
    "AWSManagedRulesKnownBadInputsRuleSet",
    "AWSManagedRulesCommonRuleSet",
)
LONGEST = 32


@dataclass(frozen=True)
class LoadBalancerArgs:
    balancer: str
    """Its name, at most 32 characters; from `names.target_group`."""
    vpc_id: pulumi.Input[str]
    subnets: Sequence[pulumi.Input[str]]
    """Public ones, in two zones."""
    certificate_arn: pulumi.Input[str]
    deletion_protection: bool = True

    def __post_init__(self) -> None:
        wrong = []
        if not 1 <= len(self.balancer) <= LONGEST:
            wrong.append(f"balancer {self.balancer!r} has {len(self.balancer)} characters, not 1 to {LONGEST}")
        if len(self.subnets) < 2:
            wrong.append("AWS wants subnets in two zones")
        refuse("load balancer", wrong)


class LoadBalancer(Component):
    """Outputs: `arn_suffix`, `dns_name`, `dns_zone`, `listener_arn`, `group` (security group's id)."""

    def __init__(self, name: str, args: LoadBalancerArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, opts)
        rules = {
            "http": Rule(80, "The world, to be sent on to TLS", cidr=EVERYWHERE),
            "https": Rule(443, "The world", cidr=EVERYWHERE),
        }
        group = SecurityGroup(
            f"{name}-group", SecurityGroupArgs(args.vpc_id, "Load balancer: web from everywhere", rules), self._part()
        )
        balancer = aws.lb.LoadBalancer(
            name,
            name=args.balancer,
            load_balancer_type="application",
            internal=False,
            security_groups=[group.id],
            subnets=list(args.subnets),
            drop_invalid_header_fields=True,
            enable_deletion_protection=args.deletion_protection,
            opts=self._part(),
        )
        listener = self._listen(balancer, args.certificate_arn)
        self._filter(balancer, args.balancer)
        self.arn_suffix, self.dns_name, self.dns_zone = balancer.arn_suffix, balancer.dns_name, balancer.zone_id
        self.listener_arn, self.group = listener.arn, group.id
        self._done(
            {
                "arn_suffix": self.arn_suffix,
                "dns_name": self.dns_name,
                "dns_zone": self.dns_zone,
                "listener_arn": self.listener_arn,
                "group": self.group,
            }
        )

    def _listen(self, balancer: aws.lb.LoadBalancer, certificate_arn: pulumi.Input[str]) -> aws.lb.Listener:
        aws.lb.Listener(
            f"{self._name}-http",
            load_balancer_arn=balancer.arn,
            port=80,
            protocol="HTTP",
            default_actions=[
                {"type": "redirect", "redirect": {"port": "443", "protocol": "HTTPS", "status_code": "HTTP_301"}}
            ],
            opts=self._part(),
        )
        unknown_host = {"content_type": "text/plain", "message_body": "unknown host", "status_code": "404"}
        return aws.lb.Listener(
            f"{self._name}-https",
            load_balancer_arn=balancer.arn,
            port=443,
            protocol="HTTPS",
            ssl_policy=TLS_POLICY,
            certificate_arn=certificate_arn,
            default_actions=[{"type": "fixed-response", "fixed_response": unknown_host}],
            opts=self._part(),
        )

    def _filter(self, balancer: aws.lb.LoadBalancer, acl_name: str) -> None:
        rules = [_managed(group, order) for order, group in enumerate(RULE_GROUPS)]
        acl = aws.wafv2.WebAcl(
            f"{self._name}-firewall",
            name=acl_name,
            scope="REGIONAL",
            default_action={"allow": {}},
            rules=[*rules, _rate(len(rules))],
            visibility_config=_seen(acl_name),
            opts=self._part(),
        )
        aws.wafv2.WebAclAssociation(
            f"{self._name}-filtered", resource_arn=balancer.arn, web_acl_arn=acl.arn, opts=self._part()
        )


def _seen(metric: str) -> dict[str, object]:
    return {"cloudwatch_metrics_enabled": True, "sampled_requests_enabled": True, "metric_name": metric}


def _managed(group: str, order: int) -> dict[str, object]:
    return {
        "name": group,
        "priority": order,
        "override_action": {"none": {}},
        "statement": {"managed_rule_group_statement": {"vendor_name": "AWS", "name": group}},
        "visibility_config": _seen(group),
    }


def _rate(order: int) -> dict[str, object]:
    return {
        "name": "rate",
        "priority": order,
        "action": {"block": {}},
        "statement": {"rate_based_statement": {"limit": REQUESTS_IN_FIVE_MINUTES, "aggregate_key_type": "IP"}},
        "visibility_config": _seen("rate"),
    }
