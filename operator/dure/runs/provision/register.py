"""The site enters the store, and hub and box remember what was applied."""

from datetime import UTC, datetime

from sqlalchemy import delete

from dure.fleet.known_hosts import pinned
from dure.model.workspace import HUB
from dure.plan.applied import save
from dure.plan.value import Plan
from dure.runs.live import Live, Outcome
from dure.runs.provision.prepare import applied_record
from dure.runs.remote_lease import ask
from dure.store.tables import Check, Host, Objective, Site


def register(live: Live) -> Outcome:
    """Store, applied plan, and the record on hub and box; writing the same twice changes nothing."""
    plan = live.plan
    proof = live.data("verify")
    proven = str(proof.get("proven") or live.data("lease").get("proven") or "")
    record = applied_record(live, proven)
    store_site(live, plan)
    save(live.context.workspace, plan)
    for session in [live.hub()] if live.site == HUB else [live.hub(), live.box()]:
        ask(session, live.site, "applied", applied=record.model_dump())
    count = len(plan.checks)
    return Outcome(f"{count} checks, {len(plan.objectives)} objectives; commit {record.commit[:12] or '(none)'}")


def store_site(live: Live, plan: Plan) -> None:
    """One transaction: the site with its host, checks and objectives as the plan says now."""
    now = datetime.now(UTC)
    key = pinned(live.context.known_hosts, live.site)
    overlay = plan.overlay
    with live.context.store.transaction() as session:
        site = session.get(Site, plan.site) or Site(id=plan.site, registered_at=now)
        site.customer, site.customer_name, site.blueprint = plan.customer, plan.customer_name, plan.blueprint
        site.topology = plan.host.topology
        site.overlay = overlay.cidr if overlay else ""
        site.plan_digest, site.applied_commit, site.updated_at = plan.digest, live.request.commit, now
        session.add(site)
        session.flush()
        for table in (Host, Check, Objective):
            session.execute(delete(table).where(table.site == plan.site))
        session.add(
            Host(
                site=plan.site,
                name=plan.host.hostname,
                role="hub" if plan.site == HUB else "box",
                address=overlay.address if overlay else plan.host.lan_address,
                host_key=key.fingerprint if key else "",
            )
        )
        session.add_all(Check(site=plan.site, **check.model_dump()) for check in plan.checks)
        session.add_all(Objective(site=plan.site, **objective.model_dump()) for objective in plan.objectives)
