"""The store's memory of stacks: what was last applied, and what the last look for drift found."""

from datetime import UTC, datetime

from pydantic import ValidationError
from sqlalchemy import delete, select

from dure.plan.stacks import StackPlan
from dure.store.database import Store
from dure.store.promise.record_tables import DriftHistory
from dure.store.tables import AppliedStack, DriftFinding, DriftLook


def all_applied(store: Store) -> dict[str, AppliedStack]:
    """By site."""
    with store.transaction() as session:
        return {one.site: one for one in session.scalars(select(AppliedStack))}


def remember(store: Store, plan: StackPlan, identity: str, engineer: str, run: str, commit: str) -> None:
    """From now on a stack of this identity is not worked on by `--changed`."""
    with store.transaction() as session:
        row = session.get(AppliedStack, plan.site) or AppliedStack(site=plan.site)
        row.plan, row.identity = plan.model_dump(mode="json"), identity
        row.engineer, row.run, row.commit, row.applied_at = engineer, run, commit, datetime.now(UTC)
        session.add(row)


def forget(store: Store, site: str) -> None:
    """The stack is gone, and so is its drift."""
    with store.transaction() as session:
        session.execute(delete(AppliedStack).where(AppliedStack.site == site))
        session.execute(delete(DriftFinding).where(DriftFinding.site == site))
        session.execute(delete(DriftLook).where(DriftLook.site == site))


def plan_of(row: AppliedStack) -> StackPlan | None:
    """The plan as it was applied; None when an older version of Dure wrote it so that it cannot be read."""
    try:
        return StackPlan.model_validate(row.plan)
    except ValidationError:
        return None


def keep_drift(store: Store, site: str, run: str, found: list[DriftFinding], managed: int) -> None:
    """Replace what the look before found; that this look was made, and its counts, stay for the month's indicator."""
    now = datetime.now(UTC)
    drifted = sum(one.kind != "unmanaged" for one in found)
    row = DriftHistory(site=site, at=int(now.timestamp()), run=run, managed=max(managed, drifted), drifted=drifted)
    with store.transaction() as session:
        session.merge(row)
        session.execute(delete(DriftFinding).where(DriftFinding.site == site))
        look = session.get(DriftLook, site) or DriftLook(site=site)
        look.at, look.run = now, run
        session.add(look)
        session.flush()
        session.add_all(found)


def drift_counts(store: Store) -> dict[str, tuple[datetime, int]]:
    """Site -> when it was last looked at, and how much was found."""
    with store.transaction() as session:
        looks = {one.site: one.at for one in session.scalars(select(DriftLook))}
        counts = dict.fromkeys(looks, 0)
        for one in session.scalars(select(DriftFinding)):
            counts[one.site] += 1
    return {site: (at, counts[site]) for site, at in looks.items()}
