"""blueprints/<id>/blueprint.yaml: a tier as data."""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field, JsonValue

from dure.model.fields import Id, Name, Port
from dure.model.msp import Strict

Topology = Literal["beside", "gateway", "hub"]


def has(parameters: Mapping[str, JsonValue], only: Mapping[str, JsonValue]) -> bool:
    """Whether the parameters, defaults among them, have all these values."""
    return all(parameters.get(name) == value for name, value in only.items())


class BlueprintPort(Strict):
    """A port that a role asks the firewall for."""

    protocol: Literal["tcp", "udp"]
    port: Port
    source: Literal["lan", "overlay", "vpn", "any"]


class BlueprintRole(Strict):
    """An Ansible role; `topologies` empty means all. It is there only where parameters have the values of `only`."""

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    topologies: list[Topology] = Field(default=[])
    only: dict[str, JsonValue] = Field(default={})
    ports: list[BlueprintPort] = Field(default=[])


class BlueprintCloud(Strict):
    """`upstream` are the MSP's own sites whose stacks stand first and whose outputs the program takes.

    With `upstream_only` this holds only where parameters have these values. `bounded_by` is the MSP's own site whose
    permissions boundary the program's identities get; it need not stand first.
    """

    program: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    upstream: list[Literal["landing-zone"]] = Field(default=[])
    upstream_only: dict[str, JsonValue] = Field(default={})
    bounded_by: Literal["landing-zone", ""] = ""

    def builds_on(self, parameters: Mapping[str, JsonValue]) -> str:
        """The site whose outputs the program takes; empty: none."""
        return next(iter(self.upstream), "") if has(parameters, self.upstream_only) else ""


class BlueprintVerification(Strict):
    name: Id
    kind: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    parameters: dict[str, JsonValue] = Field(default={})
    when: Literal["always", "proof"] = "always"
    only: dict[str, JsonValue] = Field(default={})


class BlueprintCheck(Strict):
    name: Id
    kind: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    vantage: Literal["lan", "hub", "internet"]
    interval_seconds: Annotated[int, Field(ge=10, le=86400)]
    parameters: dict[str, JsonValue] = Field(default={})


class BlueprintObjective(Strict):
    name: Id
    target: Annotated[str, Field(pattern=r"^(0\.[0-9]+|1)$")]
    checks: Annotated[list[Id], Field(min_length=1)]


class Blueprint(Strict):
    """A tier: parameters (JSON Schema of each), stack program, roles in order, acceptance, checks, objectives.

    Without roles there is no machine: the cloud part is all of it.
    """

    id: Id
    name: Name
    name_en: str = ""
    parameters: dict[str, dict[str, JsonValue]] = Field(default={})
    cloud: BlueprintCloud | None = None
    roles: list[BlueprintRole] = Field(default=[])
    verification: list[BlueprintVerification] = Field(default=[])
    checks: list[BlueprintCheck] = Field(default=[])
    objectives: list[BlueprintObjective] = Field(default=[])

    def with_defaults(self, given: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
        """The parameters that were given, with the blueprint's defaults beneath."""
        return {name: schema["default"] for name, schema in self.parameters.items() if "default" in schema} | dict(
            given
        )
