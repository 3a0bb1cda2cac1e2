"""Everything in the account that carries our tags, by AWS's tagging service and one by one where that is blind."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from dure.cloud.fading import fading
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
LAST_SNAPSHOT = re.compile(r"arn:aws:rds:.*:snapshot:.*-last")
"""Of a database that was taken down; it stays on purpose, and no state has it (iaas.database)."""
AT_ONCE = 200
"""Values that a filter of EC2 takes."""

Client: TypeAlias = Any  # boto3 makes clients at run time
Tags: TypeAlias = dict[str, str]


@dataclass(frozen=True, slots=True)
class Tagged:
    """One resource of ours as AWS lists it."""

    arn: str
    """For what has none, its id."""
    site: str
    """Of its tag; empty when that is missing."""
    exact: bool = False
    """`arn` is the whole name of a part, whose end says nothing by itself: `role:policy`."""

    def known(self, recorded: frozenset[str]) -> bool:
        """True when a state records it: by its ARN, or by the id that ends it."""
        if self.exact:
            return self.arn in recorded
        tails = (self.arn, self.arn.rpartition("/")[2], self.arn.rpartition(":")[2])
        return any(one in recorded for one in tails)


def tagged(settings: LocalSettings, region: str, msp: str) -> list[Tagged]:
    """All that carries `dure:msp` of this MSP in the region, and what belongs to no region. Sorted by ARN.

    Without what was deleted and is listed for a while yet, and without last snapshots. Raises DureError when AWS does
    not answer.
    """
    found: dict[str, Tagged] = {}
    with _asking(settings, region) as client:
        for arn, tags in _listed(client, msp):
            if tags.get(MSP) == msp and not (any(part in arn for part in PASSING) or LAST_SNAPSHOT.fullmatch(arn)):
                found[arn] = Tagged(arn, tags.get(SITE, ""))
        for arn in fading(client, sorted(found)):
            del found[arn]
    return [found[arn] for arn in sorted(found)]


@contextmanager
def _asking(settings: LocalSettings, region: str) -> Iterator[Callable[[str], Client]]:
    """Makes clients; what AWS refuses becomes a DureError."""
    from botocore.config import Config
    from botocore.exceptions import BotoCoreError, ClientError

    session = platform_session(settings, region)
    config = Config(retries={"total_max_attempts": 4}, connect_timeout=5, read_timeout=30)
    try:
        yield lambda service: _client(session, service, settings.aws_endpoint, config)
    except (BotoCoreError, ClientError) as error:
        raise DureError(
            "what carries our tags cannot be listed",
            where=region,
            why=str(error),
            mend="check the platform's AWS credentials and their right to tag:GetResources, and to list IAM and EC2",
        ) from error


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
    """AWS's tagging service knows nothing of IAM; a name says nothing, since anybody may give any."""
    iam = client("iam")
    for page in iam.get_paginator("list_users").paginate():
        for one in page["Users"]:
            yield one["Arn"], _pairs(iam.list_user_tags(UserName=one["UserName"])["Tags"])


def roles(client: Callable[[str], Client], msp: str) -> Iterator[tuple[str, Tags]]:
    """But those that AWS's services keep for themselves, below /aws-service-role/ and /aws-reserved/."""
    iam = client("iam")
    for page in iam.get_paginator("list_roles").paginate():
        for one in page["Roles"]:
            if not one["Path"].startswith("/aws-"):
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


def parts(settings: LocalSettings, region: str, ours: Sequence[Tagged]) -> list[Tagged]:
    """What those of ours hold that has no tag: rules of security groups, policies of roles and users, and access keys.

    Sorted by ARN; an access key, which has none, as `ARN of its user/access-key/ID`.

    Each belongs to the site of its holder. A default group is left out: its resource lists its rules itself, so that a
    strange one shows as a change. Raises DureError when AWS does not answer.
    """
    groups = {one.arn.rpartition("/")[2]: one for one in ours if ":security-group/" in one.arn}
    with _asking(settings, region) as client:
        found = {one.arn: one for one in _rules(client("ec2"), groups)}
        iam = client("iam")
        for one in ours:
            for kind in ("role", "user"):
                if one.arn.startswith("arn:aws:iam:") and f":{kind}/" in one.arn:
                    found |= {part.arn: part for part in _policies(iam, kind, one)}
                    found |= {part.arn: part for part in _keys(iam, one)} if kind == "user" else {}
    return [found[arn] for arn in sorted(found)]


def _rules(ec2: Client, groups: Mapping[str, Tagged]) -> Iterator[Tagged]:
    names = sorted(groups)
    for first in range(0, len(names), AT_ONCE):
        some = names[first : first + AT_ONCE]
        own = [{"Name": "group-id", "Values": some}]
        pages = ec2.get_paginator("describe_security_groups").paginate(Filters=own)
        default = {one["GroupId"] for page in pages for one in page["SecurityGroups"] if one["GroupName"] == "default"}
        for page in ec2.get_paginator("describe_security_group_rules").paginate(Filters=own):
            for one in page["SecurityGroupRules"]:
                if one["GroupId"] not in default:
                    group = groups[one["GroupId"]]
                    beginning = group.arn.partition(":security-group/")[0]
                    yield Tagged(f"{beginning}:security-group-rule/{one['SecurityGroupRuleId']}", group.site)


def _policies(iam: Client, kind: str, holder: Tagged) -> Iterator[Tagged]:
    """Inline ones as `holder:policy`, attached ones as `holder/ARN`, as states name them."""
    name = holder.arn.rpartition("/")[2]
    asked = {"RoleName": name} if kind == "role" else {"UserName": name}
    for page in iam.get_paginator(f"list_{kind}_policies").paginate(**asked):
        yield from (Tagged(f"{name}:{one}", holder.site, exact=True) for one in page["PolicyNames"])
    for page in iam.get_paginator(f"list_attached_{kind}_policies").paginate(**asked):
        yield from (Tagged(f"{name}/{one['PolicyArn']}", holder.site, exact=True) for one in page["AttachedPolicies"])


def _keys(iam: Client, user: Tagged) -> Iterator[Tagged]:
    """A key that no state knows is one that a killed run lost, or that somebody made by hand."""
    for page in iam.get_paginator("list_access_keys").paginate(UserName=user.arn.rpartition("/")[2]):
        for one in page["AccessKeyMetadata"]:
            yield Tagged(f"{user.arn}/access-key/{one['AccessKeyId']}", user.site)
