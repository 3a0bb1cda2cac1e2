"""What a tenant or sandbox takes from the landing zone: some of its outputs, under the same names."""

from pydantic import BaseModel, ConfigDict, Field

BOUNDARY = r"^arn:aws:iam::[0-9]{12}:policy/dure-boundaries/.+"


class NetworkUpstream(BaseModel):
    """What a site with a VPN to AWS takes."""

    model_config = ConfigDict(frozen=True, extra="ignore", strict=True)

    network_cidr: str = Field(default="", description="CIDR of the shared network")
    vpn_gateway: str = Field(default="", description="Its VPN gateway; empty: it has none")


class Upstream(BaseModel):
    """`dure:inputs.upstream`. Keys that a stack does not need may be there: the whole map of outputs will do."""

    model_config = ConfigDict(frozen=True, extra="ignore", strict=True)

    alarms_topic: str = Field(description="ARN of the topic that mails the MSP")
    boundary_arn: str = Field(description="Permissions boundary of its identities", pattern=BOUNDARY)
    balancer_dns: str = Field(description="The shared load balancer's name")
    balancer_group: str = Field(description="Its security group")
    balancer_zone: str = Field(description="The hosted zone of that name, AWS's own")
    bucket: str = Field(description="The pool's bucket")
    certificate_arn: str = Field(description="Certificate for `*.domain`")
    cluster_arn: str = Field(description="The shared ECS cluster")
    database_address: str = Field(description="The shared PostgreSQL")
    database_group: str = Field(description="Its security group")
    database_master_secret: str = Field(description="ARN of the secret in which AWS keeps its master password")
    domain: str = Field(description="Zone below which hosts are")
    key_arn: str = Field(description="The environment's key")
    listener_arn: str = Field(description="The shared load balancer's TLS listener")
    pool_role_arn: str = Field(description="Identity of the shared service")
    pool_target_arn: str = Field(description="Where the shared service answers")
    private_subnet_a: str
    private_subnet_c: str
    sandbox_boundary_arn: str = Field(description="The same for a sandbox's", pattern=BOUNDARY)
    task_subnet_a: str = Field(description="Where containers run")
    task_subnet_c: str
    tasks_public: str = Field(description="`true` when containers have public addresses", pattern="^(true|false)$")
    user_pool_id: str = Field(description="The Cognito user pool")
    vpc_id: str
    zone_id: str = Field(description="The DNS zone's id")
