"""operator.yaml: the MSP itself, its engineers, its hub and what all customers share."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from dure.model.fields import (
    CloudPool,
    DayText,
    DecimalText,
    Domain,
    Email,
    Endpoint,
    Id,
    Interface,
    Line,
    Login,
    Name,
    Network,
    OfficeNetwork,
    Phone,
    Port,
    Recipient,
    SshKey,
    refuse,
)
from dure.sla.periods import midnight

DEFAULT_POOL = "10.64.0.0/10"
DEFAULT_TIMEZONE = "Asia/Seoul"
DEFAULT_NETWORK_POOL = "10.128.0.0/9"
EXPECTED = "expected_"
FIRST_DAY, LAST_DAY = "1971-01-01", "2999-12-31"
"""Between them an engineer comes and goes: what ssh-keygen can compare a signature's time with."""
LOOPBACK = ("127.0.0.1", "localhost")


class Strict(BaseModel):
    """Unknown keys and wrong types are errors; a value once made does not change."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, populate_by_name=True)


class Msp(Strict):
    """The company that runs this workspace."""

    id: Id = Field(description="Short ASCII name; used in cloud resource names.", examples=["hanbit-it"])
    name: Name = Field(description="Name as customers know it.")
    name_en: Line = Field(default="", description="Name in English; the Korean one when empty.")
    phone: Phone = Field(description="Support number; the button on every box page dials it.")
    email: Email = Field(description="Support address.")


class Engineer(Strict):
    """A person with an account on every box and the hub."""

    id: Login = Field(description="Login name on boxes and hub.", examples=["kim-minsu"])
    name: Name = Field(description="The person's name.")
    name_en: Line = Field(default="", description="Their name on English pages; the other one when empty.")
    email: Email = Field(description="Work address.")
    ssh_keys: Annotated[list[SshKey], Field(min_length=1)] = Field(
        description="OpenSSH public keys, one or more, whole lines."
    )
    from_: DayText | None = Field(
        default=None, alias="from", description="First day with us, in Asia/Seoul; always when absent."
    )
    until: DayText | None = Field(
        default=None,
        description="Last day with us, in Asia/Seoul. What they signed until then keeps counting; afterwards they sign "
        "nothing and have no account on any machine.",
        examples=["2027-03-31"],
    )

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        for key, day in (("from", self.from_), ("until", self.until)):
            if day and not FIRST_DAY <= day <= LAST_DAY:
                why = f"it lies outside {FIRST_DAY} to {LAST_DAY}"
                refuse(f"{key} of {self.id} is {day}", why, "correct the year, or leave it out")
        if self.from_ and self.until and self.from_ > self.until:
            why = f"from {self.from_} lies after until {self.until}"
            refuse(f"{self.id} is never here", why, "swap the two, or correct them")
        return self

    @property
    def time(self) -> tuple[int | None, int | None]:
        """First and last second with us, UTC; None: without such an end."""
        zone = ZoneInfo(DEFAULT_TIMEZONE)
        first = midnight(date.fromisoformat(self.from_), zone) if self.from_ else None
        last = midnight(date.fromisoformat(self.until) + timedelta(days=1), zone) - 1 if self.until else None
        return first, last

    def is_here(self, second: int) -> bool:
        """They work for the MSP at that second, UTC."""
        first, last = self.time
        return (first is None or first <= second) and (last is None or second <= last)

    def has_left(self, second: int) -> bool:
        """Their last day is over at that second, UTC."""
        last = self.time[1]
        return last is not None and last < second


class SecretSettings(Strict):
    """Who can open the workspace's secrets."""

    recipients: list[Recipient] = Field(
        default=[], description="age (age1…) or SSH public keys; every value in secrets/ is encrypted to all of them."
    )


class Hub(Strict):
    """The WireGuard concentrator that every box dials."""

    address: Endpoint = Field(description="Public IPv4 address or host name.", examples=["203.0.113.10"])
    ports: Annotated[list[Port], Field(min_length=1, max_length=8)] = Field(
        default=[51820, 443], description="UDP ports in the order in which boxes try them."
    )
    interface: Interface = Field(default="eth0", description="The hub's network interface towards the internet.")


