"""Blueprint + site -> Plan; overlay allocation; comparison of plans. Pure but for `allocate`."""

from dure.plan.difference import Difference, compare
from dure.plan.rendering import tree
from dure.plan.resolution import resolve, secrets_needed
from dure.plan.value import Plan

__all__ = ["Difference", "Plan", "compare", "resolve", "secrets_needed", "tree"]
