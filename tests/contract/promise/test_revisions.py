"""A report of an older revision, and what a later one says that it changed: from, to, why, and by whom approved."""

import csv
import io
import json
from pathlib import Path

import pytest

from tests.contract.promise.conftest import Bureau
from tests.unit.runs.test_postgresql import server

__all__ = ["server"]

CUSTOMER = "hansol-plastics"
REPORT = ("report", CUSTOMER, "--month", "2026-06")


def restated(bureau: Bureau, *rows: str, reason: str = "수집기의 기록이 늦게 왔습니다") -> None:
    """Late data, and the next revision with them, signed by two."""
    late = bureau.root.parent / "late.csv"
    late.write_text("\n".join(("customer,check,from,to,state", *rows)) + "\n", encoding="utf-8")
    assert bureau.run("sla", "import", late).code == 0
    for engineer in ("kim-minsu", "lee-jiwon"):
        bureau.sit(engineer)
        found = bureau.run("sla", "restate", "2026-06", CUSTOMER, "--reason", reason)
        assert found.code == 0, found.stderr


@pytest.fixture
def second(june: Bureau) -> Bureau:
    """June in its second revision: half an hour that nobody knew of was down."""
    assert june.run("sla", "close", "2026-06", CUSTOMER).code == 0
    restated(june, f"{CUSTOMER},db,2026-06-18T14:00:00+09:00,2026-06-18T14:30:00+09:00,DOWN")
    return june


def report(bureau: Bureau, *options: str) -> dict[str, object]:
    found: dict[str, object] = json.loads(bureau.run(*REPORT, "--json", *options).stdout)
    return found


def erp(told: dict[str, object]) -> dict[str, object]:
    services = told["services"]
    assert isinstance(services, list)
    return next(one for one in services if one["id"] == "erp")


def test_the_newest_revision_is_told_with_what_it_changed(second: Bureau) -> None:
    told = report(second)
    assert (told["revision"], told["newest"]) == (2, 2)
    [one] = told["corrections"]  # type: ignore[misc]
    assert one["reason"] == "수집기의 기록이 늦게 왔습니다"
    assert one["approvals"] == [{"ko": "김민수", "en": "Minsu Kim"}, {"ko": "이지원", "en": ""}]
    changed = {(row["name"]["en"], row["what"]): (row["before"], row["after"]) for row in one["changes"]}
    assert changed["ERP", "down"] == ("5400", "7200")
    assert changed["ERP", "unknown"] == ("1800", "0")
    assert ("internet line", "down") not in changed
    assert changed["measurement coverage", "value"][1] == "100.000"


@pytest.mark.parametrize(
    ("language", "words"),
    [
        (
            "ko",
            (
                "정정한 내용",
                "정정한 까닭은 ‘수집기의 기록이 늦게 왔습니다’이며, 김민수, 이지원 두 사람이 승인했습니다.",
                "장애 시간",
                "1시간 30분",
                "2시간",
            ),
        ),
        ("en", ("What was corrected", "approved by Minsu Kim, 이지원.", ": down", "1\u00a0h 30\u00a0min", "2\u00a0h")),
    ],
)
def test_the_page_shows_it_in_both_languages(second: Bureau, language: str, words: tuple[str, ...]) -> None:
    page = second.run(*REPORT, "--language", language, "--output", "-").stdout
    section = page.split('id="corrections"')[1].split("</section>")[0]
    assert [one for one in words if one not in section] == []


def test_the_first_revision_is_told_as_it_was_and_says_that_it_was_corrected(second: Bureau) -> None:
    told = report(second, "--revision", "r1")
    assert (told["revision"], told["newest"], told["corrections"]) == (1, 2, [])
    assert erp(told)["seconds"]["down"] == 5400  # type: ignore[index]
    assert erp(report(second))["seconds"]["down"] == 7200  # type: ignore[index]
    page = second.run(*REPORT, "--revision", "r1", "--output", "-").stdout
    assert "1판입니다. 그 뒤에 2판으로 정정했습니다." in page


