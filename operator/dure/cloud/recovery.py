"""After a killed `up`: what was begun and never recorded is found again, so that nothing is made twice."""

from collections.abc import Mapping

from pulumi import automation as auto

from dure.cloud.request import Request


def protected(stack: auto.Stack) -> list[str]:
    """Names of the resources that the stack protects."""
    return [str(one["urn"]).rpartition("::")[2] for one in _resources(stack) if one.get("protect")]


def _resources(stack: auto.Stack) -> list[Mapping[str, object]]:
    return list((stack.export_stack().deployment or {}).get("resources") or [])


def settle(stack: auto.Stack, request: Request) -> None:
    return None
