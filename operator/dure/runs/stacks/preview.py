"""What `up` would change, stack by stack, upstream first; nothing is touched."""

from collections.abc import Callable
from pathlib import Path

from dure.errors import Cancelled, DureError
from dure.plan.stacks import StackPlan
from dure.runs.stacks.aws_refusals import refuse_what_aws_will
from dure.runs.stacks.conduct import conduct
from dure.runs.stacks.fleet import Fleet
from dure.runs.stacks.last_day import ended_on, refuse_expired
from dure.runs.stacks.result import StackPreview, fault_of
from dure.runs.stacks.schedule import Schedule
from dure.runs.stacks.tenant_database import AFTERWARDS, has_database

Tell = Callable[[str], None]


def preview_all(
    fleet: Fleet,
    plans: list[StackPlan],
    *,
    parallel: int,
    changed: bool,
    cancel: Callable[[], bool],
    tell: Tell,
    save: Path | None = None,
) -> list[StackPreview]:
    """In the order of `plans`. `changed` leaves out what is as last applied; `save` keeps the engine's plans there.

    Raises Cancelled; a stack that cannot be previewed is told in its own value.
    """
    by_site = {plan.site: plan for plan in plans}
    found: dict[str, StackPreview] = {}

    def work(site: str) -> bool:
        found[site] = look(fleet, by_site[site], found, changed=changed, cancel=cancel, save=save)
        tell(headline(found[site]))
        return found[site].fault is None

    schedule = Schedule.of({plan.site: plan.upstream for plan in plans}, budget=len(plans))
    ended = conduct(schedule, work, parallel=parallel, cancel=cancel)
    if cancel():
        raise Cancelled("the preview was stopped; nothing was touched")
    for site, reason in ended.reasons.items():
        found[site] = StackPreview(plan=by_site[site], identity="", preview=None, skipped=reason)
    return [found[plan.site] for plan in plans]


def look(
    fleet: Fleet,
    plan: StackPlan,
    upstream: dict[str, StackPreview],
    *,
    changed: bool,
    cancel: Callable[[], bool],
    save: Path | None,
) -> StackPreview:
    """One stack. An upstream that is not applied gives no values, and none are made up for it."""
    ended = ended_on(fleet, plan)
    if ended:
        return StackPreview(plan=plan, identity="", preview=None, ended=ended)
    missing, source = fleet.waits_for(plan), plan.cloud.takes_outputs_of
    if source in missing:
        why = f"{source} is not applied, and what it will put out is not known"
        return StackPreview(plan=plan, identity="", preview=None, provisional=why)
    moving = [site for site in plan.upstream if site in upstream and upstream[site].would_change]
    told = [f"{site} is not applied" for site in missing] + [
        f"{site} would change first" for site in moving if site not in missing
    ]
    provisional = "; ".join(told)
    try:
        outputs = fleet.outputs_for(plan)
        wanted = fleet.identity_of(plan)
        if changed and fleet.is_applied(plan, wanted):
            return StackPreview(plan=plan, identity=wanted, preview=None, same=True)
        refuse_expired(fleet.context, plan)
        saved = save / f"{plan.cloud.stack}.json" if save else None
        preview = fleet.stack(plan, outputs).preview(cancel=cancel, save=saved)
        refuse_what_aws_will(plan.site, preview.resources)
    except DureError as error:
        return StackPreview(plan=plan, identity="", preview=None, provisional=provisional, fault=fault_of(error))
    unfinished = has_database(plan) and not fleet.is_applied(plan, wanted)
    afterwards = AFTERWARDS if unfinished else ""
    return StackPreview(
        plan=plan,
        identity=wanted,
        preview=preview,
        provisional=provisional,
        afterwards=afterwards,
        boundary=plan.boundary_in(outputs),
    )


def headline(one: StackPreview) -> str:
    """`hansol/erp: 3 to create, 1 to update` and what is to be known of it."""
    if one.fault:
        return f"{one.site}: {one.fault.line()}"
    if one.skipped:
        return f"{one.site}: not looked at, since {one.skipped}"
    if one.same:
        return f"{one.site}: as last applied"
    if one.ended:
        return f"{one.site}: {one.ended}"
    if one.preview is None:
        return f"{one.site}: provisional: {one.provisional}"
    counts = ", ".join(f"{count} to {op}" for op, count in one.counts().items())
    note = f" (provisional: {one.provisional})" if one.provisional else ""
    rest = "its database would be looked at" if one.afterwards else "nothing would change"
    return f"{one.site}: {counts or rest}{note}"
