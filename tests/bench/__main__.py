"""`make bench [ONLY=name]`: run the measurements and write docs/performance.md.

Each module `bench_*.py` here has `measure() -> Table` or a list of them.
"""

import importlib
import os
import platform
import sys
from pathlib import Path

from tests.bench.table import Table

HERE = Path(__file__).parent
PAGE = HERE.parents[1] / "docs" / "performance.md"


def machine() -> str:
    """One line that names where the figures come from."""
    cores = len(os.sched_getaffinity(0))
    memory = int(Path("/proc/meminfo").read_text().split()[1]) / 2**20
    model = next(
        (line.split(":")[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines() if "model name" in line),
        platform.machine(),
    )
    return f"{model}, {cores} cores, {memory:.0f} GB, Linux {platform.release().split('-')[0]}, Debian 12"


def section(name: str, tables: list[Table]) -> str:
    body = "\n".join(table.markdown() for table in tables)
    return f"<!-- {name} -->\n{body}<!-- /{name} -->\n"


def replaced(page: str, name: str, text: str) -> str:
    """The page with that measurement's section replaced, or added at its end."""
    start, end = f"<!-- {name} -->\n", f"<!-- /{name} -->\n"
    if start in page:
        before, rest = page.split(start, 1)
        return before + text + rest.split(end, 1)[1]
    return page.rstrip("\n") + "\n\n" + text


def main() -> int:
    only = set(sys.argv[1:])
    page = PAGE.read_text(encoding="utf-8") if PAGE.exists() else ""
    head = f"# Performance\n\nMeasured by `make bench` on: {machine()}. Times are wall-clock seconds.\n"
    page = head + ("\n" + page.split("\n\n", 2)[2] if page.count("\n\n") > 1 else "")
    for file in sorted(HERE.glob("bench_*.py")):
        name = file.stem.removeprefix("bench_")
        if only and name not in only:
            continue
        print(f"{name} …", file=sys.stderr, flush=True)
        measured = importlib.import_module(f"tests.bench.{file.stem}").measure()
        tables = measured if isinstance(measured, list) else [measured]
        page = replaced(page, name, section(name, tables))
        print("\n".join(table.markdown() for table in tables))
        PAGE.write_text(page, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
