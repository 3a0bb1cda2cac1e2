"""Reports: one customer's HTML and PDF, and a thousand customers' HTML in one pool of processes."""

import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from dure.report.batch import Order, make_all
from dure.report.build import report_of
from dure.report.collect import collect, open_shelf
from dure.report.files import rendered
from dure.store.database import store_at

from tests.bench.table import Table
from tests.unit.report.shelf import OPERATOR, put_customers

CUSTOMERS = 1000
REPEATS = 3
MONTH = "2026-10"


def best(work: Callable[[], object]) -> tuple[float, float]:
    """Wall and processor seconds of the fastest of some repeats, the first one left out: it loads libraries."""
    work()
    times = []
    for _ in range(REPEATS):
        wall, processor = time.perf_counter(), time.process_time()
        work()
        times.append((time.perf_counter() - wall, time.process_time() - processor))
    return min(times)


def measure(customers: int = CUSTOMERS) -> Table:
    names = [f"customer-{number}" for number in range(customers)]
    with tempfile.TemporaryDirectory() as place:
        root = Path(place)
        (root / "operator.yaml").write_text(OPERATOR, encoding="utf-8")
        store = store_at(root, "")
        put_customers(store, names)
        shelf = open_shelf(root, store)
        read = best(lambda: report_of(collect(shelf, names[0], MONTH)))
        report = report_of(collect(shelf, names[0], MONTH))
        page = best(lambda: rendered(report, "ko", "html"))
        paper = best(lambda: rendered(report, "ko", "pdf"))
        store.close()
        order = Order(root, "", MONTH, "ko", "html", root / "out")
        first, again = batch(order, names), batch(order, names)
    rows = (
        ("read one customer's six months and build the report", f"{read[0]:.2f}", f"{read[1]:.2f}"),
        ("one customer's HTML (4 services)", f"{page[0]:.2f}", f"{page[1]:.2f}"),
        ("one customer's PDF", f"{paper[0]:.2f}", f"{paper[1]:.2f}"),
        (f"{customers:,} HTML reports, one process a core", f"{first:.1f}", "–"),
        ("the same again: all are current", f"{again:.1f}", "–"),
    )
    return Table("Reports", ("what", "s", "s of processor"), rows)


def batch(order: Order, names: list[str]) -> float:
    start = time.perf_counter()
    assert not [one.error for one in make_all(order, names) if one.error]
    return time.perf_counter() - start
