"""A security group whose rules are told one by one, each with a reason."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from iaas.addressing import network
from iaas.component import Component, refuse

EVERYWHERE = "0.0.0.0/0"


@dataclass(frozen=True)
class Rule:
    """What may come in: from a CIDR or from members of another group."""

    port: int
    reason: str
    protocol: str = "tcp"
    cidr: str = ""
    group: pulumi.Input[str] = ""


@dataclass(frozen=True)
class SecurityGroupArgs:
    vpc_id: pulumi.Input[str]
    reason: str
    """What the group is for; AWS shows it as its description."""
    rules: dict[str, Rule]
    """By a short name that stays: it becomes part of the rule's logical name."""
    outgoing: bool = True
    """Whether its members may begin connections to anywhere."""

    def __post_init__(self) -> None:
        wrong = [
            f"rule {key}'s port {one.port} is not from 1 to 65535"
            for key, one in self.rules.items()
            if not 1 <= one.port <= 65535
        ]
        wrong += [
            f"rule {key}'s protocol {one.protocol!r} is not tcp or udp"
            for key, one in self.rules.items()
            if one.protocol not in ("tcp", "udp")
        ]
        for key, one in self.rules.items():
            if bool(one.cidr) == (one.group != ""):
                wrong.append(f"rule {key} names both or neither of cidr and group")
            if one.cidr:
                try:
                    network(one.cidr)
                except ValueError as error:
                    wrong.append(f"rule {key}: {error}")
        refuse("security group", wrong)


class SecurityGroup(Component):
    """Outputs: `id`."""

    def __init__(self, name: str, args: SecurityGroupArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, opts)
        group = aws.ec2.SecurityGroup(name, description=args.reason, vpc_id=args.vpc_id, opts=self._part())
        for key, rule in args.rules.items():
            aws.vpc.SecurityGroupIngressRule(
                f"{name}-{key}",
                security_group_id=group.id,
                ip_protocol=rule.protocol,
                from_port=rule.port,
                to_port=rule.port,
                cidr_ipv4=rule.cidr or None,
                referenced_security_group_id=rule.group if rule.group != "" else None,
                description=rule.reason,
                opts=self._part(),
            )
        if args.outgoing:
            aws.vpc.SecurityGroupEgressRule(
                f"{name}-out",
                security_group_id=group.id,
                ip_protocol="-1",
                cidr_ipv4=EVERYWHERE,
                description="Members begin connections to anywhere",
                opts=self._part(),
            )
        self.id = group.id
        self._done({"id": self.id})
