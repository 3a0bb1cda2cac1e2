"""Names: aws:route53 zones and records."""

import uuid
from dataclasses import dataclass

from botocore.exceptions import ClientError
from typing_extensions import override

from dure.cloud.sandbox import tagging
from dure.cloud.sandbox.handler import Calls, Made, error_code, unless_gone
from dure.cloud.sandbox.plain import Call, Plain, Step
from dure.cloud.sandbox.properties import Properties, items, mapping, text

NO_ZONE = "NoSuchHostedZone"


@dataclass(frozen=True)
class ZoneTable(Plain):
    @override
    def create(self, calls: Calls, inputs: Properties) -> Made:
        """AWS wants a reference that was never used, even by a zone that is gone."""
        return super().create(calls, inputs | {"callerReference": str(uuid.uuid4())})


ZONE = ZoneTable(
    "aws:route53/zone:Zone",
    "route53",
    make=Call(
        "create_hosted_zone",
        {
            "Name": "{name}",
            "CallerReference": "{callerReference}",
            "HostedZoneConfig": {"Comment": "{comment}"},
        },
    ),
    identity="after(HostedZone.Id, '/hostedzone/')",
    look=Call("get_hosted_zone", {"Id": "{id}"}),
    found="@",
    drop=(Call("delete_hosted_zone", {"Id": "{id}"}),),
    sees={"comment": "HostedZone.Config.Comment"},
    outputs={"nameServers": "DelegationSet.NameServers"},
    fixed={"zoneId": "{id}", "arn": "arn:aws:route53:::hostedzone/{id}"},
    defaults={"comment": "Managed by Pulumi", "forceDestroy": False},
    replace_on=frozenset({"name"}),
    steps=(Step(("comment",), Call("update_hosted_zone_comment", {"Id": "{id}", "Comment": "{comment}"})),),
    tagging=tagging.ZONE,
    unseen=("forceDestroy",),
    gone=(NO_ZONE,),
    note="No name is ever answered.",
)


@dataclass(frozen=True)
class Record:
    """Its id is `zone_name_type`. One that another made before is refused, as AWS does."""

    type: str = "aws:route53/record:Record"
    replace_on: frozenset[str] = frozenset({"zoneId", "name", "type"})
    named: str = "name"
    checked: tuple[str, ...] = ("records", "ttl", "aliases")
    inputs: frozenset[str] = frozenset({"zoneId", "name", "type", "records", "ttl", "aliases"})
    unseen: tuple[str, ...] = ()
    note: str = "Simple records and aliases only; no name is ever answered."

    def check(self, inputs: Properties, autonamed: str) -> Properties:
        return inputs

    def create(self, calls: Calls, inputs: Properties) -> Made:
        self._change(calls, "CREATE", inputs)
        return Made(self.identity(inputs), {"fqdn": text(inputs, "name").rstrip(".")})

    def identity(self, inputs: Properties) -> str:
        name = text(inputs, "name").rstrip(".")
        return f"{text(inputs, 'zoneId')}_{name}_{text(inputs, 'type')}"

    def read(self, calls: Calls, identity: str, inputs: Properties) -> Properties | None:
        zone, rest = identity.split("_", 1)
        name, _, kind = rest.rpartition("_")
        found = self._find(calls, zone, name, kind)
        if found is None:
            return None
        seen: Properties = {"zoneId": zone, "type": kind, "fqdn": name}
        seen["name"] = inputs.get("name", name)
        if alias := mapping(found.get("AliasTarget")):
            target: Properties = {
                "name": text(alias, "DNSName").rstrip("."),
                "zoneId": alias.get("HostedZoneId"),
                "evaluateTargetHealth": bool(alias.get("EvaluateTargetHealth")),
            }
            return {**inputs, **seen, "aliases": [target]}
        values = [one.get("Value") for one in items(found.get("ResourceRecords"))]
        return {**inputs, **seen, "records": values, "ttl": found.get("TTL")}

    def update(self, calls: Calls, identity: str, olds: Properties, news: Properties) -> Properties:
        self._change(calls, "UPSERT", news)
        return {"fqdn": olds.get("fqdn")}

    def delete(self, calls: Calls, identity: str, outputs: Properties) -> None:
        zone, rest = identity.split("_", 1)
        name, _, kind = rest.rpartition("_")
        found = self._find(calls, zone, name, kind)
        if found is not None:  # AWS deletes only what is told exactly as it is
            batch = {"Changes": [{"Action": "DELETE", "ResourceRecordSet": found}]}
            parameters = {"HostedZoneId": zone, "ChangeBatch": batch}
            unless_gone(lambda: calls.call("route53", "change_resource_record_sets", **parameters), NO_ZONE)

    def _change(self, calls: Calls, action: str, inputs: Properties) -> None:
        wanted: Properties = {"Name": inputs["name"], "Type": inputs["type"]}
        if aliases := items(inputs.get("aliases")):
            wanted["AliasTarget"] = {
                "DNSName": aliases[0]["name"],
                "HostedZoneId": aliases[0]["zoneId"],
                "EvaluateTargetHealth": bool(aliases[0].get("evaluateTargetHealth")),
            }
        else:
            values = inputs.get("records")
            wanted["TTL"] = inputs.get("ttl")
            wanted["ResourceRecords"] = [{"Value": one} for one in values] if isinstance(values, list) else []
        batch = {"Changes": [{"Action": action, "ResourceRecordSet": wanted}]}
        calls.call("route53", "change_resource_record_sets", HostedZoneId=inputs["zoneId"], ChangeBatch=batch)

    def _find(self, calls: Calls, zone: str, name: str, kind: str) -> Properties | None:
        where = {"HostedZoneId": zone, "StartRecordName": name, "StartRecordType": kind, "MaxItems": "1"}
        try:
            answer = calls.call("route53", "list_resource_record_sets", **where)
        except ClientError as error:
            if error_code(error) == NO_ZONE:
                return None
            raise
        for one in items(answer.get("ResourceRecordSets")):
            if text(one, "Name").rstrip(".") == name and one.get("Type") == kind:
                return one
        return None


TYPES = (ZONE, Record())
