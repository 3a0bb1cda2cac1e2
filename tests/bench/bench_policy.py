"""How soon a fleet is judged: every rule on every stack, and the tenants against each other."""

import resource
import time
from collections.abc import Callable
from datetime import date
from decimal import Decimal

from dure.cost import Rates, estimate
from dure.cost.price import price_list
from dure.cost.price_file import package_prices
from dure.plan.subject import Subject
from dure.policy import RULES, evaluate
from dure.policy.isolation import tenant_isolation
from dure.policy.isolation.proof import TemplateProofs
from dure.policy.isolation.tenant import tenant_of

from tests.bench.table import Table
from tests.subjects import subject
from tests.unit.policy.fleet import fleet

SIZES = (100, 1_000)
TEMPLATES = ("pool", "pool", "pool", "bridge-applied", "silo")
TODAY = date(2026, 11, 24)


def measure_one(size: int) -> tuple[str, ...]:
    tenants = fleet(*map(subject, TEMPLATES), size=size)
    resources = sum(len(one.planned()) for one in tenants)
    apart = seconds(lambda: evaluate(tenants, (), TODAY, rules=(tenant_isolation,)))
    others = tuple(one for one in RULES if one is not tenant_isolation)
    rest = seconds(lambda: evaluate(tenants, (), TODAY, rules=others))
    prices = price_list(package_prices())
    priced = seconds(lambda: estimate(tenants, prices, Rates(Decimal("1385.5"), TODAY, Decimal("0.1")), TODAY))
    refused = [one for one in evaluate(tenants[:20], (), TODAY) if one.refuses]
    if refused:
        raise AssertionError(refused[0].line())
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return (
        f"{size:,}",
        f"{resources:,}",
        str(templates(tenants)),
        f"{apart:.1f}",
        f"{rest:.1f}",
        f"{priced:.1f}",
        f"{memory:.0f}",
    )


def templates(tenants: list[Subject]) -> int:
    return len(TemplateProofs([tenant_of(one, "000000000000") for one in tenants]))


def seconds(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


def measure() -> Table:
    header = (
        "tenants",
        "resources",
        "templates",
        "tenant isolation",
        "all other rules",
        "cost",
        "memory of the process, MiB",
    )
    note = "Pool, bridge and silo as 3 to 1 to 1, recorded once and renamed. Processor seconds of one process, once."
    return Table("A fleet judged and priced", header, tuple(measure_one(size) for size in SIZES), note)


if __name__ == "__main__":
    print(measure().markdown())
