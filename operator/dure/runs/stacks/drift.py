"""What the cloud has otherwise than the states: changed by hand, missing, and ours but in no state."""

from collections.abc import Callable
from dataclasses import dataclass, field

from pydantic import Field, JsonValue

from dure.cloud.preview import ResourceChange
from dure.cloud.unmanaged import Tagged, parts, tagged
from dure.errors import Cancelled, DureError
from dure.plan.stacks import StackPlan
from dure.runs.context import Context
from dure.runs.provision.command import new_run_id
from dure.runs.stacks.applied import keep_drift
from dure.runs.stacks.conduct import conduct
from dure.runs.stacks.fleet import Fleet, open_fleet, stack_name
from dure.runs.stacks.result import Fault, Value, fault_of
from dure.runs.stacks.schedule import Schedule
from dure.runs.stacks.tenant_database import made_beside
from dure.runs.stacks.text import change_lines
from dure.store.tables import DriftFinding

NO_STACK = "(no stack)"
"""In place of a site for what carries our tag and belongs to no stack that stands."""


class StackDrift(Value):
    """One stack's drift; `unmanaged` are ARNs."""

    site: str
    changed: tuple[ResourceChange, ...] = ()
    missing: tuple[ResourceChange, ...] = ()
    unmanaged: tuple[str, ...] = ()
    managed: int = 0
    """Resources that the state knows."""
    fault: Fault | None = None

    @property
    def count(self) -> int:
        return len(self.changed) + len(self.missing) + len(self.unmanaged)

    def lines(self) -> list[str]:
        if self.fault:
            return [f"{self.site}: {self.fault.line()}"]
        if not self.count:
            return [f"{self.site}: no drift"]
        counts = {"changed": len(self.changed), "missing": len(self.missing), "unmanaged": len(self.unmanaged)}
        lines = [f"{self.site}: " + ", ".join(f"{count} {kind}" for kind, count in counts.items() if count)]
        for change in self.changed:
            lines += change_lines(change)
        lines += [f"  missing {one.type} {one.name}" for one in self.missing]
        return lines + [f"  unmanaged {arn}" for arn in self.unmanaged]


class DriftReport(Value):
    """Of all stacks looked at; `skipped` do not stand."""

    stacks: tuple[StackDrift, ...]
    skipped: dict[str, str] = Field(default={})

    @property
    def exit_code(self) -> int:
        """1 when a stack could not be looked at, 3 when there is drift."""
        if any(one.fault for one in self.stacks):
            return 1
        return 3 if any(one.count for one in self.stacks) else 0

    def as_json(self) -> JsonValue:
        return self.model_dump(mode="json")


@dataclass
class _Tags:
    """What carries our tags and what that holds, asked for once a region."""

    context: Context
    known: dict[str, list[Tagged]] = field(default_factory=dict)

    def in_region(self, region: str) -> list[Tagged]:
        if region not in self.known:
            ours = tagged(self.context.settings, region, self.context.operator.msp.id)
            seen = {one.arn for one in ours}
            held = parts(self.context.settings, region, ours)
            self.known[region] = [*ours, *(one for one in held if one.arn not in seen)]
        return self.known[region]


def drift(
    context: Context,
    plans: list[StackPlan],
    *,
    everything: bool,
    parallel: int,
    cancel: Callable[[], bool],
    tell: Callable[[str], None],
) -> DriftReport:
    """Look at each stack and keep what is found in the store; states and cloud stay as they are.

    `everything`: `plans` are all of the workspace, so that what belongs to none of them can be told too.
    """
    found: dict[str, StackDrift] = {}
    tags = _Tags(context)
    run = new_run_id()
    with open_fleet(context, changing=False) as fleet:
        standing = {plan.site: plan for plan in plans if fleet.stands(plan.site)}
        for plan in standing.values():  # once, before threads ask for it
            tags.in_region(plan.cloud.region)

        def work(site: str) -> bool:
            found[site] = _look(fleet, standing[site], tags, cancel)
            tell(found[site].lines()[0])
            if found[site].fault is None:
                keep_drift(context.store, site, run, _rows(found[site]), found[site].managed)
            return True

        schedule = Schedule.of(dict.fromkeys(standing, ()), budget=len(standing))
        conduct(schedule, work, parallel=parallel, cancel=cancel)
        if cancel():
            raise Cancelled("the look for drift was stopped; nothing was touched")
        result = [found[site] for site in standing]
        if everything:
            lost = _without_stack(fleet, tags.in_region(context.operator.aws.region))
            result += [StackDrift(site=NO_STACK, unmanaged=lost)] if lost else []
    skipped = {plan.site: "does not stand" for plan in plans if plan.site not in standing}
    return DriftReport(stacks=tuple(result), skipped=skipped)


def _look(fleet: Fleet, plan: StackPlan, tags: _Tags, cancel: Callable[[], bool]) -> StackDrift:
    try:
        seen = fleet.stack(plan, fleet.outputs_for(plan)).drift(cancel=cancel)
    except DureError as error:
        return StackDrift(site=plan.site, fault=fault_of(error))
    recorded = frozenset(seen.recorded) | made_beside(plan)
    ours = tags.in_region(plan.cloud.region)
    return StackDrift(
        site=plan.site,
        changed=tuple(one for one in seen.changes if one.op != "delete"),
        missing=tuple(one for one in seen.changes if one.op == "delete"),
        unmanaged=tuple(one.arn for one in ours if one.site == plan.site and not one.known(recorded)),
        managed=seen.resources,
    )


def _without_stack(fleet: Fleet, ours: list[Tagged]) -> tuple[str, ...]:
    """Tagged as ours, of a site whose stack does not stand, or of none."""
    standing = {name for name, one in fleet.standing.items() if one.stands}
    return tuple(one.arn for one in ours if stack_name(one.site) not in standing)


def _rows(one: StackDrift) -> list[DriftFinding]:
    def row(resource: str, kind: str, change: ResourceChange | None = None) -> DriftFinding:
        paths = [each.path for each in change.properties] if change else []
        kept = change.type if change else ""
        return DriftFinding(site=one.site, resource=resource, kind=kind, type=kept, properties=paths)

    return [
        *(row(each.urn, "changed", each) for each in one.changed),
        *(row(each.urn, "missing", each) for each in one.missing),
        *(row(arn, "unmanaged") for arn in one.unmanaged),
    ]
