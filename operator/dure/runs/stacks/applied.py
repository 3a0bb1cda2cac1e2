"""The store's memory of stacks: what was last applied, and what the last look for drift found."""

import contextlib
from datetime import UTC, datetime

from pydantic import ValidationError
from sqlalchemy import delete, select, true

from dure.plan.stacks import StackPlan
from dure.plan.subject import Subject
from dure.store.database import Store
from dure.store.promise.record_tables import DriftHistory
from dure.store.tables import AppliedStack, DriftFinding, DriftLook, StackSubject


def all_applied(store: Store) -> dict[str, AppliedStack]:
    """By site."""
    with store.transaction() as session:
        return {one.site: one for one in session.scalars(select(AppliedStack))}


def identities(store: Store) -> dict[str, str]:
    """Site -> identity, of stacks whose resources are known too: where they are not it has to be looked at again."""
    with store.transaction() as session:
        rows = session.execute(
            select(AppliedStack.site, AppliedStack.identity).join(StackSubject, StackSubject.site == AppliedStack.site)
        )
        return {site: identity for site, identity in rows if identity}


def remember(
    store: Store, plan: StackPlan, identity: str, engineer: str, run: str, commit: str, subject: Subject
) -> None:
    """From now on a stack of this identity is not worked on by `--changed`."""
    keep_subject(store, subject)
    with store.transaction() as session:
        row = session.get(AppliedStack, plan.site) or AppliedStack(site=plan.site)
        row.plan, row.identity = plan.model_dump(mode="json"), identity
        row.engineer, row.run, row.commit, row.applied_at = engineer, run, commit, datetime.now(UTC)
        session.add(row)


def put_identity(store: Store, site: str, identity: str) -> str:
    """Returns the one before. Empty: something was begun, and until it is done the stack is nobody's plan."""
    with store.transaction() as session:
        row = session.get(AppliedStack, site)
        before = row.identity if row else ""
        if row is not None:
            row.identity = identity
        return before


def keep_subject(store: Store, subject: Subject) -> None:
    """What its customer's other stacks are judged beside from now on."""
    staying = tuple(one for one in subject.resources if one.stays)
    kept = subject.model_copy(update={"resources": staying}).model_dump(mode="json")
    with store.transaction() as session:
        session.merge(StackSubject(site=subject.site, customer=subject.customer, subject=kept))


def known_subjects(store: Store, customer: str = "") -> list[Subject]:
    """The customer's stacks, or all, as they were last applied, without those that an older version wrote otherwise."""
    chosen = select(StackSubject.subject).where(StackSubject.customer == customer if customer else true())
    found = []
    with store.transaction() as session:
        for kept in session.scalars(chosen):
            with contextlib.suppress(ValidationError):
                found.append(Subject.model_validate(kept))
    return found


def forget(store: Store, site: str) -> None:
    """The stack is gone, and so is its drift."""
    with store.transaction() as session:
        session.execute(delete(AppliedStack).where(AppliedStack.site == site))
        session.execute(delete(StackSubject).where(StackSubject.site == site))
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
