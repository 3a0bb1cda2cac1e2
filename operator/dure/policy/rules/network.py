"""Rules of what can be reached, and of tunnels."""

import ipaddress
from collections.abc import Iterator, Mapping, Sequence

from pydantic import JsonValue

from dure.plan.subject import MASK, Resource, Subject
from dure.policy.around import enclosing, on, part, parts, text
from dure.policy.rule import Hit, rule

WIDEST = {4: 8, 6: 16}
"""Prefix, by version, of the widest network that may come in: of 10.0.0.0/8 and of what a registry gave to one holder
none is wider (RFC 1918; IANA's registries of IPv4 and IPv6 space). What is wider is the internet in pieces."""
WEB = (80, 443)
HUB_PORTS = (51820, 443)
RULES_OF_THEIR_OWN = ("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",)
OLD_RULES = ("aws:ec2/securityGroupRule:SecurityGroupRule",)
GROUPS = ("aws:ec2/securityGroup:SecurityGroup", "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup")
BALANCER, INSTANCE = "aws:lb/loadBalancer:LoadBalancer", "aws:ec2/instance:Instance"
STRONG: Mapping[str, frozenset[str]] = {
    "Phase1EncryptionAlgorithms": frozenset({"AES256", "AES256-GCM-16", "AES128-GCM-16"}),
    "Phase2EncryptionAlgorithms": frozenset({"AES256", "AES256-GCM-16", "AES128-GCM-16"}),
    "Phase1IntegrityAlgorithms": frozenset({"SHA2-256", "SHA2-384", "SHA2-512"}),
    "Phase2IntegrityAlgorithms": frozenset({"SHA2-256", "SHA2-384", "SHA2-512"}),
    "Phase1DhGroupNumbers": frozenset({"14", "15", "16", "17", "18", "19", "20", "21"}),
    "Phase2DhGroupNumbers": frozenset({"14", "15", "16", "17", "18", "19", "20", "21"}),
    "IkeVersions": frozenset({"ikev2"}),
}
"""What a tunnel may offer (AWS Site-to-Site VPN User Guide, "Tunnel options"); anything else is weak or old."""


@rule(
    "closed-ingress",
    "mandatory",
    reason="what the whole internet reaches is attacked within minutes",
    mend="name the CIDR or security group that may come in; only 80 and 443 of a load balancer are for everyone",
)
def closed_ingress(subject: Subject) -> Iterator[Hit]:
    """Nothing is open to the world but 80 and 443 of a load balancer, and the WireGuard hub's UDP ports.

    Two halves are the whole: networks that one group names for a port are judged together.
    """
    together: dict[tuple[str, str, str], list[str]] = {}
    judged = [
        (one, opening, (one.parent, _protocol(opening), _ports(opening)))
        for one, opening in _openings(subject)
        if not _of_balancer(subject, one, opening) and not _of_hub(subject, one, opening)
    ]
    for _, opening, place in judged:
        together.setdefault(place, []).extend(_named(opening))
    for one, opening, place in judged:
        if _part_of_world(_named(opening), together[place]):
            yield Hit(one, f"{_ports(opening)} of it is open to everyone")


def _openings(subject: Subject) -> Iterator[tuple[Resource, Mapping[str, JsonValue]]]:
    for one in subject.planned(*RULES_OF_THEIR_OWN):
        yield one, one.inputs
    for one in subject.planned(*OLD_RULES):
        if text(one.inputs, "type") == "ingress":
            yield one, one.inputs
    for one in subject.planned(*GROUPS):
        for opening in parts(one.inputs, "ingress"):
            yield one, opening


def _named(opening: Mapping[str, JsonValue]) -> list[str]:
    named: list[JsonValue] = [opening.get("cidrIpv4"), opening.get("cidrIpv6")]
    for key in ("cidrBlocks", "ipv6CidrBlocks"):
        value = opening.get(key)
        named += value if isinstance(value, list) else []
    return [one for one in named if isinstance(one, str)]


def _part_of_world(named: Sequence[str], together: Sequence[str]) -> bool:
    """Whether one of the named networks is in a union of them all that is wider than anybody's own."""
    wide4 = [one for one in ipaddress.collapse_addresses(_networks4(together)) if one.prefixlen < WIDEST[4]]
    wide6 = [one for one in ipaddress.collapse_addresses(_networks6(together)) if one.prefixlen < WIDEST[6]]
    return any(mine.subnet_of(one) for mine in _networks4(named) for one in wide4) or any(
        mine.subnet_of(one) for mine in _networks6(named) for one in wide6
    )


def _networks4(named: Sequence[str]) -> list[ipaddress.IPv4Network]:
    return [one for one in map(_network, named) if isinstance(one, ipaddress.IPv4Network)]


