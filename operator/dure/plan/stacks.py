"""The plan of one stack, its identity, and the order that the dependencies of all of them give. Pure."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from graphlib import CycleError, TopologicalSorter

from pydantic import JsonValue

from dure.errors import UsageError
from dure.plan.value import CloudPlan, Plan, Value

BOUNDARY = "boundary_arn"
"""Output of the landing zone, and input of a program that takes it alone."""


class StackPlan(Value):
    """One stack with all that has to be known of it; `upstream` are the sites whose stacks stand first."""

    site: str
    customer: str
    blueprint: str
    cloud: CloudPlan
    upstream: tuple[str, ...] = ()

    @property
    def digest(self) -> str:
        """SHA-256 of what is asked for; see `identity` for what would be applied."""
        return _digest(self.model_dump(mode="json"))

    def with_outputs(self, outputs: Mapping[str, str]) -> CloudPlan:
        """What is handed to the engine: what the stack takes of the other one's outputs goes in as inputs."""
        taken = self.takes(outputs)
        return self.cloud.model_copy(update={"inputs": {**self.cloud.inputs, **taken}}) if taken else self.cloud

    def takes(self, outputs: Mapping[str, str]) -> dict[str, JsonValue]:
        """As inputs: all outputs as `upstream` where it builds on them, and its boundary where there is one."""
        upstream: JsonValue = dict(sorted(outputs.items()))
        taken = {"upstream": upstream} if self.cloud.takes_outputs_of else {}
        boundary = self.boundary_in(outputs)
        return taken | ({BOUNDARY: boundary} if boundary else {})

    def boundary_in(self, outputs: Mapping[str, str]) -> str:
        """ARN of the boundary that it takes by itself; empty: none."""
        return outputs.get(BOUNDARY, "") if self.cloud.bounded_by else ""

    @property
    def asks(self) -> str:
        """The site of whose outputs it takes any; empty: none."""
        return self.cloud.takes_outputs_of or self.cloud.bounded_by

    @property
    def after(self) -> tuple[str, ...]:
        """Sites whose stacks come before this one where both are worked on: `upstream`, and that of its boundary."""
        return (*self.upstream, *([self.cloud.bounded_by] if self.cloud.bounded_by else ()))


def _digest(value: JsonValue) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def stack_plan(plan: Plan, depends_on: Sequence[str] = ()) -> StackPlan | None:
    """The stack of a site's plan; None where the blueprint has no cloud part."""
    if plan.cloud is None:
        return None
    first = {plan.cloud.takes_outputs_of} - {""} | set(depends_on)
    return StackPlan(
        site=plan.site,
        customer=plan.customer,
        blueprint=plan.blueprint,
        cloud=plan.cloud,
        upstream=tuple(sorted(first)),
    )


def identity(plan: StackPlan, programs: str, outputs: Mapping[str, str]) -> str:
    """The digest of what would be applied: plan, programs and upstream outputs. Equal: nothing new to apply.

    `programs` is the digest of stacks/, so that a new version of the programs counts as a change.
    """
    return _digest([plan.digest, programs, plan.takes(outputs)])


def order(plans: Iterable[StackPlan]) -> list[StackPlan]:
    """Upstream before dependents, else by site. Dependencies on sites outside of `plans` do not count.

    Raises UsageError for a circle, which `operator validate` names with its place.
    """
    by_site = {one.site: one for one in sorted(plans, key=lambda one: one.site)}
    sorter = TopologicalSorter({site: [up for up in one.after if up in by_site] for site, one in by_site.items()})
    try:
        sorter.prepare()
    except CycleError as error:
        way = " -> ".join(reversed(error.args[1]))
        raise UsageError("stacks depend on each other in a circle", why=way, mend="operator validate") from error
    ordered: list[StackPlan] = []
    while sorter.is_active():
        ready = sorted(sorter.get_ready())
        ordered += [by_site[site] for site in ready]
        sorter.done(*ready)
    return ordered


def dependents(plans: Iterable[StackPlan], sites: Iterable[str]) -> list[StackPlan]:
    """The stacks that need one of `sites`, at once or through others; `sites` themselves left out."""
    found: dict[str, StackPlan] = {}
    wanted = set(sites)
    reached = set(wanted)
    rest = list(plans)
    while True:
        new = [one for one in rest if one.site not in reached and reached & set(one.upstream)]
        if not new:
            return [found[site] for site in sorted(found)]
        found |= {one.site: one for one in new}
        reached |= found.keys()
