"""Registered sites as a person wants to see them: worst first."""

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import func, select

from dure.runs.context import Context
from dure.runs.journal import ACTS
from dure.runs.selector import parse_selector, refuse_unknown
from dure.store.tables import Host, Proof, Run, Site

ORDER = {"failed": 0, "unproven": 1, "running": 2, "cancelled": 3, "ok": 4}


@dataclass(frozen=True, slots=True)
class SiteStatus:
    """`verdict` is one of ORDER's words."""

    site: str
    customer: str
    verdict: str
    words: str
    last_run: str
    last_run_state: str
    last_run_at: str
    last_proof_at: str
    failed_rows: list[str]


def status_of(context: Context, selector: str) -> list[SiteStatus]:
    """All registered sites that the selector picks, worst first, then by id."""
    wanted = parse_selector(selector)
    with context.store.transaction() as session:
        runs_of_site = select(Run.site, func.max(Run.started_at).label("at")).where(Run.kind.not_in(ACTS))
        newest = runs_of_site.group_by(Run.site).subquery()
        runs = session.scalars(select(Run).join(newest, (Run.site == newest.c.site) & (Run.started_at == newest.c.at)))
        last_runs = {run.site: run for run in runs}
        proven = select(Proof.site, func.max(Proof.at).label("at")).group_by(Proof.site).subquery()
        proofs = session.scalars(select(Proof).join(proven, (Proof.site == proven.c.site) & (Proof.at == proven.c.at)))
        tables: dict[str, list[Proof]] = {}
        for proof in proofs:
            tables.setdefault(proof.site, []).append(proof)
        roles: dict[str, set[str]] = {}
        for host in session.scalars(select(Host)):
            roles.setdefault(host.site, set()).add(host.role)
        sites = list(session.scalars(select(Site)))
    picked = [site for site in sites if wanted.matches(context.workspace, site.id, roles.get(site.id, set()))]
    if not picked:
        refuse_unknown(
            wanted, context.workspace, [site.id for site in sites], {one for of in roles.values() for one in of}
        )
    rows = [_status(site, last_runs.get(site.id), tables.get(site.id, [])) for site in picked]
    return sorted(rows, key=lambda row: (ORDER[row.verdict], row.site))


def _status(site: Site, run: Run | None, table: list[Proof]) -> SiteStatus:
    bad = [row.what for row in table if not row.ok]
    proof_at = max((row.at for row in table), default=None)
    verdict = _verdict(run, table, bad)
    words = f"{site.customer_name}; "
    if run is not None:
        words += f"last run {run.id} {run.state}; "
    words += f"proven {_ago(proof_at)}" if proof_at and not bad else "not proven"
    if bad:
        words += f": {', '.join(bad)}"
    return SiteStatus(
        site=site.id,
        customer=site.customer,
        verdict=verdict,
        words=words,
        last_run=run.id if run else "",
        last_run_state=run.state if run else "",
        last_run_at=run.started_at.isoformat(timespec="seconds") if run else "",
        last_proof_at=proof_at.isoformat(timespec="seconds") if proof_at else "",
        failed_rows=bad,
    )


def _verdict(run: Run | None, table: list[Proof], bad: list[str]) -> str:
    if bad or (run is not None and run.state == "failed"):
        return "failed"
    if not table:
        return "unproven"
    if run is not None and run.state in ("open", "cancelled"):
        return "running" if run.state == "open" else "cancelled"
    return "ok"


def _ago(at: datetime) -> str:
    minutes = int((datetime.now(UTC) - at).total_seconds() // 60)
    if minutes < 60:
        return f"{minutes} min ago"
    return f"{minutes // 60} h ago" if minutes < 48 * 60 else f"{minutes // 1440} days ago"
