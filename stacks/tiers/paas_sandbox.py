"""A place to try an application: repository, build, one service that may be interrupted, and a hard end.

It is held three ways: by its boundary; by its budget, after which AWS denies its identities everything (its one task
runs on, and costs its hours, until the sandbox ends); and by its last day, after which `operator stacks expire`
destroys it: a nightly job that somebody approves.
"""

from datetime import date

import pulumi
import pulumi_aws as aws
from iaas import names
from iaas.boundary import bound_everything
from iaas.database import PORT
from iaas.host_rule import HostRule, HostRuleArgs
from iaas.image_build import ImageBuild, ImageBuildArgs
from iaas.image_repository import ImageRepository, ImageRepositoryArgs
from iaas.inputs import Inputs, read
from iaas.outputs import export
from iaas.place import shared
from iaas.quota import Quota, QuotaArgs
from iaas.service import Service, ServiceArgs
from iaas.settings import Settings, SettingsArgs
from iaas.size import size_for
from iaas.tags import tag_also
from iaas.target import Target, TargetArgs
from iaas.tenant_identity import TenantIdentity, TenantIdentityArgs
from iaas.upstream import Upstream
from pydantic import Field


class PaasSandboxInputs(Inputs):
    msp: str = Field(description="Id of the MSP")
    customer: str = Field(description="Id of the customer")
    site: str = Field(description="Id of the sandbox")
    host: str = Field(description="Name right below the zone, such as `try-erp`")
    email: str = Field(description="Whom the budget tells")
    budget_usd: int = Field(description="What it may cost a month, USD; then its identities are denied everything")
    expires: date = Field(description="Last day, such as `2027-01-31`; `operator stacks expire` destroys it afterwards")
    source: str = Field(description="Git repository on GitHub or Bitbucket, with a Dockerfile at its top")
    image: str = Field(default="public.ecr.aws/nginx/nginx:stable", description="What runs until a build is deployed")
    port: int = Field(default=80, description="Port of its containers")
    upstream: Upstream = Field(description="Outputs of the landing zone")

    @property
    def ids(self) -> tuple[str, str, str]:
        return self.msp, self.customer, self.site


OUTPUTS = {
    "build": "Name of the CodeBuild project",
    "database_address": "The PostgreSQL in which its schema is",
    "database_master_secret": "ARN of the secret in which AWS keeps that PostgreSQL's master password",
    "database_role": "Role that `operator stacks up` makes there, with a database of the same name",
    "database_schema": "Schema that `operator stacks up` makes in that database",
    "expires": "Its last day",
    "repository": "Where its images are",
    "role_arn": "Identity of its software",
    "settings_key": "ARN of the key that seals its secret parameters",
    "settings_path": "Path of its parameters",
    "url": "Where people find it",
}


def program() -> None:
    given = read(PaasSandboxInputs)
    account, region = aws.get_caller_identity().account_id, aws.config.region or ""
    tag_also({"dure:expires": given.expires.isoformat()})
    up, ids = given.upstream, given.ids
    bound_everything(up.sandbox_boundary_arn)
    path, schema = f"/dure/{'/'.join(ids)}", names.database(*ids)

    quota = Quota("quota", QuotaArgs(*ids, account, given.budget_usd, given.email, up.boundary_arn))
    repository = ImageRepository("images", ImageRepositoryArgs("/".join(("dure", *ids))))
    build = ImageBuild(
        "build",
        ImageBuildArgs(
            given.msp,
            names.role(*ids),
            account,
            region,
            given.source,
            repository.url,
            repository.arn,
        ),
    )
    identity = TenantIdentity(
        "identity",
        TenantIdentityArgs(*ids, account, region, up.bucket, up.key_arn, ""),
    )
    rule = _serve(given, region, path, identity)
    quota.stop([identity.role_name, build.role])
    Settings("settings", SettingsArgs(path, {"schema": schema, "database-address": up.database_address}))
    exported: dict[str, pulumi.Input[str]] = {
        "build": build.build,
        "database_address": up.database_address,
        "database_master_secret": up.database_master_secret,
        "database_role": schema,
        "database_schema": schema,
        "expires": given.expires.isoformat(),
        "repository": repository.url,
        "role_arn": identity.role_arn,
        "settings_key": up.key_arn,
        "settings_path": path,
        "url": rule.url,
    }
    export(OUTPUTS, exported)


def _serve(given: PaasSandboxInputs, region: str, path: str, identity: TenantIdentity) -> HostRule:
    """One spot task behind the shared load balancer, with a way to the shared database."""
    up, size, place = given.upstream, size_for(1), shared(given.upstream)
    target = Target("target", TargetArgs(names.target_group(*given.ids), place.vpc_id, given.port))
    host = f"{given.host}.{up.domain}"
    rule = HostRule(
        "host",
        HostRuleArgs(host, place.listener_arn, target.arn, up.zone_id, place.balancer_dns, place.balancer_zone),
    )
    service = Service(
        "service",
        ServiceArgs(
            msp=given.msp,
            service=names.name(54, *given.ids),
            region=region,
            cluster_arn=place.cluster_arn,
            image=given.image,
            port=given.port,
            cpu=size.cpu,
            memory=size.memory,
            tasks=1,
            vpc_id=place.vpc_id,
            subnets=place.task_subnets,
            public_addresses=place.public_addresses,
            balancer_group=place.balancer_group,
            target_arn=target.arn,
            task_role_arn=identity.role_arn,
            environment={"SETTINGS_PATH": path},
            spot=True,
            log_days=30,
        ),
        pulumi.ResourceOptions(depends_on=[rule.rule]),
    )
    aws.vpc.SecurityGroupIngressRule(
        "database-in",
        security_group_id=up.database_group,
        referenced_security_group_id=service.group,
        ip_protocol="tcp",
        from_port=PORT,
        to_port=PORT,
        description=f"PostgreSQL for sandbox {given.customer}/{given.site}",
    )
    return rule
