"""Security groups and machines: aws:ec2 and aws:vpc."""

from dataclasses import dataclass

from dure.cloud.sandbox import tagging
from dure.cloud.sandbox.handler import Calls, Made
from dure.cloud.sandbox.plain import Call, Plain, Step
from dure.cloud.sandbox.properties import Properties, items, tags, text
from dure.cloud.sandbox.template import Template

ALL_OUT: list[Template] = [{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]
SECURITY_GROUP = Plain(
    "aws:ec2/securityGroup:SecurityGroup",
    "ec2",
    make=Call("create_security_group", {"GroupName": "{name}", "Description": "{description}", "VpcId": "{vpcId}"}),
    identity="GroupId",
    look=Call("describe_security_groups", {"GroupIds": ["{id}"]}),
    found="SecurityGroups[0]",
    drop=(Call("delete_security_group", {"GroupId": "{id}"}),),
    sees={"name": "GroupName", "description": "Description", "vpcId": "VpcId"},
    fixed={"arn": "arn:aws:ec2:{region}:{account}:security-group/{id}"},
    of_account=True,
    defaults={"description": "Managed by Pulumi", "revokeRulesOnDelete": False},
    replace_on=frozenset({"name", "description", "vpcId"}),
    steps=(
        # AWS gives a new group a rule that lets everything out; Pulumi takes it off
        Step(
            ("description",),
            Call("revoke_security_group_egress", {"GroupId": "{id}", "IpPermissions": ALL_OUT}),
            at_making=True,
        ),
    ),
    tagging=tagging.EC2,
    made_with=tagging.with_ec2("security-group"),
    unseen=("revokeRulesOnDelete",),
    named="name",
    gone=("InvalidGroup.NotFound",),
    note="The double deletes a group in use.",
)


def _rule(direction: str, kind: str) -> Plain:
    permission: dict[str, Template] = {
        "IpProtocol": "{ipProtocol}",
        "FromPort": "{fromPort}",
        "ToPort": "{toPort}",
        "IpRanges": [{"CidrIp": "{cidrIpv4!}", "Description": "{description}"}],
        "UserIdGroupPairs": [{"GroupId": "{referencedSecurityGroupId!}", "Description": "{description}"}],
    }
    changed = {
        "IpProtocol": "{ipProtocol}",
        "FromPort": "{fromPort}",
        "ToPort": "{toPort}",
        "CidrIpv4": "{cidrIpv4}",
        "ReferencedGroupId": "{referencedSecurityGroupId}",
        "Description": "{description}",
    }
    inputs = ("ipProtocol", "fromPort", "toPort", "cidrIpv4", "referencedSecurityGroupId", "description")
    return Plain(
        kind,
        "ec2",
        make=Call(
            f"authorize_security_group_{direction}",
            {"GroupId": "{securityGroupId}", "IpPermissions": [permission]},
        ),
        identity="SecurityGroupRules[0].SecurityGroupRuleId",
        look=Call("describe_security_group_rules", {"SecurityGroupRuleIds": ["{id}"]}),
        found="SecurityGroupRules[0]",
        drop=(
            Call(
                f"revoke_security_group_{direction}",
                {"GroupId": "{securityGroupId}", "SecurityGroupRuleIds": ["{id}"]},
            ),
        ),
        sees={
            "securityGroupId": "GroupId",
            "ipProtocol": "IpProtocol",
            "fromPort": "FromPort",
            "toPort": "ToPort",
            "cidrIpv4": "CidrIpv4",
            "referencedSecurityGroupId": "ReferencedGroupInfo.GroupId",
            "description": "Description",
        },
        outputs={"securityGroupRuleId": "SecurityGroupRuleId"},
        replace_on=frozenset({"securityGroupId"}),
        steps=(
            Step(
                inputs,
                Call(
                    "modify_security_group_rules",
                    {
                        "GroupId": "{securityGroupId}",
                        "SecurityGroupRules": [{"SecurityGroupRuleId": "{id}", "SecurityGroupRule": changed}],
                    },
                ),
            ),
        ),
        tagging=tagging.EC2,
        made_with=tagging.with_ec2("security-group-rule"),
        gone=("InvalidSecurityGroupRuleId.NotFound", "InvalidPermission.NotFound", "InvalidGroup.NotFound"),
    )


@dataclass(frozen=True)
class DefaultSecurityGroup:
    """A network's own group, adopted and emptied; AWS makes it and keeps it, so that deleting it forgets it only."""

    type: str = "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup"
    replace_on: frozenset[str] = frozenset({"vpcId"})
    named: str = ""
    checked: tuple[str, ...] = ("ingress", "egress", "tags")
    inputs: frozenset[str] = frozenset({"vpcId", "ingress", "egress", "tags"})
    unseen: tuple[str, ...] = ()
    note: str = "Taken over and emptied; rules of its own are not served."

    def check(self, inputs: Properties, autonamed: str) -> Properties:
        return {"ingress": [], "egress": [], **inputs}

    def create(self, calls: Calls, inputs: Properties) -> Made:
        filters = [
            {"Name": "vpc-id", "Values": [text(inputs, "vpcId")]},
            {"Name": "group-name", "Values": ["default"]},
        ]
        (group,) = items(calls.call("ec2", "describe_security_groups", Filters=filters)["SecurityGroups"])
        self._empty(calls, group)
        return Made(text(group, "GroupId"), self._tag(calls, text(group, "GroupId"), {}, inputs))

    def read(self, calls: Calls, identity: str, inputs: Properties) -> Properties | None:
        group = self._find(calls, identity)
        if group is None:
            return None
        every = tagging.EC2.read(calls, "ec2", {"id": identity})
        own = {key: value for key, value in every.items() if key not in calls.default_tags}
        rules: Properties = {
            "ingress": group.get("IpPermissions") or [],
            "egress": group.get("IpPermissionsEgress") or [],
        }
        return {**inputs, **rules, "vpcId": group.get("VpcId"), "tags": dict(own), "tagsAll": dict(every)}

    def update(self, calls: Calls, identity: str, olds: Properties, news: Properties) -> Properties:
        group = self._find(calls, identity)
        if group is not None:
            self._empty(calls, group)
        return self._tag(calls, identity, olds, news)

    def delete(self, calls: Calls, identity: str, outputs: Properties) -> None:
        """Nothing: it goes with its network."""

    def _find(self, calls: Calls, identity: str) -> Properties | None:
        filters = [{"Name": "group-id", "Values": [identity]}]
        groups = items(calls.call("ec2", "describe_security_groups", Filters=filters)["SecurityGroups"])
        return groups[0] if groups else None

    def _empty(self, calls: Calls, group: Properties) -> None:
        for direction, rules in (("ingress", group.get("IpPermissions")), ("egress", group.get("IpPermissionsEgress"))):
            if rules:
                operation = f"revoke_security_group_{direction}"
                calls.call("ec2", operation, GroupId=group["GroupId"], IpPermissions=rules)

    def _tag(self, calls: Calls, identity: str, olds: Properties, news: Properties) -> Properties:
        wanted = calls.default_tags | tags(news.get("tags"))
        tagging.EC2.write(calls, "ec2", {"id": identity}, tags(olds.get("tagsAll")), wanted)
        return {"tagsAll": dict(wanted)}


INSTANCE = Plain(
    "aws:ec2/instance:Instance",
    "ec2",
    make=Call(
        "run_instances",
        {
            "ImageId": "{ami}",
            "InstanceType": "{instanceType}",
            "SubnetId": "{subnetId}",
            "SecurityGroupIds": "{vpcSecurityGroupIds}",
            "UserData": "{userData}",
            "MinCount": 1,
            "MaxCount": 1,
            "MetadataOptions": "{metadataOptions|pascal}",
            "BlockDeviceMappings": [{"DeviceName": "/dev/xvda", "Ebs": "{rootBlockDevice!|pascal}"}],
        },
    ),
    identity="Instances[0].InstanceId",
    look=Call("describe_instances", {"InstanceIds": ["{id}"]}),
    found="Reservations[0].Instances[0]",
    alive="State.Name != 'terminated'",
    drop=(Call("terminate_instances", {"InstanceIds": ["{id}"]}),),
    sees={
        "instanceType": "InstanceType",
        "subnetId": "SubnetId",
        "sourceDestCheck": "SourceDestCheck",
        "vpcSecurityGroupIds": "SecurityGroups[].GroupId",
        "metadataOptions": "MetadataOptions",
    },
    outputs={"privateIp": "PrivateIpAddress", "publicIp": "PublicIpAddress", "instanceState": "State.Name"},
    fixed={"arn": "arn:aws:ec2:{region}:{account}:instance/{id}"},
    of_account=True,
    replace_on=frozenset({"ami", "subnetId"}),
    steps=(
        Step(("instanceType",), Call("stop_instances", {"InstanceIds": ["{id}"]})),
        Step(
            ("instanceType",),
            Call("modify_instance_attribute", {"InstanceId": "{id}", "InstanceType": {"Value": "{instanceType}"}}),
        ),
        Step(("instanceType",), Call("start_instances", {"InstanceIds": ["{id}"]})),
        Step(
            ("sourceDestCheck",),
            Call(
                "modify_instance_attribute", {"InstanceId": "{id}", "SourceDestCheck": {"Value": "{sourceDestCheck}"}}
            ),
            at_making=True,
        ),
        Step(
            ("vpcSecurityGroupIds",),
            Call("modify_instance_attribute", {"InstanceId": "{id}", "Groups": "{vpcSecurityGroupIds}"}),
        ),
        Step(
            ("metadataOptions",),
            Call(
                "modify_instance_metadata_options",
                {
                    "InstanceId": "{id}",
                    "HttpEndpoint": "{metadataOptions.httpEndpoint}",
                    "HttpTokens": "{metadataOptions.httpTokens}",
                    "HttpPutResponseHopLimit": "{metadataOptions.httpPutResponseHopLimit}",
                },
            ),
            at_making=True,
        ),
    ),
    tagging=tagging.EC2,
    made_with=tagging.with_ec2("instance"),
    unseen=("userData",),
    gone=("InvalidInstanceID.NotFound",),
    note="No machine runs; a change of the root disk is refused rather than made.",
)


def find_image(calls: Calls, arguments: Properties) -> Properties:
    """aws:ec2/getAmi:getAmi. The double knows no image of most owners: then any of its own stands for it."""
    filters = [{"Name": text(one, "name"), "Values": one.get("values")} for one in items(arguments.get("filters"))]
    found = items(calls.call("ec2", "describe_images", Owners=arguments.get("owners"), Filters=filters)["Images"])
    found = found or items(calls.call("ec2", "describe_images")["Images"])
    image = max(found, key=lambda one: (text(one, "CreationDate"), text(one, "ImageId")))
    return {"id": image["ImageId"], "imageId": image["ImageId"], "name": image.get("Name"), **arguments}


TYPES = (
    SECURITY_GROUP,
    _rule("ingress", "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"),
    _rule("egress", "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"),
    DefaultSecurityGroup(),
    INSTANCE,
)
