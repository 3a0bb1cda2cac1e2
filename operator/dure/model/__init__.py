"""The workspace's nouns and their loading; see docs/workspace.md for every key.

A name is loaded when it is first asked for: commands that need no models must not wait for them.
"""

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dure.model.customer import Customer, Site
    from dure.model.msp import Operator
    from dure.model.places import find_workspace
    from dure.model.problem import Problem, WorkspaceInvalid
    from dure.model.workspace import (
        SiteFiles,
        Workspace,
        load_customer,
        load_operator,
        load_site,
        load_workspace,
        validate,
    )

__all__ = [
    "Customer",
    "Operator",
    "Problem",
    "Site",
    "SiteFiles",
    "Workspace",
    "WorkspaceInvalid",
    "find_workspace",
    "load_customer",
    "load_operator",
    "load_site",
    "load_workspace",
    "validate",
]
HOMES = {
    "Customer": "customer",
    "Site": "customer",
    "Operator": "msp",
    "find_workspace": "places",
    "Problem": "problem",
    "WorkspaceInvalid": "problem",
}


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"dure.model.{HOMES.get(name, 'workspace')}"), name)
