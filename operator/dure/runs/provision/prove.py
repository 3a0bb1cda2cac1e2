"""The acceptance: rows of what, expected, seen and seconds; a row that is not as expected fails the run."""

from datetime import UTC, datetime

from pydantic import JsonValue
from sqlalchemy import delete

from dure.errors import DureError
from dure.plan.value import Plan, VerificationPlan
from dure.runs.live import Live, Outcome
from dure.runs.provision.preview import load_preview
from dure.runs.verify import prove_all
from dure.runs.verify.row import Row
from dure.store.tables import Proof


def verify(live: Live) -> Outcome:
    """Prove what the blueprint asks for; scans and reboot only when `wants_full`."""
    plan = live.plan
    full = wants_full(live)
    wanted = [one for one in plan.verification if full or one.when == "always"]
    rows = prove_all(live, plan, wanted, full=full)
    store_rows(live, plan, wanted, rows)
    bad = [row for row in rows if not row.ok]
    if bad:
        raise DureError(
            f'"{bad[0].what}" is not as expected',
            where=live.site,
            why=f"expected {bad[0].expected}, seen {bad[0].seen}"
            + (f" (and {len(bad) - 1} more rows)" if len(bad) > 1 else ""),
            mend=f"operator runs show {live.run}",
        )
    data: dict[str, JsonValue] = {"full": full, "rows": len(rows)}
    if full:
        data["proven"] = datetime.now(UTC).isoformat(timespec="seconds")
    return Outcome(f"{len(rows)} rows as expected{'' if full else ' (the short ones)'}", data=data)


def wants_full(live: Live) -> bool:
    """At first acceptance, after a change to firewall, network, kernel or boot, and with --prove-all."""
    changed = load_preview(live).risky or bool(live.data("converge").get("risky"))
    return live.request.prove_all or not live.data("lease").get("proven") or changed


def store_rows(live: Live, plan: Plan, wanted: list[VerificationPlan], rows: list[Row]) -> None:
    """Keep the table; a repeated step replaces its own rows."""
    now = datetime.now(UTC)
    with live.context.store.transaction() as session:
        session.execute(delete(Proof).where(Proof.run == live.run))
        for position, row in enumerate(rows):
            session.add(
                Proof(
                    run=live.run,
                    name=row.name,
                    position=position,
                    site=plan.site,
                    what=row.what,
                    expected=row.expected,
                    seen=row.seen,
                    ok=row.ok,
                    seconds=row.seconds,
                    at=now,
                )
            )