def test_each_revision_has_the_days_that_it_was_frozen_with(second: Bureau) -> None:
    days = {}
    for name in ("r1", "r2"):
        strip = erp(report(second, "--revision", name))["days"]
        assert isinstance(strip, list)
        days[name] = next(one for one in strip if one["day"] == "2026-06-18")
    assert days["r1"] != days["r2"]


def test_a_replaced_revision_is_explained_by_the_timeline_that_it_was_frozen_with(second: Bureau) -> None:
    command = erp(report(second, "--revision", "1"))["explain"]
    assert command == f"operator sla explain {CUSTOMER} erp 2026-06 --revision 1"
    found = second.run("sla", "explain", CUSTOMER, "erp", "2026-06", "--revision", "1", "--json")
    assert (found.code, found.stderr) == (0, "")
    told = json.loads(found.stdout)
    assert (told["revision"], told["agrees"]) == (1, True)
    seconds = told["result"]["seconds"]
    assert (seconds["down"], seconds["unknown"]) == (5400, 1800)
    assert erp(report(second))["explain"] == f"operator sla explain {CUSTOMER} erp 2026-06"


def test_a_third_revision_tells_both_steps(second: Bureau) -> None:
    restated(second, f"{CUSTOMER},line,2026-06-20T10:00:00+09:00,2026-06-20T10:10:00+09:00,DOWN", reason="회선 기록")
    told = report(second)
    steps = told["corrections"]
    assert isinstance(steps, list)
    reasons = {one["revision"]: one["reason"] for one in steps}
    assert reasons == {2: "수집기의 기록이 늦게 왔습니다", 3: "회선 기록"}
    assert {row["name"]["en"] for row in steps[1]["changes"]} >= {"internet line"}
    assert [one["revision"] for one in report(second, "--revision", "2")["corrections"]] == [2]  # type: ignore[attr-defined]
    assert second.run("sla", "verify", "2026-06").code == 0


def test_csv_and_file_names_carry_the_revision(second: Bureau, tmp_path: Path) -> None:
    for name, number, down in (("r1", "1", "5400"), ("r2", "2", "7200")):
        table = second.run(*REPORT, "--format", "csv", "--revision", name).stdout.removeprefix("\ufeff")
        rows = {one["service"]: one for one in csv.DictReader(io.StringIO(table))}
        assert (rows["erp"]["report_revision"], rows["erp"]["down_seconds"]) == (number, down)
        assert rows["internet"]["revision"] == "1"
    (tmp_path / "out").mkdir()
    written = second.run(*REPORT, "--revision", "r1", "--output", tmp_path / "out")
    assert written.stdout.strip().endswith("hansol-plastics-2026-06-r1.ko.html")


def test_an_altered_first_revision_is_refused_and_told_in_the_second(second: Bureau) -> None:
    with second.store().engine.begin() as connection:
        connection.exec_driver_sql("DROP TRIGGER month_frozen_update")
        connection.exec_driver_sql("UPDATE month_frozen SET down = 0 WHERE revision = 1 AND fee = 300000")
    assert second.run(*REPORT, "--revision", "r1").code == 4
    page = second.run(*REPORT, "--output", "-")
    assert page.code == 0
    assert "1판의 자료가 마감했을 때와 달라서 비교할 수 없습니다." in page.stdout


OLDER = "revision = 1 AND series IN (SELECT id FROM series WHERE name = 'erp')"


