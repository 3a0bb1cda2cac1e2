"""What the sandbox can serve: resource types and functions by their token."""

from collections.abc import Callable

from dure.cloud.sandbox.handler import Calls, Handler
from dure.cloud.sandbox.iam import AccessKey, User, UserPolicy
from dure.cloud.sandbox.properties import Properties
from dure.cloud.sandbox.s3_bucket import Bucket
from dure.cloud.sandbox.s3_policy import POLICY
from dure.cloud.sandbox.s3_settings import SETTINGS
from dure.cloud.sandbox.tables import (
    account,
    balancer,
    containers,
    data,
    firewall,
    identity,
    machines,
    names,
    network,
    people,
    spending,
    vpn,
)


def caller_identity(calls: Calls, arguments: Properties) -> Properties:
    found = calls.call("sts", "get_caller_identity")
    account = found.get("Account")
    return {"accountId": account, "arn": found.get("Arn"), "userId": found.get("UserId"), "id": account}


EVERY: tuple[Handler, ...] = (
    Bucket(),
    *SETTINGS,
    POLICY,
    User(),
    UserPolicy(),
    AccessKey(),
    *account.TYPES,
    *identity.TYPES,
    *network.TYPES,
    *machines.TYPES,
    *balancer.TYPES,
    *firewall.TYPES,
    *names.TYPES,
    *containers.TYPES,
    *data.TYPES,
    *people.TYPES,
    *spending.TYPES,
    *vpn.TYPES,
)
HANDLERS: dict[str, Handler] = {one.type: one for one in EVERY}
FUNCTIONS: dict[str, Callable[[Calls, Properties], Properties]] = {
    "aws:index/getCallerIdentity:getCallerIdentity": caller_identity,
    "aws:ec2/getAmi:getAmi": machines.find_image,
}
