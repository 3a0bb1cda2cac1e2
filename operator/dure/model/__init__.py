"""The workspace's nouns and their loading; see docs/workspace.md for every key."""

from dure.model.customer import Customer, Site
from dure.model.msp import Operator
from dure.model.problem import Problem, WorkspaceInvalid
from dure.model.workspace import (
    SiteFiles,
    Workspace,
    find_workspace,
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
