"""The Plan: everything that will happen to a site, as one immutable value.

Shapes are JSON throughout, so that a plan can be printed, compared, stored and sent; `digest` names it.
A plan holds names of secrets and never their values.
"""

import hashlib
import json
from typing import Literal

from pydantic import BaseModel, ConfigDict, JsonValue

from dure.errors import UsageError


class Value(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Overlay(Value):
    """The site's unique /24 behind the hub, mapped 1:1 to its LAN."""

    cidr: str
    """Such as 10.64.1.0/24."""
    address: str
    """The box's own address in it, such as 10.64.1.1."""
    allocated: bool
    """False while it is only what `operator allocate` or `provision` would write."""


class CloudPlan(Value):
    """One Pulumi stack."""

    program: str
    stack: str
    region: str
    inputs: dict[str, JsonValue]
    tags: dict[str, str]
    takes_outputs_of: str = ""
    """Site whose stack's plain outputs become `inputs.upstream` when the stack is worked on; empty: none."""
    bounded_by: str = ""
    """Site whose stack gives the permissions boundary of this one's identities once it stands; empty: none."""


class RolePlan(Value):
    """One Ansible role with its variables; `secrets` maps a variable's file name to a secret's reference."""

    name: str
    variables: dict[str, JsonValue]
    secrets: dict[str, str] = {}
    """File name under the run's secret directory -> reference: `secret:NAME` (workspace) or `output:NAME` (stack)."""
    outputs: dict[str, str] = {}
    """Role variable -> name of a plain stack output."""


class PortRule(Value):
    """A port that a role asks the firewall for."""

    role: str
    protocol: Literal["tcp", "udp"]
    port: int
    source: Literal["lan", "overlay", "vpn", "any"]
    """`vpn`: AWS's ends of the site's VPN."""


class MachinePlan(Value):
    hostname: str
    topology: Literal["beside", "gateway", "hub"]
    lan_cidr: str
    lan_address: str
    interfaces: dict[str, str]
    """`uplink` and, in gateway, `lan` -> the kernel's name."""
    roles: list[RolePlan]
    ports: list[PortRule]


class VerificationPlan(Value):
    """One row of the acceptance table."""

    name: str
    kind: str
    parameters: dict[str, JsonValue]
    when: Literal["always", "proof"]
    """`proof`: at first acceptance, after a change to firewall, network, kernel or boot, and with --prove-all."""


class CheckPlan(Value):
    name: str
    kind: str
    vantage: Literal["lan", "hub", "internet"]
    interval_seconds: int
    parameters: dict[str, JsonValue]


class ObjectivePlan(Value):
    name: str
    target: str
    """A decimal fraction in text, such as 0.995, so that no float enters a contract."""
    checks: list[str]


def no_machine(site: str, blueprint: str) -> UsageError:
    """For commands that need one."""
    return UsageError(
        f"{site} has no machine", why=f"blueprint {blueprint} is cloud alone", mend=f"operator stacks up {site}"
    )


class Plan(Value):
    version: Literal[1] = 1
    site: str
    customer: str
    customer_name: str
    blueprint: str
    overlay: Overlay | None
    cloud: CloudPlan | None
    machine: MachinePlan | None
    """None where the blueprint is cloud alone."""
    verification: list[VerificationPlan]
    checks: list[CheckPlan]
    objectives: list[ObjectivePlan]

    def canonical_json(self) -> bytes:
        """The same bytes for the same plan, always: keys sorted, no spaces, UTF-8."""
        return json.dumps(
            self.model_dump(mode="json"), sort_keys=True, separators=(",", ":"), ensure_ascii=False
        ).encode()

    @property
    def host(self) -> MachinePlan:
        """The machine. Raises UsageError for a site that has none."""
        if self.machine is None:
            raise no_machine(self.site, self.blueprint)
        return self.machine

    @property
    def digest(self) -> str:
        """SHA-256 of the canonical JSON, in hexadecimal."""
        return hashlib.sha256(self.canonical_json()).hexdigest()