@pytest.mark.parametrize(
    ("done", "told"),
    [
        (f"UPDATE month_frozen SET down = 0 WHERE {OLDER}", "erp r1: row is frozen as"),
        (f"DELETE FROM month_frozen WHERE {OLDER}", "act r1: rows of that act is frozen as"),
        ("UPDATE indicator_value SET value = '1' WHERE revision = 1", "indicator:coverage r1: row is frozen as"),
        ("DELETE FROM month_seal WHERE number = 1", "act r1: rows of that act is frozen as"),
        ("DELETE FROM month_view", "erp r1: timeline kept for reports is frozen as"),
        ("UPDATE month_view SET days = '[]'", "erp r1: days kept for reports is frozen as"),
        ("UPDATE month_view SET spans = '[]'", "erp r1: timeline kept for reports is frozen as"),
    ],
)
def test_verify_looks_at_revisions_that_were_replaced_too(second: Bureau, done: str, told: str) -> None:
    with second.store().engine.begin() as connection:
        for [name] in connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'trigger'").all():
            connection.exec_driver_sql(f"DROP TRIGGER {name}")
        connection.exec_driver_sql(done)
    found = second.run("sla", "verify", "2026-06")
    assert (found.code, f"{CUSTOMER}/{told}" in found.stdout) == (3, True), found.stdout
    assert second.run(*REPORT, "--revision", "r1").code == 4, "no report without days is written of it"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ((*REPORT, "--revision", "r3"), "2026-06 of hansol-plastics has no revision 3, because it has r1 and r2"),
        ((*REPORT, "--revision", "last"), '"last" is no revision'),
        ((*REPORT, "--revision", "r0"), '"r0" is no revision'),
        (("report", "--all", "--month", "2026-06", "--output", "x", "--revision", "r1"), "--revision goes with one"),
        ((*REPORT, "--send", "--revision", "r1"), "--revision goes with one"),
    ],
)
def test_a_revision_that_there_is_not_is_told(second: Bureau, arguments: tuple[str, ...], told: str) -> None:
    found = second.run(*arguments)
    assert (found.code, told in found.stderr) == (2, True), found.stderr


def test_revisions_are_the_same_in_postgresql(bureau: Bureau, server: str) -> None:
    bureau.store_url = server
    bureau.sit("kim-minsu")
    assert bureau.run("sla", "import", bureau.data / "june-spans.csv").code == 0
    assert bureau.run("sla", "close", "2026-06", CUSTOMER).code == 0
    late = bureau.root.parent / "late.csv"
    row = f"{CUSTOMER},db,2026-06-18T14:00:00+09:00,2026-06-18T14:30:00+09:00,DOWN"
    late.write_text(f"customer,check,from,to,state\n{row}\n", encoding="utf-8")
    assert bureau.run("sla", "import", late).code == 0
    for engineer in ("kim-minsu", "lee-jiwon"):
        bureau.sit(engineer)
        assert bureau.run("sla", "restate", "2026-06", CUSTOMER, "--reason", "늦은 기록").code == 0
    down = {name: erp(report(bureau, "--revision", name))["seconds"]["down"] for name in ("r1", "r2")}  # type: ignore[index]
    assert down == {"r1": 5400, "r2": 7200}
    assert bureau.run("sla", "verify", "2026-06").code == 0
    assert bureau.run("audit", "verify", "--offline").code == 0


def test_a_fee_and_a_target_that_were_wrong_are_restated_and_told(june: Bureau) -> None:
    assert june.run("sla", "close", "2026-06").code == 0
    file = "customers/hansol-plastics.yaml"
    june.edit(file, "fee: 100000", "fee: 120000")
    june.edit(file, 'target: "99.0"', 'target: "98.5"')
    command = ("sla", "restate", "2026-06", CUSTOMER, "--reason", "계약서와 달랐습니다")
    check = june.run(*command, "--check")
    assert "target 99.000 % -> 98.500 %, fee 100,000 -> 120,000 KRW" in check.stdout, check.stdout + check.stderr
    for engineer in ("kim-minsu", "lee-jiwon"):
        june.sit(engineer)
        assert june.run(*command).code == 0
    bills = json.loads(june.run("sla", "credits", "2026-06", CUSTOMER, "--json").stdout)["customers"]
    assert bills[0]["fees"] == 420_000
    report = json.loads(june.run("report", CUSTOMER, "--month", "2026-06", "--json").stdout)
    changed = {one["what"]: (one["before"], one["after"]) for one in report["corrections"][0]["changes"]}
    assert (changed["fee"], changed["target"]) == (("100000", "120000"), ("99.000", "98.500"))
    assert june.run("sla", "verify", "2026-06").code == 0
