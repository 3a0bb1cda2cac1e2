"""States brought up to what is really in the cloud."""

from dure.plan.stacks import StackPlan
from dure.runs.context import Context
from dure.runs.stacks.applied import put_identity
from dure.runs.stacks.change import Change, Listener, Options, Work, approve, left_alone, result_of
from dure.runs.stacks.drift import drift
from dure.runs.stacks.fleet import open_fleet
from dure.runs.stacks.result import Report, StackResult


def refresh(
    context: Context, plans: list[StackPlan], options: Options, listener: Listener, *, ask: bool = True
) -> Report | None:
    """Look, ask, write the states. None when they are as the cloud is; `ask` False: without looking first."""
    if ask:
        cancel, tell = listener.cancelled, listener.tell
        seen = drift(context, plans, everything=False, parallel=options.parallel, cancel=cancel, tell=tell)
        if not any(one.changed or one.missing or one.fault for one in seen.stacks):
            return None
        approve(listener, "\n".join(line for one in seen.stacks for line in one.lines()))
    with open_fleet(context, changing=True) as fleet:

        def act(work: Work) -> StackResult:
            if not fleet.stands(work.plan.site):
                return left_alone(work.plan, "does not stand")
            stack = fleet.stack(work.plan, fleet.outputs_for(work.plan))
            before = put_identity(context.store, work.plan.site, "")
            done = stack.refresh(work.tell, work.cancelled)
            if not done.changes:
                put_identity(context.store, work.plan.site, before)
            return result_of(work.plan, done)

        return Change(context, "refresh", plans, options, listener).carry_out(
            act, {plan.site: plan.upstream for plan in plans}
        )
