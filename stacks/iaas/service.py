"""Containers that run all the time behind a target: their definition, identity, log and security group."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pulumi
import pulumi_aws as aws

from iaas import names
from iaas.component import Component, refuse, wrong_ids
from iaas.policies import assumed_by
from iaas.security_group import Rule, SecurityGroup, SecurityGroupArgs

STARTS_TASKS = "arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy"
FARGATE = {
    256: (512, 1024, 2048),
    512: (1024, 2048, 3072, 4096),
    1024: tuple(range(2048, 8192 + 1, 1024)),
    2048: tuple(range(4096, 16384 + 1, 1024)),
}
"""CPU units -> MiB that AWS takes with them (Amazon ECS: "Task CPU and memory")."""


@dataclass(frozen=True)
class ServiceArgs:
    msp: str
    service: str
    """The service's name in its cluster; from `names.role`, unique within it."""
    region: str
    cluster_arn: pulumi.Input[str]
    image: str
    port: int
    cpu: int
    memory: int
    tasks: int
    vpc_id: pulumi.Input[str]
    subnets: Sequence[pulumi.Input[str]]
    public_addresses: bool
    """True in public subnets: without a NAT that is how a container reaches its registry."""
    balancer_group: pulumi.Input[str]
    target_arn: pulumi.Input[str]
    task_role_arn: pulumi.Input[str]
    environment: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)
    spot: bool = False
    """Cheaper, and AWS may stop a task at two minutes' notice."""
    log_days: int = 90

    def __post_init__(self) -> None:
        wrong = wrong_ids(msp=self.msp)
        if self.memory not in FARGATE.get(self.cpu, ()):
            wrong.append(f"cpu {self.cpu} with memory {self.memory} is no pair that Fargate takes")
        if self.tasks < 1:
            wrong.append(f"tasks {self.tasks} is not 1 or more")
        if not self.image:
            wrong.append("image is empty; name the container image")
        if not 1 <= self.port <= 65535:
            wrong.append(f"port {self.port} is not from 1 to 65535")
        refuse("service", wrong)


class Service(Component):
    """Outputs: `service` (name), `group` (security group's id), `log_group`."""

    def __init__(self, name: str, args: ServiceArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, opts)
        self._args = args
        rules = {"balancer": Rule(args.port, "Requests from the load balancer", group=args.balancer_group)}
        group = SecurityGroup(
            f"{name}-group", SecurityGroupArgs(args.vpc_id, f"Containers of {args.service}", rules), self._part()
        )
        log = aws.cloudwatch.LogGroup(
            f"{name}-log", name=f"/dure/{args.service}", retention_in_days=args.log_days, opts=self._part()
        )
        definition = self._definition(log)
        kind = "FARGATE_SPOT" if args.spot else "FARGATE"
        service = aws.ecs.Service(
            name,
            name=args.service,
            cluster=args.cluster_arn,
            task_definition=definition.arn,
            desired_count=args.tasks,
            capacity_provider_strategies=[{"capacity_provider": kind, "weight": 1}],
            deployment_circuit_breaker={"enable": True, "rollback": True},
            network_configuration={
                "subnets": list(args.subnets),
                "security_groups": [group.id],
                "assign_public_ip": args.public_addresses,
            },
            load_balancers=[
                {"target_group_arn": args.target_arn, "container_name": "app", "container_port": args.port}
            ],
            opts=self._part(),
        )
        self.service, self.group, self.log_group = service.name, group.id, log.name
        self._done({"service": self.service, "group": self.group, "log_group": self.log_group})

    def _definition(self, log: aws.cloudwatch.LogGroup) -> aws.ecs.TaskDefinition:
        args = self._args
        starter = aws.iam.Role(
            f"{self._name}-starter",
            name=names.role(args.service, "starter"),
            path=f"/dure/{args.msp}/",
            assume_role_policy=assumed_by("ecs-tasks.amazonaws.com"),
            opts=self._part(),
        )
        aws.iam.RolePolicyAttachment(
            f"{self._name}-starts", role=starter.name, policy_arn=STARTS_TASKS, opts=self._part()
        )
        containers = pulumi.Output.all(log=log.name, environment=args.environment).apply(
            lambda known: self._containers(known["log"], known["environment"])
        )
        return aws.ecs.TaskDefinition(
            f"{self._name}-task",
            family=args.service,
            cpu=str(args.cpu),
            memory=str(args.memory),
            network_mode="awsvpc",
            requires_compatibilities=["FARGATE"],
            execution_role_arn=starter.arn,
            task_role_arn=args.task_role_arn,
            container_definitions=containers,
            opts=self._part(),
        )

    def _containers(self, log: str, environment: Mapping[str, str]) -> str:
        container = {
            "name": "app",
            "image": self._args.image,
            "essential": True,
            "portMappings": [{"containerPort": self._args.port, "protocol": "tcp"}],
            "environment": [{"name": key, "value": value} for key, value in sorted(environment.items())],
            "logConfiguration": {
                "logDriver": "awslogs",
                "options": {
                    "awslogs-group": log,
                    "awslogs-region": self._args.region,
                    "awslogs-stream-prefix": "app",
                },
            },
        }
        return json.dumps([container])
