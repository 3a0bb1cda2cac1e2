"""What AWS names itself and tells apart by tags alone: a key, a network, a machine, an address, a gateway."""

import pulumi
import pulumi_aws as aws

tags = pulumi.Config("dure").require_object("tags")
network = aws.ec2.Vpc("network", cidr_block="10.152.0.0/20", tags=tags)
subnet = aws.ec2.Subnet("subnet", vpc_id=network.id, cidr_block="10.152.0.0/24", tags=tags)
image = aws.ec2.get_ami(owners=["amazon"], most_recent=True)
aws.ec2.Instance("machine", ami=image.id, instance_type="t4g.nano", subnet_id=subnet.id, tags=tags)
address = aws.ec2.Eip("address", domain="vpc", tags=tags)
aws.ec2.NatGateway("gateway", allocation_id=address.id, subnet_id=subnet.id, tags=tags)
aws.kms.Key("key", description=pulumi.get_stack().replace(".", "-"), tags=tags)
