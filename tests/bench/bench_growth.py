"""What the store grows by: a year of made-up companies, every month closed with its indicators, table by table."""

import sqlite3
import sys
import tempfile
from pathlib import Path

from tests.bench.bench_sla import made
from tests.bench.table import Table

CUSTOMERS = 20
UNTIL = "2026-12"
SMALL = 1.0
"""kB a site and year; tables below it are added up."""
SCHEMA = "schema"
SIZES = f"""
    SELECT coalesce(master.tbl_name, '{SCHEMA}'), sum(pages.pgsize), sum(pages.ncell)
    FROM dbstat AS pages LEFT JOIN sqlite_master AS master ON master.name = pages.name
    GROUP BY 1 ORDER BY 2 DESC
"""
ROWS = "SELECT count(*) FROM {}"


def measure(customers: int = CUSTOMERS) -> Table:
    with tempfile.TemporaryDirectory() as place:
        return growth(made(Path(place) / "year", customers, 12, UNTIL, close=True), customers)


def growth(workspace: Path, customers: int) -> Table:
    with sqlite3.connect(workspace / ".dure" / "store.sqlite") as connection:
        sizes = {name: size / customers / 1000 for name, size, _ in connection.execute(SIZES)}
        tables = [name for name in sizes if name != SCHEMA]
        rows = {name: connection.execute(ROWS.format(name)).fetchone()[0] / customers for name in tables}
        days, bytes_ = connection.execute("SELECT count(*), sum(length(packed)) FROM sample_cold").fetchone()
        connection.execute("VACUUM")
        compact = connection.execute("SELECT sum(pgsize) FROM dbstat").fetchone()[0] / customers / 1000
    large = [(name, f"{rows[name]:,.0f}", f"{sizes[name]:.0f}") for name in tables if sizes[name] >= SMALL]
    small = sum(size for name, size in sizes.items() if size < SMALL or name == SCHEMA)
    note = (
        f"{customers} made-up customers of one site with 4 services and 12 checks; all of {UNTIL[:4]} closed, each "
        "month with 30 indicators, notes, tickets, surveys and use. SQLite as written; indexes with their tables. "
        f"One check in {customers * 12} has answer times: its samples, one a minute, are packed into "
        f"{bytes_ / days / 1000:.1f} kB a day, and go after 13 months; all else stays."
    )
    told = (("all others", "", f"{small:.0f}"), ("the whole store", "", f"{sum(sizes.values()):.0f}"))
    return Table(
        "Growth of the store",
        ("table", "rows", "kB a site and year"),
        (*large, *told, ("the whole store after VACUUM", "", f"{compact:.0f}")),
        note,
    )


if __name__ == "__main__":
    print(measure(int(sys.argv[1]) if len(sys.argv) > 1 else CUSTOMERS).markdown())
