"""operator sla close: each customer, then one link of the audit chain for all that was frozen."""

from collections.abc import Iterator, Sequence

from sqlalchemy import select

from dure.runs.audit import Entry, append
from dure.runs.context import Context
from dure.runs.promise.close import Closed, close_months
from dure.runs.promise.sampling import prune
from dure.store.promise.tables import MonthFrozen
from dure.store.tables import Audit


def run_of(month: str, now: int) -> str:
    """The name of a run in the audit chain, which its rows' moment of closing gives away."""
    return f"close {month} at {now}"


def _record_broken_off(context: Context, customers: Sequence[str], month: str) -> None:
    """Add the links of runs that were killed after they had frozen rows."""
    with context.store.transaction() as session:
        query = select(MonthFrozen.customer, MonthFrozen.closed_at).where(
            MonthFrozen.month == month, MonthFrozen.revision == 1
        )
        wanted = frozenset(customers)
        rows = [(name, int(at.timestamp())) for name, at in session.execute(query).all() if name in wanted]
        names = {at: run_of(month, at) for _, at in rows}
        links = select(Audit.content).where(Audit.content.like(f'%"run":"close {month} at %'))
        known = {Entry.model_validate_json(content).run for content in session.scalars(links)} if rows else set()
    for at, name in sorted(names.items()):
        if name in known:
            continue
        frozen = [customer for customer, closed in rows if closed == at]
        told = f"{len(frozen)} services of {len(set(frozen))} customers frozen by a run that was broken off"
        append(
            context,
            what="sla close",
            where=frozen[0] if len(set(frozen)) == 1 else "all customers",
            why="",
            result=f"{month}: {told}",
            run=name,
            plan="",
            commit="",
        )


def close_and_record(
    context: Context, customers: Sequence[str], month: str, now: int, *, accept_missing: bool, check: bool = False
) -> Iterator[Closed]:
    """What `close_months` does, recorded even when it is broken off."""
    services = count = 0
    if not check:
        _record_broken_off(context, customers, month)
    try:
        for one in close_months(context, customers, month, now, accept_missing=accept_missing, check=check):
            services += len(one.frozen)
            count += bool(one.frozen)
            yield one
    finally:
        if services and not check:
            append(
                context,
                what="sla close",
                where=customers[0] if len(customers) == 1 else "all customers",
                why="missing data accepted as UNKNOWN" if accept_missing else "",
                result=f"{month}: {services} services of {count} customers frozen",
                run=run_of(month, now),
                plan="",
                commit="",
            )
    if services and not check:
        prune(context, now)
