"""operator.yaml: the MSP itself, its engineers, its hub and what all customers share."""

from decimal import Decimal
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, field_validator

from dure.model.fields import (
    DayText,
    DecimalText,
    Email,
    Endpoint,
    Id,
    Interface,
    Login,
    Name,
    Network,
    Phone,
    Port,
    Recipient,
    SshKey,
    refuse,
)

DEFAULT_POOL = "10.64.0.0/10"
DEFAULT_TIMEZONE = "Asia/Seoul"


class Strict(BaseModel):
    """Unknown keys and wrong types are errors; a value once made does not change."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, populate_by_name=True)


class Msp(Strict):
    """The company that runs this workspace."""

    id: Id = Field(description="Short ASCII name; used in cloud resource names.", examples=["hanbit-it"])
    name: Name = Field(description="Name as customers know it.")
    name_en: str = Field(default="", description="Name in English; the Korean one when empty.")
    phone: Phone = Field(description="Support number; the button on every box page dials it.")
    email: Email = Field(description="Support address.")


class Engineer(Strict):
    """A person with an account on every box and the hub."""

    id: Login = Field(description="Login name on boxes and hub.", examples=["kim-minsu"])
    name: Name = Field(description="The person's name.")
    email: Email = Field(description="Work address.")
    ssh_keys: Annotated[list[SshKey], Field(min_length=1)] = Field(
        description="OpenSSH public keys, one or more, whole lines."
    )


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


class Aws(Strict):
    """Where the cloud part lies."""

    region: str = Field(
        default="ap-northeast-2", pattern=r"^[a-z]{2}(-[a-z]+)+-[0-9]$", description="AWS region of the vaults."
    )


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
    aws: Aws = Field(default=Aws(), description="Where the cloud part lies.")
    cost: Cost | None = Field(
        default=None, description="How amounts are shown in won; without it they are in US dollars only."
    )
    timezone: str = Field(default=DEFAULT_TIMEZONE, description="Time zone of boxes and reports.")
