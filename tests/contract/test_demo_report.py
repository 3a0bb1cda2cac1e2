"""The end of `make demo`: its own last commands give the example's customer a made-up past and a report of it."""

import shutil
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import yaml
from dure.lab.demo import CUSTOMER, report_commands, report_file
from dure.model.local import DEMONSTRATION
from dure.runs.promise.demo.past import last_closed

from tests.contract.command import operator
from tests.unit.runs.conftest import make_key

EXAMPLE = Path(__file__).parents[2] / "examples" / "hanbit-it"


@pytest.fixture
def demonstration(tmp_path: Path) -> Path:
    """The example as `make demo` leaves it, without its lab."""
    root = tmp_path / "demo"
    shutil.copytree(EXAMPLE, root, ignore=shutil.ignore_patterns(".dure", "secrets"))
    public = make_key(tmp_path / "key")
    content = yaml.safe_load((root / "operator.yaml").read_text(encoding="utf-8"))
    content["engineers"][0]["ssh_keys"] = [public]
    content["cost"]["rate_date"] = str(content["cost"]["rate_date"])
    (root / "operator.yaml").write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    (root / ".dure").mkdir()
    settings = {"engineer": content["engineers"][0]["id"], "ssh_key": str(tmp_path / "key")}
    (root / ".dure" / "local.yaml").write_text(yaml.safe_dump(settings))
    (root / DEMONSTRATION).write_text("{}\n")
    return root


def test_the_demonstration_ends_with_a_report_that_says_it_is_made_up(demonstration: Path) -> None:
    past, report = report_commands(demonstration, "2026-10")
    told = operator(*past, "-w", demonstration)
    assert told.code == 0, told.stderr
    assert told.stdout.startswith(f"made-up past of {CUSTOMER}, 2026-08 to 2026-10")
    assert ", 6 services closed" in told.stdout
    assert operator(*report, "-w", demonstration).code == 0
    page = report_file(demonstration, "2026-10").read_text(encoding="utf-8")
    assert "한솔플라스틱 2026년 10월 서비스 보고서" in page
    assert "예시로 지어낸 자료입니다" in page
    assert "made-up data" in operator("sla", "credits", "2026-10", CUSTOMER, "-w", demonstration).stdout
    assert operator("sla", "verify", "2026-10", "-w", demonstration).code == 0
    again = operator(*past, "-w", demonstration)
    assert ", 0 services closed" in again.stdout


def test_a_real_workspace_takes_no_made_up_past(demonstration: Path) -> None:
    (demonstration / DEMONSTRATION).unlink()
    told = operator("demo", "past", CUSTOMER, "--until", "2026-10", "-w", demonstration)
    assert told.code == 4
    assert "this workspace is not a demonstration's" in told.stderr


def test_the_month_is_the_last_one_that_is_over_for_a_week() -> None:
    eighth = int(datetime(2026, 11, 8, tzinfo=ZoneInfo("Asia/Seoul")).timestamp())
    assert last_closed(eighth) == "2026-10"
    assert last_closed(eighth - 1) == "2026-09"
    assert last_closed(4_000_000_000) == "2027-11", "the package has no calendar of 2028"
