"""Whether a resource exists whose creation was asked for and never recorded, and its id.

Its inputs give the id (a role's name, a route's table and destination); or AWS made the id, and the resource is found
by its name, by our tags, or since it lies in a network of ours. How AWS is asked for each type, and how its
inputs read there, stands in the tables of `dure.cloud.sandbox`, which ask AWS itself in the same words.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import JsonValue

from dure.cloud.lookups import LOOKUPS, Lookup
from dure.cloud.request import Request
from dure.cloud.sandbox.calls import Connections
from dure.cloud.sandbox.expression import search
from dure.cloud.sandbox.handler import Calls, error_code
from dure.cloud.sandbox.plain import Plain
from dure.cloud.sandbox.properties import Properties, items, mapping, text
from dure.cloud.sandbox.tables.names import Record
from dure.cloud.sandbox.template import fill, parameters
from dure.cloud.sandbox.types import HANDLERS
from dure.cloud.unmanaged import MSP, SITE, Tagged, tagged
from dure.errors import DureError
from dure.model.local import LocalSettings

if TYPE_CHECKING:
    from botocore.client import BaseClient


@dataclass(frozen=True, slots=True)
class Kind:
    """How an ARN tells a type: what stands in it, and whether it is the id itself or the id is its last part."""

    mark: str
    whole: bool = False

    def id_of(self, arn: str) -> str:
        """Empty when the ARN is of another type."""
        if self.mark not in arn:
            return ""
        return arn if self.whole else arn.rpartition("/")[2]


KINDS = {
    "aws:acm/certificate:Certificate": Kind(":certificate/", whole=True),
    "aws:cognito/userPool:UserPool": Kind(":userpool/"),
    "aws:ec2/customerGateway:CustomerGateway": Kind(":customer-gateway/"),
    "aws:ec2/eip:Eip": Kind("eipalloc-"),
    "aws:ec2/instance:Instance": Kind(":instance/"),
    "aws:ec2/internetGateway:InternetGateway": Kind(":internet-gateway/"),
    "aws:ec2/natGateway:NatGateway": Kind(":natgateway/"),
    "aws:ec2/routeTable:RouteTable": Kind(":route-table/"),
    "aws:ec2/securityGroup:SecurityGroup": Kind(":security-group/"),
    "aws:ec2/subnet:Subnet": Kind(":subnet/"),
    "aws:ec2/vpc:Vpc": Kind(":vpc/"),
    "aws:ec2/vpcEndpoint:VpcEndpoint": Kind(":vpc-endpoint/"),
    "aws:ec2/vpnConnection:VpnConnection": Kind(":vpn-connection/"),
    "aws:ec2/vpnGateway:VpnGateway": Kind(":vpn-gateway/"),
    "aws:ecs/cluster:Cluster": Kind(":cluster/", whole=True),
    "aws:ecs/service:Service": Kind(":service/", whole=True),
    "aws:kms/key:Key": Kind(":key/"),
    "aws:lb/listener:Listener": Kind(":listener/", whole=True),
    "aws:lb/listenerRule:ListenerRule": Kind(":listener-rule/", whole=True),
    "aws:lb/loadBalancer:LoadBalancer": Kind(":loadbalancer/", whole=True),
    "aws:lb/targetGroup:TargetGroup": Kind(":targetgroup/", whole=True),
    "aws:route53/zone:Zone": Kind(":hostedzone/"),
    "aws:secretsmanager/secret:Secret": Kind(":secret:", whole=True),
    "aws:sns/topic:Topic": Kind(":sns:", whole=True),
}
"""Types whose id AWS makes and whose tags it lists."""
IN_NETWORK = {
    "aws:ec2/routeTable:RouteTable": ("describe_route_tables", "RouteTables", "RouteTableId"),
    "aws:ec2/securityGroup:SecurityGroup": ("describe_security_groups", "SecurityGroups", "GroupId"),
    "aws:ec2/subnet:Subnet": ("describe_subnets", "Subnets", "SubnetId"),
    "aws:ec2/vpcEndpoint:VpcEndpoint": ("describe_vpc_endpoints", "VpcEndpoints", "VpcEndpointId"),
}
"""Types that lie in a VPC: all that is in ours is ours, tagged or not."""


class Finder:
    """Looks for one stack's lost resources; `recorded` are ids and ARNs that are none of them."""

    def __init__(self, request: Request, recorded: set[str]) -> None:
        self._request = request
        self._taken = set(recorded)
        self._ours: list[Tagged] | None = None
        self._calls = _calls(request)

    def find(self, kind: str, inputs: Properties) -> str:
        """The id; empty when there is none. The same id is not given twice. Raises DureError where AWS cannot tell."""
        from botocore.exceptions import BotoCoreError, ClientError

        handler = HANDLERS.get(kind)
        try:
            if isinstance(handler, Record):
                return self._record(handler, inputs)
            return self._first(handler, inputs) if isinstance(handler, Plain) else ""
        except (BotoCoreError, ClientError) as error:
            raise DureError(
                f"what a killed run left of {kind} cannot be looked for",
                why=str(error),
                mend="correct the cause, then give the same command again; nothing was made",
            ) from error

    def _record(self, handler: Record, inputs: Properties) -> str:
        """One of the same name that says something else is somebody's: AWS refuses to make it again, as it should."""
        identity = handler.identity(inputs)
        seen = handler.read(self._calls, identity, inputs)
        ours = seen is not None and all(same(seen.get(key), inputs.get(key)) for key in handler.checked)
        return identity if ours else ""

    def _first(self, handler: Plain, inputs: Properties) -> str:
        for identity in self._candidates(handler, inputs):
            # An id that inputs give is one of its type alone: a cluster and a vault may have one name.
            if (handler.parts or identity not in self._taken) and self._fits(handler, identity, inputs):
                self._taken.add(identity)
                return identity
        return ""

    def _candidates(self, handler: Plain, inputs: Properties) -> Iterator[str]:
        if handler.parts:
            account: Properties = {"account": self._calls.account()} if "account" in handler.parts else {}
            told = {**account, **inputs}
            if all(text(told, key) for key in handler.parts):
                yield handler.separator.join(text(told, key) for key in handler.parts)
            return
        if handler.type in LOOKUPS:
            yield from self._looked_up(LOOKUPS[handler.type], inputs)
        kind = KINDS.get(handler.type)
        if kind is not None:
            yield from (kind.id_of(one.arn) for one in self._tagged() if kind.id_of(one.arn))
        if handler.type in IN_NETWORK and text(inputs, "vpcId"):
            yield from self._in_network(handler.type, text(inputs, "vpcId"))

    def _looked_up(self, lookup: Lookup, inputs: Properties) -> list[str]:
        """Nothing where AWS knows no such thing, in the many words that its services have for that."""
        from botocore.exceptions import ClientError

        try:
            answer = self._calls.call(lookup.service, lookup.operation, **parameters(lookup.parameters, inputs))
        except ClientError as error:
            code = error_code(error)
            if any(word in code for word in ("NotFound", "NotInUse", "NoSuch")):
                return []
            raise
        found = search(str(fill(lookup.ids, inputs)), answer)
        return [str(one) for one in found if one] if isinstance(found, list) else []

    def _fits(self, handler: Plain, identity: str, inputs: Properties) -> bool:
        """It is there, and it is the one: by its id where the inputs give that, else by what cannot change."""
        seen = handler.read(self._calls, identity, inputs)
        if handler.parts:
            return seen is not None
        told = handler.replace_on - {"*"} or handler.sees.keys()
        return seen is not None and all(key not in handler.sees or same(seen.get(key), inputs.get(key)) for key in told)

    def _tagged(self) -> list[Tagged]:
        """Of this site, and recorded nowhere."""
        if self._ours is None:
            given = mapping(self._request.configuration.get("dure:tags"))
            settings = LocalSettings(aws_endpoint=self._request.endpoint)
            listed = tagged(settings, self._request.region, text(given, MSP))
            known = frozenset(self._taken)
            self._ours = [one for one in listed if one.site == text(given, SITE) and not one.known(known)]
        return self._ours

    def _in_network(self, kind: str, network: str) -> Iterator[str]:
        operation, key, identity = IN_NETWORK[kind]
        answer = self._calls.call("ec2", operation, Filters=[{"Name": "vpc-id", "Values": [network]}])
        for one in items(answer.get(key)):
            is_main = any(mapping(each).get("Main") for each in items(one.get("Associations")))
            if not is_main and one.get("GroupName") != "default":  # made by AWS with the network itself
                yield text(one, identity)


