"""Networks: aws:ec2 VPCs, subnets, routes, gateways, addresses and endpoints."""

from dure.cloud.sandbox import tagging
from dure.cloud.sandbox.plain import ANY, Call, Plain, Step

VPC_SWITCHES = {"enableDnsHostnames": "EnableDnsHostnames", "enableDnsSupport": "EnableDnsSupport"}

VPC = Plain(
    "aws:ec2/vpc:Vpc",
    "ec2",
    make=Call("create_vpc", {"CidrBlock": "{cidrBlock}", "InstanceTenancy": "{instanceTenancy}"}),
    identity="Vpc.VpcId",
    look=Call("describe_vpcs", {"VpcIds": ["{id}"]}),
    found="Vpcs[0]",
    also=tuple(
        (Call("describe_vpc_attribute", {"VpcId": "{id}", "Attribute": ours}), f"{{{ours}: {theirs}.Value}}")
        for ours, theirs in VPC_SWITCHES.items()
    ),
    drop=(Call("delete_vpc", {"VpcId": "{id}"}),),
    sees={"cidrBlock": "CidrBlock", "instanceTenancy": "InstanceTenancy"} | {one: one for one in VPC_SWITCHES},
    fixed={"arn": "arn:aws:ec2:{region}:{account}:vpc/{id}"},
    of_account=True,
    defaults={"enableDnsSupport": True, "enableDnsHostnames": False, "instanceTenancy": "default"},
    replace_on=frozenset({"cidrBlock", "instanceTenancy"}),
    steps=tuple(
        Step((ours,), Call("modify_vpc_attribute", {"VpcId": "{id}", theirs: {"Value": f"{{{ours}}}"}}), at_making=True)
        for ours, theirs in VPC_SWITCHES.items()
    ),
    tagging=tagging.EC2,
    made_with=tagging.with_ec2("vpc"),
    gone=("InvalidVpcID.NotFound",),
    note="An overlap of networks is nobody's mistake until they are joined, on AWS too.",
)
SUBNET = Plain(
    "aws:ec2/subnet:Subnet",
    "ec2",
    make=Call(
        "create_subnet",
        {"VpcId": "{vpcId}", "CidrBlock": "{cidrBlock}", "AvailabilityZone": "{availabilityZone}"},
    ),
    identity="Subnet.SubnetId",
    look=Call("describe_subnets", {"SubnetIds": ["{id}"]}),
    found="Subnets[0]",
    drop=(Call("delete_subnet", {"SubnetId": "{id}"}),),
    sees={
        "vpcId": "VpcId",
        "cidrBlock": "CidrBlock",
        "availabilityZone": "AvailabilityZone",
        "mapPublicIpOnLaunch": "MapPublicIpOnLaunch",
    },
    outputs={"arn": "SubnetArn"},
    defaults={"mapPublicIpOnLaunch": False},
    replace_on=frozenset({"vpcId", "cidrBlock", "availabilityZone"}),
    steps=(
        Step(
            ("mapPublicIpOnLaunch",),
            Call(
                "modify_subnet_attribute",
                {"SubnetId": "{id}", "MapPublicIpOnLaunch": {"Value": "{mapPublicIpOnLaunch}"}},
            ),
            at_making=True,
        ),
    ),
    tagging=tagging.EC2,
    made_with=tagging.with_ec2("subnet"),
    gone=("InvalidSubnetID.NotFound",),
    note="The double deletes a subnet in use.",
)
INTERNET_GATEWAY = Plain(
    "aws:ec2/internetGateway:InternetGateway",
    "ec2",
    make=Call("create_internet_gateway"),
    identity="InternetGateway.InternetGatewayId",
    look=Call("describe_internet_gateways", {"InternetGatewayIds": ["{id}"]}),
    found="InternetGateways[0]",
    drop=(
        Call("detach_internet_gateway", {"InternetGatewayId": "{id}", "VpcId": "{vpcId}"}),
        Call("delete_internet_gateway", {"InternetGatewayId": "{id}"}),
    ),
    sees={"vpcId": "Attachments[0].VpcId"},
    steps=(
        Step(
            ("vpcId",),
            Call("attach_internet_gateway", {"InternetGatewayId": "{id}", "VpcId": "{vpcId}"}),
            at_making=True,
        ),
    ),
    tagging=tagging.EC2,
    made_with=tagging.with_ec2("internet-gateway"),
    gone=("InvalidInternetGatewayID.NotFound", "Gateway.NotAttached"),
)
ROUTE_TABLE = Plain(
    "aws:ec2/routeTable:RouteTable",
    "ec2",
    make=Call("create_route_table", {"VpcId": "{vpcId}"}),
    identity="RouteTable.RouteTableId",
    look=Call("describe_route_tables", {"RouteTableIds": ["{id}"]}),
    found="RouteTables[0]",
    drop=(Call("delete_route_table", {"RouteTableId": "{id}"}),),
    sees={"vpcId": "VpcId"},
    replace_on=frozenset({"vpcId"}),
    tagging=tagging.EC2,
    made_with=tagging.with_ec2("route-table"),
    gone=("InvalidRouteTableID.NotFound",),
)
ROUTE_PARAMETERS = {
    "RouteTableId": "{routeTableId}",
    "DestinationCidrBlock": "{destinationCidrBlock}",
    "GatewayId": "{gatewayId}",
    "NatGatewayId": "{natGatewayId}",
}
ROUTE = Plain(
    "aws:ec2/route:Route",
    "ec2",
    make=Call("create_route", ROUTE_PARAMETERS),
    parts=("routeTableId", "destinationCidrBlock"),
    separator="_",
    look=Call("describe_route_tables", {"RouteTableIds": ["{routeTableId}"]}),
    found="RouteTables[0].Routes[?DestinationCidrBlock=='{destinationCidrBlock}'] | [0]",
    drop=(Call("delete_route", {"RouteTableId": "{routeTableId}", "DestinationCidrBlock": "{destinationCidrBlock}"}),),
    sees={"gatewayId": "GatewayId", "natGatewayId": "NatGatewayId"},
    replace_on=frozenset({"routeTableId", "destinationCidrBlock"}),
    steps=(Step(("gatewayId", "natGatewayId"), Call("replace_route", ROUTE_PARAMETERS)),),
    gone=("InvalidRouteTableID.NotFound", "InvalidRoute.NotFound"),
)
ROUTE_TABLE_ASSOCIATION = Plain(
    "aws:ec2/routeTableAssociation:RouteTableAssociation",
    "ec2",
    make=Call("associate_route_table", {"RouteTableId": "{routeTableId}", "SubnetId": "{subnetId}"}),
    identity="AssociationId",
    look=Call(
        "describe_route_tables", {"Filters": [{"Name": "association.route-table-association-id", "Values": ["{id}"]}]}
    ),
    found="RouteTables[0].Associations[?RouteTableAssociationId=='{id}'] | [0]",
    drop=(Call("disassociate_route_table", {"AssociationId": "{id}"}),),
    sees={"routeTableId": "RouteTableId", "subnetId": "SubnetId"},
    replace_on=ANY,
    gone=("InvalidAssociationID.NotFound",),
    note="AWS changes the table in place, under a new id; here it is replaced.",
)
EIP = Plain(
    "aws:ec2/eip:Eip",
    "ec2",
    make=Call("allocate_address", {"Domain": "{domain}"}),
    identity="AllocationId",
    look=Call("describe_addresses", {"AllocationIds": ["{id}"]}),
    found="Addresses[0]",
    drop=(Call("release_address", {"AllocationId": "{id}"}),),
    sees={"domain": "Domain"},
    outputs={"publicIp": "PublicIp", "allocationId": "AllocationId"},
    defaults={"domain": "vpc"},
    replace_on=frozenset({"domain"}),
    tagging=tagging.EC2,
    made_with=tagging.with_ec2("elastic-ip"),
    gone=("InvalidAllocationID.NotFound", "InvalidAddress.NotFound"),
)
EIP_ASSOCIATION = Plain(
    "aws:ec2/eipAssociation:EipAssociation",
    "ec2",
    make=Call("associate_address", {"AllocationId": "{allocationId}", "InstanceId": "{instanceId}"}),
    identity="AssociationId",
    look=Call("describe_addresses", {"AllocationIds": ["{allocationId}"]}),
    found="Addresses[?AssociationId=='{id}'] | [0]",
    drop=(Call("disassociate_address", {"AssociationId": "{id}"}),),
    sees={"instanceId": "InstanceId"},
    replace_on=ANY,
    gone=("InvalidAssociationID.NotFound", "InvalidAllocationID.NotFound", "InvalidAddress.NotFound"),
)
NAT_GATEWAY = Plain(
    "aws:ec2/natGateway:NatGateway",
    "ec2",
    make=Call("create_nat_gateway", {"AllocationId": "{allocationId}", "SubnetId": "{subnetId}"}),
    identity="NatGateway.NatGatewayId",
    look=Call("describe_nat_gateways", {"NatGatewayIds": ["{id}"]}),
    found="NatGateways[0]",
    alive="State != 'deleted'",
    drop=(Call("delete_nat_gateway", {"NatGatewayId": "{id}"}),),
    sees={"subnetId": "SubnetId", "allocationId": "NatGatewayAddresses[0].AllocationId"},
    outputs={"publicIp": "NatGatewayAddresses[0].PublicIp"},
    replace_on=ANY,
    tagging=tagging.EC2,
    made_with=tagging.with_ec2("natgateway"),
    gone=("NatGatewayNotFound",),
)
VPC_ENDPOINT = Plain(
    "aws:ec2/vpcEndpoint:VpcEndpoint",
    "ec2",
    make=Call(
        "create_vpc_endpoint",
        {
            "VpcId": "{vpcId}",
            "ServiceName": "{serviceName}",
            "VpcEndpointType": "{vpcEndpointType}",
            "RouteTableIds": "{routeTableIds}",
        },
    ),
    identity="VpcEndpoint.VpcEndpointId",
    look=Call("describe_vpc_endpoints", {"VpcEndpointIds": ["{id}"]}),
    found="VpcEndpoints[0]",
    alive="State != 'deleted'",
    drop=(Call("delete_vpc_endpoints", {"VpcEndpointIds": ["{id}"]}),),
    sees={"vpcId": "VpcId", "serviceName": "ServiceName", "routeTableIds": "RouteTableIds"},
    defaults={"vpcEndpointType": "Gateway"},
    replace_on=frozenset({"vpcId", "serviceName", "vpcEndpointType"}),
    tagging=tagging.EC2,
    made_with=tagging.with_ec2("vpc-endpoint"),
    gone=("InvalidVpcEndpointId.NotFound",),
)
TYPES = (
    VPC,
    SUBNET,
    INTERNET_GATEWAY,
    ROUTE_TABLE,
    ROUTE,
    ROUTE_TABLE_ASSOCIATION,
    EIP,
    EIP_ASSOCIATION,
    NAT_GATEWAY,
    VPC_ENDPOINT,
)
