"""Networks: gateways, addresses, load balancers, web firewalls, names."""

from dure.cost.line import Line, Lines, PricedType, Target, Unpriced, counted, each, times

EC2, VPC, ELB, WAF, DNS = "AmazonEC2", "AmazonVPC", "AWSELB", "awswaf", "AmazonRoute53"


def nat_gateway(target: Target) -> Lines:
    """A NAT gateway's hours, and the GB that it translates."""
    return [
        times(EC2, "nat-gateway-hour", target.usage.hours()),
        times(EC2, "nat-gateway-gb", target.usage.of("traffic_gb")),
    ]


def address(target: Target) -> Lines:
    """A public IPv4 address, in use or not."""
    return [times(VPC, "public-ipv4-hour", target.usage.hours())]


def vpc_endpoint(target: Target) -> Lines:
    """Nothing for a gateway endpoint; hours in each zone and GB for an interface endpoint."""
    if target.text("vpcEndpointType", "Gateway") != "Interface":
        return []
    zones = target.count("subnetIds")
    if zones is None:
        return [Unpriced("its subnets are not known yet")]
    return [
        times(VPC, "endpoint-hour", target.usage.hours(), zones, counted(zones, "zone")),
        times(VPC, "endpoint-gb", target.usage.of("traffic_gb")),
    ]


def vpn_connection(target: Target) -> Lines:
    """Hours of both tunnels together, and what goes out through them."""
    return [
        times(VPC, "vpn-connection-hour", target.usage.hours()),
        times("AWSDataTransfer", "internet-gb", target.usage.of("internet_gb")),
    ]


def load_balancer(target: Target) -> Lines:
    """An application load balancer: hours and capacity units; in public also an address a zone, and what goes out."""
    kind = target.text("loadBalancerType", "application")
    if kind != "application":
        return [Unpriced(f"a {kind} load balancer has no price here")]
    lcu = target.usage.of("balancer_lcu")
    hours = target.usage.hours()
    lines: list[Line | Unpriced] = [
        times(ELB, "balancer-hour", hours),
        Line(times(ELB, "balancer-lcu-hour", lcu).item, lcu.value * hours.value, f"{lcu.words} × {hours.words}"),
    ]
    if not target.flag("internal"):
        zones = target.count("subnets")
        if zones is None:
            return [*lines, Unpriced("its subnets are not known yet")]
        lines.append(times(VPC, "public-ipv4-hour", hours, zones, counted(zones, "zone")))
        lines.append(times("AWSDataTransfer", "internet-gb", target.usage.of("internet_gb")))
    return lines


def web_acl(target: Target) -> Lines:
    """A web firewall, its rules (a managed group counts as one) and the requests that it looks at."""
    rules = target.count("rules") or 0
    return [
        each(WAF, "web-acl-month"),
        each(WAF, "rule-month", rules, counted(rules, "rule")),
        times(WAF, "request-million", target.usage.of("requests_million")),
    ]


def zone(target: Target) -> Lines:
    """A DNS zone and its queries."""
    return [each(DNS, "zone-month"), times(DNS, "query-million", target.usage.of("queries_million"))]


def health_check(target: Target) -> Lines:
    """A health check; priced as the dearest that we use, HTTPS of a target outside AWS."""
    kind = target.text("type")
    return [each(DNS, "https-check-month", 1, f"{kind}, at most as HTTPS of a target outside AWS")]


TYPES: dict[str, PricedType] = {
    "aws:ec2/natGateway:NatGateway": nat_gateway,
    "aws:ec2/eip:Eip": address,
    "aws:ec2/vpcEndpoint:VpcEndpoint": vpc_endpoint,
    "aws:ec2/vpnConnection:VpnConnection": vpn_connection,
    "aws:lb/loadBalancer:LoadBalancer": load_balancer,
    "aws:wafv2/webAcl:WebAcl": web_acl,
    "aws:route53/zone:Zone": zone,
    "aws:route53/healthCheck:HealthCheck": health_check,
}
