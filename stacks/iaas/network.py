"""A network in two zones: public and private subnets, at most one NAT gateway, S3 without a way over the internet."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from iaas import addressing
from iaas.component import Component, refuse


@dataclass(frozen=True)
class NetworkArgs:
    cidr: str
    """From /16 to /26; cut in four."""
    region: str
    nat: bool = False
    """One NAT gateway for both zones (33 USD a month); without it what needs the internet sits in public subnets."""
    zones: tuple[str, str] = ("a", "c")
    """Letters of two zones: `a` and `c` exist in nearly all regions."""

    def __post_init__(self) -> None:
        wrong = []
        try:
            addressing.subnets(self.cidr)
        except ValueError as error:
            wrong.append(str(error))
        if self.zones[0] == self.zones[1]:
            wrong.append(f"zones {', '.join(self.zones)} are one; name two")
        refuse("network", wrong)


class Network(Component):
    """Outputs: `vpc_id`, `cidr`, `public_a`, `public_c`, `private_a`, `private_c` (subnets' ids)."""

    def __init__(self, name: str, args: NetworkArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, opts)
        self._args = args
        cidrs = addressing.subnets(args.cidr)
        self._vpc = aws.ec2.Vpc(
            name, cidr_block=args.cidr, enable_dns_hostnames=True, enable_dns_support=True, opts=self._part()
        )
        self._close_default_group()
        first, second = args.zones
        public_a = self._subnet("public-a", cidrs.public_a, first)
        public_c = self._subnet("public-c", cidrs.public_c, second)
        private_a = self._subnet("private-a", cidrs.private_a, first)
        private_c = self._subnet("private-c", cidrs.private_c, second)
        public = self._routes("public", {"a": public_a, "c": public_c})
        private = self._routes("private", {"a": private_a, "c": private_c})
        self._reach_internet(public)
        if args.nat:
            self._translate(private, public_a)
        self._reach_s3([public, private])
        self.public_routes, self.private_routes = public.id, private.id
        self.cidr = args.cidr
        self.vpc_id = self._vpc.id
        self.public_a, self.public_c = public_a.id, public_c.id
        self.private_a, self.private_c = private_a.id, private_c.id
        self._done(
            {
                "vpc_id": self.vpc_id,
                "cidr": self.cidr,
                "public_a": self.public_a,
                "public_c": self.public_c,
                "private_a": self.private_a,
                "private_c": self.private_c,
            }
        )

    @property
    def public(self) -> list[pulumi.Output[str]]:
        return [self.public_a, self.public_c]

    @property
    def private(self) -> list[pulumi.Output[str]]:
        return [self.private_a, self.private_c]

    @property
    def task_subnets(self) -> list[pulumi.Output[str]]:
        """Where containers run: they must reach the registry, through the NAT or by addresses of their own."""
        return self.private if self._args.nat else self.public

    def _close_default_group(self) -> None:
        """What is made without a security group gets the default one: it lets nothing pass."""
        aws.ec2.DefaultSecurityGroup(f"{self._name}-default", vpc_id=self._vpc.id, opts=self._part())

    def _subnet(self, suffix: str, cidr: str, zone: str) -> aws.ec2.Subnet:
        return aws.ec2.Subnet(
            f"{self._name}-{suffix}",
            vpc_id=self._vpc.id,
            cidr_block=cidr,
            availability_zone=f"{self._args.region}{zone}",
            map_public_ip_on_launch=False,
            opts=self._part(),
        )

    def _routes(self, kind: str, subnets: dict[str, aws.ec2.Subnet]) -> aws.ec2.RouteTable:
        table = aws.ec2.RouteTable(f"{self._name}-{kind}", vpc_id=self._vpc.id, opts=self._part())
        for zone, subnet in subnets.items():
            aws.ec2.RouteTableAssociation(
                f"{self._name}-{kind}-{zone}-routes", route_table_id=table.id, subnet_id=subnet.id, opts=self._part()
            )
        return table

    def _reach_internet(self, table: aws.ec2.RouteTable) -> None:
        gateway = aws.ec2.InternetGateway(f"{self._name}-internet", vpc_id=self._vpc.id, opts=self._part())
        aws.ec2.Route(
            f"{self._name}-public-internet",
            route_table_id=table.id,
            destination_cidr_block="0.0.0.0/0",
            gateway_id=gateway.id,
            opts=self._part(),
        )

    def _translate(self, table: aws.ec2.RouteTable, subnet: aws.ec2.Subnet) -> None:
        address = aws.ec2.Eip(f"{self._name}-nat", domain="vpc", opts=self._part())
        gateway = aws.ec2.NatGateway(
            f"{self._name}-nat", allocation_id=address.id, subnet_id=subnet.id, opts=self._part()
        )
        aws.ec2.Route(
            f"{self._name}-private-internet",
            route_table_id=table.id,
            destination_cidr_block="0.0.0.0/0",
            nat_gateway_id=gateway.id,
            opts=self._part(),
        )

    def _reach_s3(self, tables: list[aws.ec2.RouteTable]) -> None:
        """A gateway endpoint costs nothing and spares the NAT's charge by the GB."""
        aws.ec2.VpcEndpoint(
            f"{self._name}-s3",
            vpc_id=self._vpc.id,
            service_name=f"com.amazonaws.{self._args.region}.s3",
            vpc_endpoint_type="Gateway",
            route_table_ids=[one.id for one in tables],
            opts=self._part(),
        )