class Mail(Strict):
    """The server that reports are sent through; the account's password is the secret `operator/smtp_password`."""

    server: str = Field(
        pattern=r"^[A-Za-z0-9]([A-Za-z0-9.-]{0,250}[A-Za-z0-9])?$",
        description="SMTP server.",
        examples=["smtp.hanbit-it.example"],
    )
    port: Port | None = Field(default=None, description="Its port; 587 with starttls, 465 with tls, 25 with none.")
    security: Literal["starttls", "tls", "none"] = Field(
        default="starttls", description="How the way there is encrypted; `none` only to a relay on this machine."
    )
    user: str = Field(default="", max_length=200, description="Account; empty: no login.")
    sender: Email | None = Field(default=None, description="From whom reports come; `msp.email` when absent.")

    @model_validator(mode="after")
    def _encrypted(self) -> Self:
        if self.security == "none" and self.server not in LOOPBACK:
            why = f"reports and the password would reach {self.server} unencrypted"
            refuse("mail would be sent in clear", why, "write security: starttls, or tls")
        return self

    @property
    def port_number(self) -> int:
        """The port given, else the one of its security."""
        return self.port or {"starttls": 587, "tls": 465, "none": 25}[self.security]


class Aws(Strict):
    """Where the cloud part lies."""

    region: str = Field(
        default="ap-northeast-2", pattern=r"^[a-z]{2}(-[a-z]+)+-[0-9]$", description="AWS region of the vaults."
    )


class LandingZone(Strict):
    """The MSP's own account: what all cloud stacks share, and what guards it."""

    environment: Id = Field(default="production", description="Names keys and shared parts.")
    domain: Domain = Field(description="Zone below which the tenants' hosts are.", examples=["apps.hanbit-it.example"])
    email: Email | None = Field(default=None, description="Who hears of budgets and alarms; `msp.email` when absent.")
    budget_usd: int = Field(default=300, ge=1, description="What the account may cost a month, in US dollars.")
    ci: Literal["github", "gitlab"] = Field(default="github", description="Whose tokens the CI role trusts.")
    repository: str = Field(
        pattern=r"^[A-Za-z0-9._-]+(/[A-Za-z0-9._-]+)+$",
        description="This workspace's repository on the CI's host.",
        examples=["hanbit-it/workspace"],
    )
    branch: str = Field(
        default="main", pattern=r"^[A-Za-z0-9._/-]+$", description="The one branch whose jobs may change anything."
    )
    organization_root: str = Field(
        default="",
        pattern=r"^(r-[a-z0-9]{4,32})?$",
        description="Root of an organization that is there already; it is made when empty.",
    )
    network_index: int = Field(default=0, ge=0, description="Which /20 of the pool the shared network has.")
    network_pool: CloudPool = Field(
        default=DEFAULT_NETWORK_POOL, description="Networks of the cloud are taken from it."
    )
    nat: bool = Field(default=False, description="One NAT gateway; without it containers have public addresses.")
    vpn_gateway: bool = Field(
        default=False, description="A VPN gateway at the shared network, for sites with `vpn: aws`; it costs nothing."
    )
    people: int = Field(default=30, ge=1, description="People of all pool tenants; sizes the shared database.")
    pool_port: Port = Field(default=8080, description="Port of the shared service's containers.")
    hub_ssh_from: list[OfficeNetwork] = Field(
        default=[], description="Networks of the MSP's offices, from which the hub takes SSH."
    )
    deletion_protection: bool = Field(
        default=True, description="AWS refuses to delete what holds data; set it to false and `up` before a destroy."
    )
    expected_storage_gb: int = Field(default=10, ge=0, description="GB that each bucket holds; for the price.")
    expected_storage_requests_thousand: int = Field(
        default=10, ge=0, description="Thousand write requests a month to each bucket; for the price."
    )
    expected_logs_gb: int = Field(default=1, ge=0, description="GB a month that each log group takes; for the price.")
    expected_database_backup_gb: int = Field(
        default=20, ge=0, description="GB of database backups beyond what is free; for the price."
    )
    expected_internet_gb: int = Field(
        default=5, ge=0, description="GB a month that go out through each load balancer; for the price."
    )
    expected_traffic_gb: int = Field(
        default=10, ge=0, description="GB a month through each NAT gateway and endpoint; for the price."
    )
    expected_balancer_lcu: int = Field(
        default=1, ge=0, description="Load balancer capacity units, on average; for the price."
    )
    expected_requests_million: int = Field(default=1, ge=0, description="Million web requests a month; for the price.")
    expected_queries_million: int = Field(default=1, ge=0, description="Million DNS queries a month; for the price.")
    expected_users: int = Field(default=30, ge=0, description="People who sign in, of all pool tenants; for the price.")
    expected_audit_events_million: int = Field(
        default=1, ge=0, description="Million management events a month that GuardDuty looks at; for the price."
    )
    expected_audit_logs_gb: int = Field(
        default=1, ge=0, description="GB of flow and DNS logs a month that GuardDuty looks at; for the price."
    )
    expected_config_items: int = Field(
        default=500, ge=0, description="Changes a month that AWS Config records; for the price."
    )

    def expected(self) -> dict[str, int]:
        """What is expected to be used a month, by the names that prices know; no stack takes it."""
        return {name: value for name, value in self if name.startswith(EXPECTED)}


