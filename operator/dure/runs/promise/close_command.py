"""operator sla close: each customer, then one link of the audit chain for all that was frozen.

The link comes last, for it signs the digests of what was frozen. What a killed close leaves without one is linked by
the next where the spans give just that (dure.runs.promise.vouching), and `audit verify` names it until then.
"""

from collections.abc import Iterator, Sequence

from dure.runs.context import Context
from dure.runs.promise.close import Closed, close_months
from dure.runs.promise.sampling import prune
from dure.runs.promise.sealing import close_run, record_run
from dure.runs.promise.vouching import doubted_customers


def close_and_record(
    context: Context, customers: Sequence[str], month: str, now: int, *, accept_missing: bool, check: bool = False
) -> Iterator[Closed]:
    """What `close_months` does, recorded even when it is broken off."""
    services = count = 0
    run = close_run(month, now)
    doubted = doubted_customers(context, month, customers, check=check)
    try:
        for one in close_months(
            context, customers, month, now, accept_missing=accept_missing, check=check, doubted=doubted
        ):
            services += len(one.frozen)
            count += bool(one.frozen)
            yield one
    finally:
        if services and not check:
            record_run(
                context,
                what="sla close",
                where=customers[0] if len(customers) == 1 else "all customers",
                why="missing data accepted as UNKNOWN" if accept_missing else "",
                result=f"{month}: {services} services of {count} customers frozen",
                run=run,
            )
    if services and not check:
        prune(context, now)
