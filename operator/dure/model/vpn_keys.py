"""Rules of a site with a VPN to AWS: what it needs of the landing zone, and its address."""

import ipaddress

from dure.model.customer import Site
from dure.model.document import Document, Path_
from dure.model.ground import Ground
from dure.model.problem import Problem

VPN, ADDRESS = "vpn", "vpn_address"
INTERNAL = tuple(
    ipaddress.IPv4Network(one)
    for one in ("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
                "192.168.0.0/16", "224.0.0.0/3")
)  # fmt: skip
"""What no site has towards the internet (RFC 6890)."""


def vpn_problems(site: Site, ground: Ground, document: Document, path: Path_) -> list[Problem]:
    """All that is wrong with one site's VPN; `path` leads to the site."""
    place: Path_ = (*path, "parameters", ADDRESS)
    if site.parameters.get(VPN) != "aws":
        if not site.parameters.get(ADDRESS):
            return []
        what, why = f'parameter "{ADDRESS}" is given in vain', "only `vpn: aws` reads it"
        return [document.problem(place, what, why, "remove it, or write `vpn: aws`", key=True)]
    return [*_gateway(ground, document, path), *_address(site, document, path)]


def _gateway(ground: Ground, document: Document, path: Path_) -> list[Problem]:
    if ground.vpn_gateway or not ground.landing_zone:  # without a landing zone that is what is said
        return []
    why = "`landing_zone:` of operator.yaml has no `vpn_gateway: true`"
    mend = "add it there, then `operator stacks up landing-zone`"
    return [document.problem((*path, "parameters", VPN), "the landing zone has no VPN gateway", why, mend)]


def _address(site: Site, document: Document, path: Path_) -> list[Problem]:
    given = site.parameters.get(ADDRESS)
    mend = "write the fixed IPv4 address that the site has towards the internet, its router's where there is one"
    if not given:
        what, why = f'parameter "{ADDRESS}" is missing', "AWS knows a site by its address"
        return [document.problem((*path, "parameters"), what, why, mend)]
    try:
        address = ipaddress.IPv4Address(given) if isinstance(given, str) else None
    except ValueError:
        address = None
    if address is None:
        what, why = f'"{given}" is no IPv4 address', "a number of it is above 255, or there are not four"
    elif any(address in one for one in INTERNAL):
        what, why = f'"{given}" is not an address that the internet knows', "AWS would wait for it in vain"
    else:
        return []
    return [document.problem((*path, "parameters", ADDRESS), what, why, mend)]
