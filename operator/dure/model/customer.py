"""customers/<id>.yaml: one customer with its people and sites."""

from typing import Annotated, Literal

from pydantic import Field, JsonValue

from dure.model.fields import (
    Address,
    CostCentre,
    Email,
    Id,
    Interface,
    Line,
    Login,
    Name,
    Phone,
    PrivateNetwork,
    SiteId,
)
from dure.model.msp import Strict
from dure.model.promise.contract import Contract


class Contact(Strict):
    """A person to call."""

    name: Name = Field(description="The person's name.")
    role: Line = Field(default="", description="Such as 대표 or 총무.")
    phone: Phone | None = Field(default=None, description="Telephone number.")
    email: Email | None = Field(default=None, description="E-mail address.")
    report: bool = Field(default=True, description="Gets the monthly report when there is an e-mail address.")


class User(Strict):
    """A member of the customer's staff who uses the shares."""

    id: Login = Field(description="Login name on the box.", examples=["choi-eunji"])
    name: Name = Field(description="The person's name.")
    groups: Annotated[list[Id], Field(min_length=1)] = Field(description="Groups that shares admit.")
    password_secret: str | None = Field(
        default=None,
        description="Reference of a stored secret to use as the SMB password, such as "
        "`hansol-plastics/users/choi-eunji/chosen`; a password is made when absent.",
    )


class DhcpRange(Strict):
    """First and last address that the box gives out."""

    from_: Address = Field(alias="from", description="First address.", examples=["192.168.0.100"])
    to: Address = Field(description="Last address.", examples=["192.168.0.199"])


class Lan(Strict):
    """The site's own network."""

    cidr: PrivateNetwork = Field(description="The LAN, /24 or smaller.", examples=["192.168.0.0/24"])
    address: Address = Field(description="The box's address in it.", examples=["192.168.0.10"])
    router: Address | None = Field(default=None, description="The router that is there already; only for `beside`.")
    dhcp: DhcpRange | None = Field(default=None, description="Addresses that the box gives out; only for `gateway`.")


class Interfaces(Strict):
    """The kernel's names of the box's network interfaces."""

    uplink: Interface = Field(default="eth0", description="Towards the router or modem.")
    lan: Interface | None = Field(default=None, description="Towards the LAN; only for `gateway`.")


class Site(Strict):
    """One place of a customer that follows one blueprint."""

    id: Id = Field(description="Short ASCII name, the box's host name.", examples=["ansan"])
    name: Name = Field(description="Name as the customer knows it.")
    blueprint: str = Field(description="Blueprint that the site follows.", examples=["hybrid-server"])
    tier: Literal["basic", "standard", "premium"] = Field(default="standard", description="Contract tier.")
    topology: Literal["beside", "gateway"] = Field(
        default="beside",
        description="beside: one more machine on the LAN of the router that is there; gateway: the box is the router.",
    )
    lan: Lan | None = Field(
        default=None, description="The site's own network; needed where the blueprint has a machine, and only there."
    )
    interfaces: Interfaces = Field(default=Interfaces(), description="The box's network interfaces.")
    parameters: dict[str, JsonValue] = Field(default={}, description="The blueprint's parameters; see the blueprint.")
    depends_on: list[SiteId] = Field(
        default=[], description="Sites that must stand first, such as a head office, as customer/site."
    )
    tags: list[Id] = Field(default=[], description="Words to select sites by (`tag=…`).")


class Customer(Strict):
    """customers/<id>.yaml."""

    id: Id = Field(description="Short ASCII name, equal to the file's name.", examples=["hansol-plastics"])
    name: Name = Field(description="The company's name.")
    name_en: Line = Field(default="", description="Name in English.")
    language: Literal["ko", "en"] = Field(default="ko", description="Language of its reports and of mail with them.")
    industry: Line = Field(default="", description="Such as manufacturing.")
    people: int = Field(default=1, ge=1, le=1_000_000, description="Number of people who work there.")
    cost_centre: CostCentre = Field(
        default="", description="Who bears the cost of the customer's cloud resources (tag); the id when empty."
    )
    budget_krw_month: int | None = Field(
        default=None,
        ge=1,
        description="What the customer's cloud may cost a month, in won with VAT; more is refused by policy.",
    )
    contacts: list[Contact] = Field(default=[], description="People to call, first one first.")
    users: list[User] = Field(default=[], description="Staff who use the shares.")
    sites: list[Site] = Field(default=[], description="Places; empty while the customer has no box.")
    contract: Contract | None = Field(default=None, description="What the customer was promised; see docs/sla.md.")

    def site(self, site: str) -> Site | None:
        """The site of that short id."""
        return next((one for one in self.sites if one.id == site), None)
