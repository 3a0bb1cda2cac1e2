"""Everything in the account that carries our tags, by AWS's tagging service and one by one where that is blind."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from dure.cloud.vault import platform_session
from dure.errors import DureError
from dure.model.local import LocalSettings

if TYPE_CHECKING:
    from boto3 import Session

MSP, SITE = "dure:msp", "dure:site"
PASSING = (
    ":network-interface/",
    ":task/",
    ":snapshot:rds:",
    ":auto-backup:",
    ":recovery-point:",
    ":session/",
)
"""Parts of ARNs of what AWS itself makes, with our tags, in the course of its work."""

Client: TypeAlias = Any  # boto3 makes clients at run time
Tags: TypeAlias = dict[str, str]


@dataclass(frozen=True, slots=True)
class Tagged:
    """One resource of ours as AWS lists it."""

    arn: str
    """For what has none, its id."""
    site: str
    """Of its tag; empty when that is missing."""

    def known(self, recorded: frozenset[str]) -> bool:
        """True when a state records it: by its ARN, or by the id that ends it."""
        tails = (self.arn, self.arn.rpartition("/")[2], self.arn.rpartition(":")[2])
        return any(one in recorded for one in tails)


def tagged(settings: LocalSettings, region: str, msp: str) -> list[Tagged]:
    """All that carries `dure:msp` of this MSP in the region, and what belongs to no region. Sorted by ARN.

    Raises DureError when AWS does not answer.
    """
    from botocore.config import Config
    from botocore.exceptions import BotoCoreError, ClientError

    session = platform_session(settings, region)
    config = Config(retries={"total_max_attempts": 4}, connect_timeout=5, read_timeout=30)

    def client(service: str) -> Client:
        return _client(session, service, settings.aws_endpoint, config)

    found: dict[str, Tagged] = {}
    try:
        for arn, tags in _listed(client, msp):
            if tags.get(MSP) == msp and not any(part in arn for part in PASSING):
                found[arn] = Tagged(arn, tags.get(SITE, ""))
    except (BotoCoreError, ClientError) as error:
        raise DureError(
            "what carries our tags cannot be listed",
            where=region,
            why=str(error),
            mend="check the platform's AWS credentials and their right to tag:GetResources",
        ) from error
    return [found[arn] for arn in sorted(found)]


def _client(session: "Session", service: str, endpoint: str, config: object) -> Client:
    return session.client(service, endpoint_url=endpoint or None, config=config)  # type: ignore[call-overload]


def _listed(client: Callable[[str], Client], msp: str) -> Iterator[tuple[str, Tags]]:
    pages = client("resourcegroupstaggingapi").get_paginator("get_resources")
    for page in pages.paginate(TagFilters=[{"Key": MSP, "Values": [msp]}]):
        for one in page["ResourceTagMappingList"]:
            yield one["ResourceARN"], _pairs(one["Tags"])
    for look in (addresses, users, roles, user_pools, repositories, zones):
        yield from look(client, msp)


def addresses(client: Callable[[str], Client], msp: str) -> Iterator[tuple[str, Tags]]:
    """Elastic IPs."""
    for one in client("ec2").describe_addresses()["Addresses"]:
        yield one["AllocationId"], _pairs(one.get("Tags", []))


def users(client: Callable[[str], Client], msp: str) -> Iterator[tuple[str, Tags]]:
    """AWS's tagging service knows nothing of IAM. Our names begin with the MSP's id."""
    iam = client("iam")
    for page in iam.get_paginator("list_users").paginate():
        for one in page["Users"]:
            if one["UserName"].startswith(f"{msp}-"):
                yield one["Arn"], _pairs(iam.list_user_tags(UserName=one["UserName"])["Tags"])


def roles(client: Callable[[str], Client], msp: str) -> Iterator[tuple[str, Tags]]:
    iam = client("iam")
    for page in iam.get_paginator("list_roles").paginate():
        for one in page["Roles"]:
            if one["RoleName"].startswith(f"{msp}-"):
                yield one["Arn"], _pairs(iam.list_role_tags(RoleName=one["RoleName"])["Tags"])


def user_pools(client: Callable[[str], Client], msp: str) -> Iterator[tuple[str, Tags]]:
    cognito = client("cognito-idp")
    for page in cognito.get_paginator("list_user_pools").paginate(MaxResults=60):
        for one in page["UserPools"]:
            pool = cognito.describe_user_pool(UserPoolId=one["Id"])["UserPool"]
            yield pool["Arn"], dict(pool.get("UserPoolTags", {}))


def repositories(client: Callable[[str], Client], msp: str) -> Iterator[tuple[str, Tags]]:
    """Container images."""
    ecr = client("ecr")
    for page in ecr.get_paginator("describe_repositories").paginate():
        for one in page["repositories"]:
            tags = ecr.list_tags_for_resource(resourceArn=one["repositoryArn"])["tags"]
            yield one["repositoryArn"], _pairs(tags)


def zones(client: Callable[[str], Client], msp: str) -> Iterator[tuple[str, Tags]]:
    """DNS zones."""
    route53 = client("route53")
    for page in route53.get_paginator("list_hosted_zones").paginate():
        for one in page["HostedZones"]:
            short = one["Id"].rpartition("/")[2]
            tags = route53.list_tags_for_resource(ResourceType="hostedzone", ResourceId=short)
            yield f"arn:aws:route53:::hostedzone/{short}", _pairs(tags["ResourceTagSet"]["Tags"])


def _pairs(listed: list[Mapping[str, str]]) -> Tags:
    return {one["Key"]: one["Value"] for one in listed}