def _networks6(named: Sequence[str]) -> list[ipaddress.IPv6Network]:
    return [one for one in map(_network, named) if isinstance(one, ipaddress.IPv6Network)]


def _network(cidr: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network | None:
    """None for what is not known before the first apply; AWS refuses the rest that is none."""
    try:
        return ipaddress.ip_network(cidr, strict=False)
    except ValueError:
        return None


def _protocol(opening: Mapping[str, JsonValue]) -> str:
    return text(opening, "ipProtocol") or text(opening, "protocol")


def _only(opening: Mapping[str, JsonValue], ports: Sequence[int]) -> bool:
    first, last = opening.get("fromPort"), opening.get("toPort")
    return first == last and first in ports


def _of_balancer(subject: Subject, one: Resource, opening: Mapping[str, JsonValue]) -> bool:
    return _protocol(opening) in ("tcp", "6") and _only(opening, WEB) and _beside(subject, one) == BALANCER


def _of_hub(subject: Subject, one: Resource, opening: Mapping[str, JsonValue]) -> bool:
    if subject.program != "landing_zone" or _protocol(opening) not in ("udp", "17"):
        return False
    given = subject.parameters.get("hub_ports")
    ports = [port for port in given if isinstance(port, int)] if isinstance(given, list) else HUB_PORTS
    return _only(opening, ports) and _beside(subject, one) == INSTANCE


def _beside(subject: Subject, one: Resource) -> str:
    """Type of what the group guards: the load balancer or instance in the nearest component that has one.

    Ids are not known before the first apply; the stack's own nesting is.
    """
    for urn in enclosing(subject, one):
        kinds = {other.type for other in subject.resources if other.parent == urn} & {BALANCER, INSTANCE}
        if kinds:
            return kinds.pop() if len(kinds) == 1 else ""
    return ""


def _ports(opening: Mapping[str, JsonValue]) -> str:
    first, last = opening.get("fromPort"), opening.get("toPort")
    if first is None or _protocol(opening) == "-1":
        return "every port"
    return f"port {first}" if first == last else f"ports {first} to {last}"


@rule(
    "private-database",
    "mandatory",
    reason="a database is reached by its services, never from the internet",
    mend="set publiclyAccessible to false",
)
def private_database(subject: Subject) -> Iterator[Hit]:
    """No database has a public address."""
    for one in subject.planned("aws:rds/instance:Instance", "aws:rds/clusterInstance:ClusterInstance"):
        if on(one.inputs, "publiclyAccessible"):
            yield Hit(one, "it has a public address")


@rule(
    "imds-v2",
    "mandatory",
    reason="with version 1 one forged request gives away the instance's credentials",
    mend="set metadataOptions.httpTokens to required",
)
def imds_v2(subject: Subject) -> Iterator[Hit]:
    """Instances answer for their metadata by IMDSv2 only."""
    for one in subject.planned(INSTANCE, "aws:ec2/launchTemplate:LaunchTemplate"):
        options = part(one.inputs, "metadataOptions")
        if text(options, "httpEndpoint") != "disabled" and text(options, "httpTokens") != "required":
            yield Hit(one, "its metadata answer without a token")


@rule(
    "explicit-tunnels",
    "mandatory",
    reason="what is not said is negotiated down to AES-128, SHA-1 and group 2",
    mend="give both tunnels algorithms, groups, ikev2, an inside CIDR and DPD action restart; leave their keys to AWS",
)
def explicit_tunnels(subject: Subject) -> Iterator[Hit]:
    """A VPN connection says strong options for both tunnels."""
    for one in subject.planned("aws:ec2/vpnConnection:VpnConnection"):
        for number in (1, 2):
            wrong = list(_weak(one.inputs, f"tunnel{number}"))
            if wrong:
                yield Hit(one, f"tunnel {number}: {'; '.join(wrong)}")


def _weak(inputs: Mapping[str, JsonValue], tunnel: str) -> Iterator[str]:
    for option, strong in STRONG.items():
        value = inputs.get(f"{tunnel}{option}")
        offered = [str(one).partition(".")[0] for one in value] if isinstance(value, list) else []
        if not offered:
            yield f"{option} is not said"
        elif weak := [one for one in offered if one not in strong]:
            yield f"{option} offers {', '.join(weak)}"
    if not inputs.get(f"{tunnel}InsideCidr"):
        yield "InsideCidr is not said"
    # AWS makes a random one where none is given.
    if inputs.get(f"{tunnel}PresharedKey", MASK) != MASK:
        yield "PresharedKey is not a secret"
    if text(inputs, f"{tunnel}DpdTimeoutAction") != "restart":
        yield "DpdTimeoutAction is not restart"
