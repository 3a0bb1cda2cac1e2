"""All stacks at a glance: what the workspace wants, what stands, what was applied, when drift was looked for."""

from dataclasses import asdict, dataclass

from pydantic import JsonValue

from dure.cloud.backend import Backend, Standing
from dure.plan.stacks import StackPlan
from dure.runs.context import Context
from dure.runs.stacks.applied import all_applied, drift_counts
from dure.runs.stacks.fleet import stack_name


@dataclass(frozen=True, slots=True)
class Row:
    """One stack. `state`: stands, absent, damaged, or orphaned (it stands and no site wants it)."""

    site: str
    stack: str
    blueprint: str
    state: str
    resources: int
    plan: str
    """applied, changed (the workspace wants something else), or unknown (never applied by this store).

    What was left halfway counts as changed, whatever the workspace wants by now."""
    applied_at: str
    upstream: tuple[str, ...]
    drift: int | None
    """None: never looked for."""

    def as_json(self) -> dict[str, JsonValue]:
        return {**asdict(self), "upstream": list(self.upstream)}


def rows(context: Context, plans: list[StackPlan], *, everything: bool) -> list[Row]:
    """In the order of `plans`; with `everything` also stacks that no site of the workspace has."""
    standing = Backend(context.workspace, context.settings).standing()
    applied = all_applied(context.store)
    drifts = drift_counts(context.store)
    found = []
    for plan in plans:
        before = applied.get(plan.site)
        same = before is not None and bool(before.identity) and before.plan == plan.model_dump(mode="json")
        look = drifts.get(plan.site)
        known = standing.get(plan.cloud.stack)
        found.append(
            Row(
                site=plan.site,
                stack=plan.cloud.stack,
                blueprint=plan.blueprint,
                state=_state(known),
                resources=known.resources if known else 0,
                plan="unknown" if before is None else "applied" if same else "changed",
                applied_at=before.applied_at.isoformat(timespec="seconds") if before else "",
                upstream=plan.upstream,
                drift=look[1] if look else None,
            )
        )
    wanted = {stack_name(plan.site) for plan in plans}
    lost = [one for name, one in sorted(standing.items()) if everything and name not in wanted and one.stands]
    return found + [_orphan(one) for one in lost]


def _state(known: Standing | None) -> str:
    if known is not None and known.damage:
        return "damaged"
    return "stands" if known is not None and known.stands else "absent"


def _orphan(one: Standing) -> Row:
    site = one.stack.replace(".", "/")
    return Row(site, one.stack, "", "orphaned", one.resources, "unknown", "", (), None)
