"""A program of the three types that AWS lets stand several times under one name, or names itself."""

import json

import pulumi
import pulumi_aws as aws

name = pulumi.get_stack().replace(".", "-")
zone = aws.route53.Zone("zone", name=f"{name}.example")
aws.route53.Record("record", zone_id=zone.zone_id, name=f"erp.{name}.example", type="A", records=["192.0.2.1"], ttl=60)
topic = aws.sns.Topic("topic", name=name)
aws.sns.TopicSubscription("mail", topic=topic.arn, protocol="email", endpoint="cloud@hanbit-it.example")
container = {"name": "web", "image": "nginx:stable", "essential": True, "portMappings": [{"containerPort": 80}]}
aws.ecs.TaskDefinition(
    "task",
    family=name,
    cpu="256",
    memory="512",
    network_mode="awsvpc",
    requires_compatibilities=["FARGATE"],
    container_definitions=json.dumps([container]),
    tags={"dure:msp": "hanbit-it"},
)
