"""Before anything is touched: read the site's files, resolve the plan, take the leases, look how the box is reached."""

from datetime import UTC, datetime

from dure import toolkit_path
from dure.errors import DureError, Refused, UsageError
from dure.fleet.connect import LoginRefused, Unreachable
from dure.fleet.known_hosts import pinned
from dure.fleet.route import Route
from dure.model import load_site
from dure.model.workspace import HUB
from dure.plan import resolve
from dure.plan.applied import load as load_applied
from dure.plan.value import Plan, no_machine
from dure.runs.addresses import FirstWay, first_route, hub_routes, remember, tunnel_route
from dure.runs.checkout import contains, site_digest, uncommitted, was_committed
from dure.runs.context import Context
from dure.runs.live import Live, Outcome
from dure.runs.remote_lease import Applied

TUNNEL_PATIENCE = 8.0


def validate(live: Live) -> Outcome:
    """The site's own files; all problems at once."""
    load_site(live.context.workspace, live.site)
    return Outcome("the site's files are right")


def plan(live: Live) -> Outcome:
    """Resolve and keep the plan; the digest leaves out whether the overlay is allocated yet."""
    resolved = resolve_plan(live.context, live.site)
    live.keep_plan(resolved)
    overlay = resolved.overlay
    shown = "" if overlay is None else f", overlay {overlay.cidr}" + ("" if overlay.allocated else " (to be allocated)")
    roles = len(resolved.host.roles)
    return Outcome(f"{resolved.blueprint}, {roles} roles{shown}", data={"digest": plan_identity(resolved)})


def resolve_plan(context: Context, site: str) -> Plan:
    """The plan of a site with a machine. Raises UsageError for one that is cloud alone."""
    resolved = resolve(load_site(context.workspace, site), toolkit_path())
    if resolved.machine is None:
        raise no_machine(site, resolved.blueprint)
    return resolved


def plan_identity(plan: Plan) -> str:
    """The digest by which two runs have the same plan: allocating what was shown does not change it."""
    if plan.overlay is None:
        return plan.digest
    return plan.model_copy(update={"overlay": plan.overlay.model_copy(update={"allocated": True})}).digest


def lease(live: Live) -> Outcome:
    """Find the way to hub and box, take the site's lease there, refuse a workspace that lacks what was applied."""
    find_ways(live)
    records = [live.lease_machine(live.hub())]
    if live.site != HUB:
        records.append(live.lease_machine(live.box()))
    for record in records:
        refuse_stale(live, record)
    newest = max(records, key=lambda record: record.at)
    way = {"tunnel": "through the tunnel", "first": "the first way", "hub": "its only way"}[live.way]
    return Outcome(
        f"held on {' and '.join(['hub'] if live.site == HUB else ['hub', 'box'])}; reached {way}",
        data={"way": live.way, "applied_commit": newest.commit, "applied_plan": newest.plan, "proven": newest.proven},
    )


def find_ways(live: Live) -> None:
    """Set the routes to hub and box; the tunnel is tried first wherever there can be one."""
    live.hub_route = _first_that_lets_in(live, hub_routes(live.context))
    if live.site == HUB:
        live.way = "hub"
        return
    _require_pinned(live.context, live.site)
    resolved = resolve_plan(live.context, live.site)
    overlay = resolved.overlay
    through: DureError | None = None
    if overlay is not None and overlay.allocated:
        route = tunnel_route(live.context, live.site, overlay.address, live.hub_route)
        try:
            live.session(route, TUNNEL_PATIENCE)
            live.box_route, live.way = route, "tunnel"
            return
        except (Unreachable, LoginRefused) as error:
            through = error
    first = first_route(live.context, live.site)
    if first is None:
        raise through or _not_enrolled(live.site)
    try:
        live.session(first, TUNNEL_PATIENCE)
    except (Unreachable, LoginRefused) as error:
        if through is None:
            raise
        raise Unreachable(
            f"the box answers neither through the tunnel nor at {first.address}",
            where=live.site,
            why=f"{through.why or through.what}; {error.why or error.what}",
            mend="see that the box is on and its internet line is up",
        ) from error
    live.box_route, live.way = first, "first"


def hold(live: Live) -> None:
    """Have ways and leases in this process too: after a resume the lease step itself is not worked off again."""
    if live.hub_route is not None and (live.site == HUB or live.box_route is not None):
        return
    find_ways(live)
    live.lease_machine(live.hub())
    if live.site != HUB:
        live.lease_machine(live.box())


def _first_that_lets_in(live: Live, routes: list[Route]) -> Route:
    _require_pinned(live.context, HUB)
    refused: LoginRefused | None = None
    for route in routes:
        try:
            live.session(route)
        except LoginRefused as error:
            refused = refused or error
            continue
        remember(live.context, HUB, FirstWay(route.address, route.user, route.port))
        return route
    raise refused or _not_enrolled(HUB)


def _require_pinned(context: Context, site: str) -> None:
    if pinned(context.known_hosts, site) is None:
        raise _not_enrolled(site)


def _not_enrolled(site: str) -> UsageError:
    kind = "the hub" if site == HUB else "this site's box"
    return UsageError(
        f"{kind} is not enrolled",
        where=site,
        why="its host key is not pinned, or no way to it is known here",
        mend=f"operator enrol {site} --address ADDRESS",
    )


# -- what was applied before -----------------------------------------------------------------------------------------


def refuse_stale(live: Live, record: Applied) -> None:
    """A workspace without what was last applied would take a colleague's work back."""
    if live.request.force:
        return
    workspace = live.context.workspace
    again = f'or with a good reason: operator provision {live.site} --force --reason "…"'
    if record.commit and not contains(workspace, record.commit):
        raise Refused(
            f"this workspace lacks commit {record.commit[:12]}",
            where=live.site,
            why=f"{record.by} applied it at {record.at}, and this run would take it back",
            mend=f"git pull, {again}",
        )
    if record.files and not _knows(live, record):
        raise Refused(
            "this workspace lacks changes that were applied and not committed",
            where=live.site,
            why=f"{record.by} applied them at {record.at} on top of {record.commit[:12] or 'no commit'}, and this run "
            "would take them back",
            mend=f"have {record.by} commit and push them, then git pull; {again}",
        )


def _knows(live: Live, record: Applied) -> bool:
    """Whether what was applied uncommitted lies here, was committed since, or was applied from this very checkout."""
    workspace = live.context.workspace
    if site_digest(workspace, live.site) == record.files:
        return True
    if record.commit and was_committed(workspace, live.site, record.files, record.commit):
        return True
    mine = load_applied(workspace, live.site)
    return mine is not None and plan_identity(mine) == record.plan and record.by == live.context.engineer


def applied_record(live: Live, proven: str) -> Applied:
    """What hub and box are to remember of this run; a known commit is never replaced by none."""
    workspace = live.context.workspace
    commit = live.request.commit or str(live.data("lease").get("applied_commit") or "")
    known = commit if live.request.commit else ""
    return Applied(
        commit=commit,
        files=uncommitted(workspace, live.site, known),
        plan=plan_identity(live.plan),
        stack=live.plan.cloud.stack if live.plan.cloud else "",
        by=live.context.engineer,
        at=datetime.now(UTC).isoformat(timespec="seconds"),
        run=live.run,
        proven=proven,
    )
