"""What the roles' variables are made from: one site's files, resolved as far as every role needs them."""

from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import JsonValue

from dure.model.customer import Customer, Lan, Site
from dure.model.msp import Operator
from dure.plan.value import Overlay, PortRule

HEARTBEAT_PORT = 8551


@dataclass(frozen=True, slots=True)
class HubFacts:
    """The hub's own machine."""

    operator: Operator
    hub_cidr: str
    hub_address: str
    ports: tuple[PortRule, ...]


@dataclass(frozen=True, slots=True)
class SiteFacts:
    """One site's box."""

    operator: Operator
    customer: Customer
    site: Site
    lan: Lan
    overlay: Overlay
    overlay_lan: str
    """The part of the overlay that is mapped to the LAN; the /24 itself when the LAN is a /24."""
    hub_address: str
    parameters: Mapping[str, JsonValue]
    ports: tuple[PortRule, ...]

    @property
    def site_id(self) -> str:
        return f"{self.customer.id}/{self.site.id}"