class Cost(Strict):
    """The rate by which amounts in US dollars are shown in won."""

    usd_krw: DecimalText = Field(description="Won for one US dollar, such as 1385.5.", examples=["1385.5"])
    rate_date: DayText = Field(description="Day of that rate.", examples=["2026-11-20"])
    vat: DecimalText = Field(default="0.10", description="Value added tax as a fraction: 0.10 is 10 %.")

    @field_validator("usd_krw")
    @classmethod
    def _positive(cls, text: str) -> str:
        if not Decimal(text):
            refuse("the rate is 0", "nothing costs nothing", "write the won for one US dollar, such as 1385.5")
        return text

    @field_validator("vat")
    @classmethod
    def _fraction(cls, text: str) -> str:
        if Decimal(text) >= 1:
            refuse(f"vat is {text}", "it is a fraction below 1", "write 0.10 for 10 %")
        return text


class Operator(Strict):
    """operator.yaml."""

    msp: Msp = Field(description="The company that runs this workspace.")
    engineers: list[Engineer] = Field(default=[], description="People with accounts on every machine.")
    secrets: SecretSettings = Field(default=SecretSettings(), description="Who can open the secrets.")
    hub: Hub = Field(description="The WireGuard concentrator.")
    overlay_pool: Network = Field(
        default=DEFAULT_POOL,
        description="Private network that the sites' overlay /24s are taken from; its first /24 is the hub's.",
    )
    mail: Mail | None = Field(default=None, description="How reports are sent; without it they are written only.")
    aws: Aws = Field(default=Aws(), description="Where the cloud part lies.")
    landing_zone: LandingZone | None = Field(
        default=None, description="The shared part of the cloud; needed by tenants and sandboxes."
    )
    cost: Cost | None = Field(
        default=None, description="How amounts are shown in won; without it they are in US dollars only."
    )
    timezone: str = Field(default=DEFAULT_TIMEZONE, description="Time zone of boxes and reports.")

    def engineer(self, name: str) -> Engineer | None:
        return next((one for one in self.engineers if one.id == name), None)

    def on(self, day: date) -> Self:
        """The same with the engineers of that day alone, by whose end somebody may have come or left."""
        text = day.isoformat()
        here = [one for one in self.engineers if (one.from_ or text) <= text <= (one.until or text)]
        return self if len(here) == len(self.engineers) else self.model_copy(update={"engineers": here})


def today_in_seoul() -> date:
    """The day by which engineers come and leave."""
    return datetime.now(ZoneInfo(DEFAULT_TIMEZONE)).date()
