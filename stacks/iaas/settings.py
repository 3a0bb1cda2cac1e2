"""What a tenant's software reads at its start: parameters below a path that only the tenant may read."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from iaas.component import Component, refuse

PATH = re.compile(r"(?:/[A-Za-z0-9_.-]+){1,14}")
"""AWS: at most 15 levels."""
LONGEST = 1011


@dataclass(frozen=True)
class SettingsArgs:
    path: str
    values: Mapping[str, pulumi.Input[str]]
    """By name; no secret: those are in Secrets Manager."""

    def __post_init__(self) -> None:
        wrong = []
        if not PATH.fullmatch(self.path) or self.path.startswith(("/aws", "/ssm")):
            wrong.append(f"path {self.path!r} is not /a/b of letters, digits, ., - and _")
        wrong += [f"parameter {name!r} is no name" for name in self.values if not PATH.fullmatch(f"/{name}")]
        wrong += [
            f"parameter {name}'s whole name is too long" for name in self.values if len(f"{self.path}/{name}") > LONGEST
        ]
        refuse("settings", wrong)


class Settings(Component):
    """Outputs: `path`."""

    def __init__(self, name: str, args: SettingsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, opts)
        for key, value in args.values.items():
            aws.ssm.Parameter(f"{name}-{key}", name=f"{args.path}/{key}", type="String", value=value, opts=self._part())
        self.path = args.path
        self._done({"path": self.path})
