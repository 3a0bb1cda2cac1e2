"""How soon one site's plan is there, in a workspace of one customer and of ten thousand."""

import subprocess
import sys
import tempfile
from pathlib import Path

from dure import toolkit_path
from dure.model import load_site, validate
from dure.plan import resolve

from tests.bench.table import Table, best_of

OPERATOR = Path(sys.executable).parent / "operator"
GOOD = Path(__file__).parents[1] / "contract" / "workspace"
COUNTS = (1, 10_000)
CUSTOMER = """\
id: {id}
name: 고객 {number}
people: 9
contacts:
  - {{ name: 홍길동, role: 대표, phone: 02-555-0199 }}
users:
  - {{ id: hong, name: 홍길동, groups: [office] }}
  - {{ id: kim, name: 김철수, groups: [office, accounting] }}
sites:
  - id: seoul
    name: 서울
    blueprint: hybrid-server
    lan: {{ cidr: 192.168.0.0/24, address: 192.168.0.10, router: 192.168.0.1 }}
    parameters:
      shares:
        - {{ id: office, name: 사무, groups: [office] }}
        - {{ id: accounting, name: 회계, groups: [accounting] }}
"""


def make_workspace(root: Path, customers: int) -> None:
    """A workspace of that many customers with a site each, all but the last allocated."""
    (root / "customers").mkdir()
    (root / "operator.yaml").write_text((GOOD / "operator.yaml").read_text(encoding="utf-8"), encoding="utf-8")
    rows = []
    for number in range(customers):
        name = f"c{number:05}"
        text = CUSTOMER.format(id=name, number=number)
        (root / "customers" / f"{name}.yaml").write_text(text, encoding="utf-8")
        place = number + 1
        rows.append(f"{name}/seoul: 10.{64 + place // 256}.{place % 256}.0/24\n")
    (root / "allocations.yaml").write_text("".join(rows[:-1]), encoding="utf-8")


def measure_one(customers: int) -> tuple[str, ...]:
    """Seconds of the whole command, of load and resolve within it, and of validate."""
    with tempfile.TemporaryDirectory() as place:
        root = Path(place)
        make_workspace(root, customers)
        site = f"c{customers // 2:05}/seoul"
        argv = [str(OPERATOR), "plan", site, "-w", place]
        command = best_of(5, lambda: subprocess.run(argv, check=True, capture_output=True))
        resolving = best_of(5, lambda: resolve(load_site(root, site), toolkit_path()))
        problems: list[object] = []
        validating = best_of(1, lambda: problems.extend(validate(root)))
        if problems:
            raise AssertionError(problems[0])
    return f"{customers:,}", f"{command:.2f}", f"{resolving:.3f}", f"{validating:.1f}"


def measure() -> Table:
    rows = tuple(measure_one(customers) for customers in COUNTS)
    header = ("customers", "`operator plan` of one site", "of which load and resolve", "`operator validate`, all")
    note = "Best of five, `validate` once. One site's command reads that site's files only."
    return Table("A plan among many customers", header, rows, note)


if __name__ == "__main__":
    print(measure().markdown())
