"""The steps that change something: workspace, cloud, the box's tunnel, the machine."""

from dure.errors import DureError
from dure.model.workspace import HUB
from dure.plan.overlay import allocate as allocate_overlay
from dure.runs.addresses import FirstWay, remember, tunnel_route
from dure.runs.live import Live, Outcome
from dure.runs.provision.cloud import outputs_of, stack_of, telling
from dure.runs.provision.machine import close_bench_way, converge_machine, join_machine
from dure.runs.provision.prepare import TUNNEL_PATIENCE, plan_identity, resolve_plan
from dure.runs.provision.preview import RISKY_ROLES, load_preview, reached_by_bench_user
from dure.runs.provision.secret_values import missing, secret_store
from dure.runs.remote_lease import ask
from dure.runs.stacks.applied import keep_subject, put_identity
from dure.store.tables import Run


def allocate(live: Live) -> Outcome:
    """Write down the overlay that was shown and make the secrets that were missing; both once and for all."""
    made = secret_store(live.context).generate_missing(missing(live.context, live.plan))
    said = [f"{len(made)} secrets made"] if made else []
    shown = live.plan.overlay
    another = False
    if shown is not None and not shown.allocated:
        overlay = allocate_overlay(live.context.workspace, live.site)
        another = overlay.cidr != shown.cidr
        said.append(
            f"overlay {overlay.cidr}" + (f", since {shown.cidr} went to another site meanwhile" if another else "")
        )
    resolved = resolve_plan(live.context, live.site)
    # With --yes nobody looked at the /24 that two sites were shown at once; a person has to look again.
    if plan_identity(resolved) != plan_identity(live.plan) and not (another and live.request.yes):
        raise DureError(
            "the workspace changed after the approval",
            where=live.site,
            why=said[-1] if another else "the plan is not the one that was shown",
            mend=f"operator provision {live.site}",
        )
    live.keep_plan(resolved)
    with live.context.store.transaction() as session:
        session.get_one(Run, live.run).plan_digest = plan_identity(resolved)
    return Outcome(", ".join(said), "done") if said else Outcome("nothing to write", "skipped")


def cloud_up(live: Live) -> Outcome:
    """Bring the stack to what the plan says; its outputs stay in the stack's own state."""
    plan = live.plan
    if plan.cloud is None:
        return Outcome("the blueprint has no cloud part", "skipped")
    found, store = load_preview(live), live.context.store
    if found.subject is not None:  # before it is applied: what is made halfway costs too
        keep_subject(store, found.subject)
    if not found.cloud:
        return Outcome("nothing to change", "skipped")
    stack = stack_of(live, plan, None)
    put_identity(store, live.site, "")
    result = stack.up(telling(live, "cloud_up"), live.wants_stop)
    if found.subject is not None:  # with what only AWS could tell
        keep_subject(store, found.subject.model_copy(update={"resources": result.resources}))
    return Outcome(f"{len(result.changes)} resources changed, {result.unchanged} as they were")


def join(live: Live) -> Outcome:
    """Raise the tunnel over the first way and prove SSH through it; that way is closed by the converge after it."""
    if live.site == HUB:
        return Outcome("the hub needs no tunnel", "skipped")
    if live.way == "tunnel":
        return Outcome("the tunnel is proven", "skipped")
    plan = live.plan
    if plan.overlay is None or live.hub_route is None:
        raise DureError("the plan gives the box no overlay", where=live.site)
    changed = join_machine(live, plan)
    route = tunnel_route(live.context, live.site, plan.overlay.address, live.hub_route)
    live.forget_sessions(live.site)
    live.session(route, TUNNEL_PATIENCE).check(["true"])
    live.box_route, live.way = route, "tunnel"
    live.lease_machine(live.box())
    return Outcome(f"{changed} tasks changed; SSH through the tunnel works")


def converge(live: Live) -> Outcome:
    """Run the roles, when the preview found something or it was asked for."""
    found = load_preview(live)
    if not (found.machine or found.joins or live.request.converge):
        return Outcome("the preview found nothing to change", "skipped", {"changed": 0})
    plan = live.plan
    outputs = outputs_of(live, plan)
    if found.risky or live.request.converge:
        _withdraw_proof(live)
    changes = converge_machine(live, plan, outputs)
    by_bench_user = reached_by_bench_user(live)
    _reach_as_engineer(live)
    if by_bench_user:
        # The roles keep open the way that they came by. Now another is proven, and the hub faces the internet.
        changes += close_bench_way(live, plan)
    risky = any(change.role in RISKY_ROLES for change in changes)
    return Outcome(f"{len(changes)} tasks changed", data={"changed": len(changes), "risky": risky})


def _withdraw_proof(live: Live) -> None:
    """From here until the acceptance has passed again the machines say that they are not proven: a run that fails
    in between must not leave the old proof standing for the next."""
    for session in [live.hub()] if live.site == HUB else [live.hub(), live.box()]:
        record = ask(session, live.site, "look").get("applied")
        if isinstance(record, dict) and record.get("proven"):
            ask(session, live.site, "applied", applied={**record, "proven": ""})


def _reach_as_engineer(live: Live) -> None:
    """Network, firewall and accounts may be new: sessions are opened anew, the hub's as the engineer from now on."""
    live.forget_sessions(live.site)
    if live.site != HUB or live.hub_route is None:
        return
    from dataclasses import replace

    live.hub_route = replace(live.hub_route, user=live.context.engineer)
    live.hub().check(["true"])
    remember(live.context, HUB, FirstWay(live.hub_route.address, live.hub_route.user, live.hub_route.port))
