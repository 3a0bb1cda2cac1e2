"""Where a tenant's database is and what it is called."""

from collections.abc import Mapping
from dataclasses import dataclass

PROGRAMS = frozenset({"saas_tenant", "paas_sandbox"})
"""Programs whose stacks name a role and schema among their outputs."""
NAMED = {"database_role", "database_address", "database_master_secret", "settings_path", "settings_key"}
"""Outputs that tell it."""
PARAMETER = "database-password"
"""Below the path of the tenant's settings, where only its own identity reads."""


@dataclass(frozen=True, slots=True)
class Place:
    """`name` is that of role, database and schema alike; `address` is the server's as AWS names it."""

    name: str
    address: str
    master_secret: str
    """ARN of the secret in which AWS keeps the server's master password."""
    parameter: str
    """Name of the parameter that holds the role's password."""
    key: str
    """ARN of the key that seals the parameter."""
    region: str
    tags: Mapping[str, str]


def place_of(outputs: Mapping[str, str], region: str, tags: Mapping[str, str]) -> Place | None:
    """As a stack's outputs tell it; None where they do not: an older version of Dure applied it."""
    if not outputs.keys() >= NAMED:
        return None
    return Place(
        name=outputs["database_role"],
        address=outputs["database_address"],
        master_secret=outputs["database_master_secret"],
        parameter=f"{outputs['settings_path']}/{PARAMETER}",
        key=outputs["settings_key"],
        region=region,
        tags=tags,
    )