def same(seen: JsonValue, asked: JsonValue) -> bool:
    """What was not asked for is as AWS likes, also inside of a document that is asked for as JSON."""
    if asked in (None, "") or seen == asked:
        return True
    if isinstance(asked, str) and isinstance(seen, dict | list):
        try:
            return same(seen, json.loads(asked))
        except ValueError:
            return False
    if isinstance(asked, dict) and isinstance(seen, dict):
        return all(same(seen.get(key), value) for key, value in asked.items())
    if isinstance(asked, list) and isinstance(seen, list) and len(asked) == len(seen):
        return all(any(same(each, one) for each in seen) for one in asked)
    return False


def _calls(request: Request) -> Calls:
    """To AWS, or to the double in the way that it needs."""
    import boto3
    from botocore.config import Config

    looks = Path(request.work_directory, "looks")
    if request.endpoint:
        double = Connections(request.endpoint, looks)
        double.configure(request.stack, {"region": request.region}, {})
        return double.calls(request.stack)
    session = boto3.Session(region_name=request.region)
    config = Config(retries={"total_max_attempts": 4}, connect_timeout=5, read_timeout=30)
    made: dict[str, BaseClient] = {}

    def client(service: str) -> "BaseClient":
        if service not in made:
            made[service] = session.client(service, config=config)  # type: ignore[call-overload]
        return made[service]

    return Calls(request.region, client, looks, {})
