"""`operator report` as an MSP uses it: one customer, all of them, the fleet, and every way to ask wrongly."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from dure.report.batch import Order, make_all
from dure.store.database import store_at

from tests.contract.command import operator
from tests.unit.report.months import DATA
from tests.unit.report.shelf import OPERATOR, put_customers

CUSTOMERS = ("baram-foods", "gaon-machinery", "naru-logistics")


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("office")
    (root / "operator.yaml").write_text(OPERATOR, encoding="utf-8")
    notes = root / "reports" / "gaon-machinery"
    notes.mkdir(parents=True)
    (notes / "2026-10.yaml").write_bytes((DATA / "2026-10.yaml").read_bytes())
    (root / "reports" / "style.yaml").write_bytes((DATA / "style.yaml").read_bytes())
    (root / "customers").mkdir()
    (root / "customers" / "haneul-dental.yaml").write_text("id: haneul-dental\nname: 하늘치과\n", encoding="utf-8")
    store = store_at(root, "")
    put_customers(store, CUSTOMERS)
    store.close()
    return root


def test_a_customers_report_is_written_and_then_left_alone(office: Path, tmp_path: Path) -> None:
    file = tmp_path / "report.html"
    asked = ("report", "gaon-machinery", "--month", "2026-10", "--output", file, "-w", office)
    first = operator(*asked)
    assert (first.code, first.stdout) == (0, f"{file}\n")
    page = file.read_text(encoding="utf-8")
    assert "가온기계 2026년 10월 서비스 보고서" in page
    assert "예시로 지어낸 자료입니다" in page
    assert operator(*asked).stdout == f"{file}  (current already)\n"
    file.write_text(page[:-20], encoding="utf-8")
    assert operator(*asked).stdout == f"{file}\n"
    assert file.read_text(encoding="utf-8") == page


def test_the_store_tells_the_same_as_the_closed_month_itself(office: Path) -> None:
    told = operator("report", "gaon-machinery", "--month", "2026-10", "--json", "-w", office)
    golden = json.loads((DATA / "october.json").read_text(encoding="utf-8"))
    found = json.loads(told.stdout)
    for part in ("front", "bill", "services", "indicators", "trend"):
        assert found[part] == golden[part], part


def test_a_directory_that_is_not_there_is_told_and_not_made(office: Path, tmp_path: Path) -> None:
    file = tmp_path / "raports" / "october.html"
    told = operator("report", "gaon-machinery", "--month", "2026-10", "--output", file, "-w", office)
    assert (told.code, f"there is no directory {file.parent}" in told.stderr) == (2, True)
    assert "mkdir -p" in told.stderr
    assert not file.parent.exists()


def test_a_kept_report_is_written_again(office: Path, tmp_path: Path) -> None:
    kept, page = tmp_path / "kept.json", tmp_path / "page.html"
    asked = ("--month", "2026-10", "-w", office)
    operator("report", "gaon-machinery", *asked, "--format", "json", "--output", kept)
    assert operator("report", "--from", kept, "--output", page, "--language", "en").code == 0
    assert "Gaon Machinery: service report for October 2026" in page.read_text(encoding="utf-8")


def test_all_customers_are_written_in_parallel_and_only_once(office: Path, tmp_path: Path) -> None:
    asked = ("report", "--all", "--month", "2026-09", "--output", tmp_path / "out", "-w", office)
    first = operator(*asked)
    assert first.stdout == f"3 written, 0 current already, 0 failed in {tmp_path / 'out'}\n"
    assert sorted(file.name for file in (tmp_path / "out").iterdir()) == [
        f"{name}-2026-09.ko.html" for name in CUSTOMERS
    ]
    (tmp_path / "out" / "baram-foods-2026-09.ko.html").unlink()
    assert operator(*asked).stdout.startswith("1 written, 2 current already, 0 failed")


def test_the_program_itself_starts_other_processes(office: Path, tmp_path: Path) -> None:
    asked = ["report", "--all", "--month", "2026-08", "--format", "csv", "--output", tmp_path, "-w", office]
    launcher = Path(sys.executable).with_name("operator")
    told = subprocess.run([launcher, *asked], capture_output=True, text=True, check=False)
    assert (told.returncode, told.stdout) == (0, f"3 written, 0 current already, 0 failed in {tmp_path}\n"), told.stderr


def test_one_customer_that_fails_does_not_stop_the_others(office: Path, tmp_path: Path) -> None:
    order = Order(office, "", "2026-10", "ko", "csv", tmp_path)
    done = {one.customer: one for one in make_all(order, ["baram-foods", "nobody"], processes=1)}
    assert done["baram-foods"].written
    assert done["nobody"].error.startswith('no customer "nobody"')


def test_the_fleets_report(office: Path, tmp_path: Path) -> None:
    told = operator("report", "--fleet", "--month", "2026-10", "--format", "json", "-w", office)
    found = json.loads(told.stdout)
    assert (found["now"]["customers"], found["now"]["services"], found["credit_total"]) == (3, 12, 84_000)
    page = operator("report", "--fleet", "--month", "2026-10", "-w", office, "--output", tmp_path / "fleet.html")
    assert page.code == 0
    assert "고객사 3곳의 서비스 12개" in (tmp_path / "fleet.html").read_text(encoding="utf-8")


WRONG = [
    (("gaon-machineri", "--month", "2026-10"), 'no customer "gaon-machineri", because customers/', 2),
    (
        ("haneul-dental", "--month", "2026-10"),
        "no month of this customer is closed yet. To mend: operator sla close",
        2,
    ),
    (
        ("gaon-machinery", "--month", "2026-11"),
        "2026-11 of gaon-machinery is not closed, because closed are 2026-05",
        2,
    ),
    (("gaon-machinery", "--month", "10월"), "'10월' is not a month", 2),
    (("gaon-machinery",), "--month is missing", 2),
    ((), "nothing to report on", 2),
    (("gaon-machinery", "--all", "--month", "2026-10"), "more than one report is asked for", 2),
    (("--all", "--month", "2026-10"), "--output is missing", 2),
    (("--all", "--month", "2026-04", "--output", "out"), "2026-04 is not closed, because no customer has it closed", 2),
    (("--fleet", "--month", "2026-04"), "2026-04 is not closed", 2),
    (("--from", "absent.json"), "the file cannot be read, because No such file", 2),
]


@pytest.mark.parametrize(("arguments", "told", "code"), WRONG)
def test_what_is_asked_wrongly_is_told_in_one_line(
    office: Path, arguments: tuple[str, ...], told: str, code: int
) -> None:
    outcome = operator("report", *arguments, "-w", office)
    assert outcome.code == code
    assert told in outcome.stderr
    assert outcome.stderr.count("\n") == 1
    assert "To mend: " in outcome.stderr


def test_a_place_that_cannot_be_written_is_told(office: Path, tmp_path: Path) -> None:
    (tmp_path / "plain").write_text("x", encoding="utf-8")
    file = tmp_path / "plain" / "report.html"
    outcome = operator("report", "gaon-machinery", "--month", "2026-10", "--output", file, "-w", office)
    assert outcome.code == 1
    assert f"{file} cannot be written" in outcome.stderr
