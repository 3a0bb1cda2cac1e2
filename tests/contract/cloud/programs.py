"""Plans of the cloud programs for an invented MSP, as `operator` would make them."""

from dure.plan.value import CloudPlan
from pydantic import JsonValue

REGION = "ap-northeast-2"
MSP = "hanbit-it"
MAIL = "cloud@hanbit-it.example"
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDHnz6GAJ9or6rvgm/bfCo3rnO5SbvIE5rBtMewQrt9/ kim-minsu@example"
LANDING_ZONE: dict[str, JsonValue] = {
    "msp": MSP,
    "domain": "apps.hanbit-it.example",
    "email": MAIL,
    "budget_usd": 500,
    "repository": "hanbit-it/workspace",
    "hub_ssh_from": ["203.0.113.0/28"],
    "hub_ssh_keys": [KEY],
    "vpn_gateway": True,
    "deletion_protection": False,
}
HYBRID: dict[str, JsonValue] = {
    "msp": MSP,
    "customer": "hansol-plastics",
    "site": "ansan",
    "lock_days": 1,
    "vpn": "aws",
    "vpn_address": "203.0.113.21",
    "overlay": "10.64.1.0/24",
    "overlay_pool": "10.64.0.0/10",
}
TENANT: dict[str, JsonValue] = {
    "msp": MSP,
    "customer": "hansol-plastics",
    "site": "erp",
    "isolation": "pool",
    "people": 8,
    "host": "hansol-erp",
    "email": MAIL,
    "budget_usd": 30,
    "image": "public.ecr.aws/nginx/nginx:stable",
    "network_index": 3,
    "deletion_protection": False,
}
SANDBOX: dict[str, JsonValue] = {
    "msp": MSP,
    "customer": "hansol-plastics",
    "site": "try",
    "host": "try-erp",
    "email": MAIL,
    "budget_usd": 12,
    "expires": "2027-01-31",
    "source": "https://github.com/hanbit-it/try-erp",
}
UPSTREAM: dict[str, JsonValue] = {
    "alarms_topic": "arn:aws:sns:ap-northeast-2:123456789012:alarms",
    "balancer_dns": "balancer.example",
    "boundary_arn": "arn:aws:iam::123456789012:policy/dure-boundaries/hanbit-it/workload",
    "balancer_group": "sg-1",
    "balancer_zone": "Z1",
    "bucket": "pool",
    "certificate_arn": "arn:aws:acm:ap-northeast-2:123456789012:certificate/1",
    "cluster_arn": "arn:aws:ecs:ap-northeast-2:123456789012:cluster/1",
    "database_address": "database.example",
    "database_group": "sg-2",
    "database_master_secret": "arn:aws:secretsmanager:ap-northeast-2:123456789012:secret:1",
    "domain": "apps.hanbit-it.example",
    "key_arn": "arn:aws:kms:ap-northeast-2:123456789012:key/1",
    "listener_arn": "arn:aws:elasticloadbalancing:ap-northeast-2:123456789012:listener/app/1/1/1",
    "pool_role_arn": "arn:aws:iam::123456789012:role/pool",
    "pool_target_arn": "arn:aws:elasticloadbalancing:ap-northeast-2:123456789012:targetgroup/1/1",
    "private_subnet_a": "subnet-1",
    "private_subnet_c": "subnet-2",
    "sandbox_boundary_arn": "arn:aws:iam::123456789012:policy/dure-boundaries/hanbit-it/sandbox",
    "task_subnet_a": "subnet-3",
    "task_subnet_c": "subnet-4",
    "tasks_public": "true",
    "user_pool_id": "ap-northeast-2_1",
    "vpc_id": "vpc-1",
    "zone_id": "Z2",
}
"""A landing zone that nobody made: enough for a preview."""


TAGS = tuple(f"dure:{one}" for one in ("msp", "customer", "site", "tier", "owner", "cost-centre", "blueprint"))


def plan(program: str, stack: str, inputs: dict[str, JsonValue]) -> CloudPlan:
    customer = str(inputs.get("customer", MSP))
    tags = {
        "dure:msp": MSP,
        "dure:customer": customer,
        "dure:site": f"{customer}/{inputs.get('site', 'cloud')}",
        "dure:tier": "standard",
        "dure:owner": MSP,
        "dure:cost-centre": customer,
        "dure:blueprint": program,
    }
    return CloudPlan(program=program, stack=stack, region=REGION, inputs=inputs, tags=tags)
