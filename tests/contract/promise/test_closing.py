"""Closing a month: computed from spans, frozen for good, verified, restated by two, billed."""

import csv
import io
import json
import re
import subprocess
import sys
from pathlib import Path
from unittest import mock

import pytest
from dure.store.promise.months import customer_month
from dure.store.promise.tables import CorrectionLedger, IndicatorValue, MonthFrozen
from sqlalchemy import func, select

from tests.contract.promise.conftest import Bureau, in_both_stores


def closed(bureau: Bureau, customer: str = "hansol-plastics") -> None:
    found = bureau.run("sla", "close", "2026-06", customer)
    assert (found.code, found.stderr) == (0, "")


def count_frozen(bureau: Bureau) -> int:
    with bureau.store().transaction() as session:
        return session.scalar(select(func.count()).select_from(MonthFrozen)) or 0


@in_both_stores
def test_a_month_is_computed_by_the_contract_to_the_second(june: Bureau) -> None:
    closed(june)
    found = customer_month(june.store(), "hansol-plastics", "2026-06")
    assert found is not None
    erp, internet = found.services
    # The web from 10:30 and the database to 12:30, less the lunch hour that is not agreed; the printer only degrades.
    assert (erp.seconds.ast, erp.seconds.down, erp.seconds.degraded, erp.seconds.unknown) == (604_800, 5400, 600, 1800)
    assert erp.figures.bad == 5400 + 180
    assert erp.verdict == "BREACHED"
    assert erp.credit.amount == 30_000
    assert [(one.down, one.counted, one.checks) for one in erp.detail.incidents] == [(7200, 5400, ("web", "db"))]
    # An outage over the month's end: ten minutes in June, the incident counts where it starts, and is told whole.
    assert internet.seconds.down == 600
    assert [(one.down, one.counted) for one in internet.detail.incidents] == [(1800, 600)]
    assert sum(one.seconds.down for one in internet.days) == 600
    assert len(internet.days) == 30


def test_indicators_are_measured_or_say_that_they_are_not(june: Bureau) -> None:
    closed(june)
    found = customer_month(june.store(), "hansol-plastics", "2026-06")
    assert found is not None
    verdicts = {one.indicator.key: (one.verdict, one.value) for one in found.indicators}
    assert verdicts["incidents"] == ("met", 2)
    assert verdicts["backup"] == ("not measured", None)
    assert verdicts["mttd"] == ("nothing to judge", None)
    assert verdicts["availability"][0] == "met"
    assert verdicts["business_hours"][0] == "observed"


def test_a_second_close_changes_nothing(june: Bureau) -> None:
    closed(june)
    before = june.run("sla", "explain", "hansol-plastics", "erp", "2026-06", "--json").stdout
    again = june.run("sla", "close", "2026-06", "hansol-plastics")
    assert again.stdout == "2026-06: 0 services closed, 2 were closed already, 0 customers refused\n"
    assert june.run("sla", "explain", "hansol-plastics", "erp", "2026-06", "--json").stdout == before
    assert count_frozen(june) == 2


NEW_SERVICE = """\
    - id: files
      name: 파일 보관
      name_en: files
      checks: [{ check: web }]
      fee: 500000
    - id: internet"""


def test_a_service_that_came_after_the_close_enters_the_month_by_a_restatement_alone(june: Bureau) -> None:
    closed(june)
    june.edit("customers/hansol-plastics.yaml", "    - id: internet", NEW_SERVICE)
    refused = june.run("sla", "close", "2026-06", "hansol-plastics")
    assert refused.code == 4
    assert "2026-06 is closed without files" in refused.stderr
    assert "operator sla restate 2026-06 hansol-plastics" in refused.stderr
    assert count_frozen(june) == 2
    command = ("sla", "restate", "2026-06", "hansol-plastics", "--reason", "the contract was written down late")
    proposed = june.run(*command)
    assert proposed.code == 0, proposed.stderr
    assert "files: added to the contract after the close, comes into the month, verdict BREACHED" in proposed.stdout
    assert count_frozen(june) == 2
    june.sit("lee-jiwon")
    assert june.run(*command).code == 0
    first, second = (customer_month(june.store(), "hansol-plastics", "2026-06", number) for number in (1, 2))
    assert first is not None
    assert second is not None
    assert [one.service for one in first.services] == ["erp", "internet"]
    assert [(one.service, one.revision) for one in second.services][1] == ("files", 2)
    assert len(second.services[1].days) == 30
    told = json.loads(june.run("report", "hansol-plastics", "--month", "2026-06", "--json").stdout)
    changed = {(one["name"]["en"], one["what"]): one["after"] for one in told["corrections"][0]["changes"]}
    assert changed["files", "verdict"] == "BREACHED"
    assert june.run("sla", "verify", "2026-06").code == 0
    again = june.run("sla", "close", "2026-06", "hansol-plastics")
    assert again.stdout == "2026-06: 0 services closed, 3 were closed already, 0 customers refused\n"


def test_a_contract_that_began_in_the_month_is_counted_from_its_first_day(june: Bureau) -> None:
    closed(june, "mirae-bakery")
    found = customer_month(june.store(), "mirae-bakery", "2026-06")
    assert found is not None
    [internet] = found.services
    assert (internet.seconds.not_monitored, internet.seconds.ast) == (15 * 86_400, 15 * 86_400)
    assert internet.verdict == "MET"


@pytest.mark.parametrize("moment", ["2026-06-20T10:00", "2026-07-02T23:59"])
def test_a_month_is_not_closed_before_the_third_business_day(june: Bureau, moment: str) -> None:
    june.clock(moment)
    found = june.run("sla", "close", "2026-06", "hansol-plastics")
    assert found.code == 4
    assert "2026-06 cannot be closed before 2026-07-03" in found.stderr
    assert "third business day" in found.stderr
    assert count_frozen(june) == 0


def test_a_month_whose_data_are_due_is_refused_and_the_others_are_closed(bureau: Bureau) -> None:
    text = (bureau.data / "june-spans.csv").read_text(encoding="utf-8")
    short = bureau.root.parent / "short.csv"
    kept = [line for line in text.splitlines() if not line.startswith("hansol-plastics,db,2026-06-18T14:30")]
    short.write_text("\n".join(kept) + "\n", encoding="utf-8")
    bureau.run("sla", "import", short)
    found = bureau.run("sla", "close", "2026-06", "--json")
    assert found.code == 4
    rows = {one["customer"]: one for one in json.loads(found.stdout)["customers"]}
    assert "db reaches to 2026-06-18 14:30" in rows["hansol-plastics"]["refused"]
    assert "--accept-missing" in rows["hansol-plastics"]["refused"]
    assert rows["mirae-bakery"]["frozen"] == ["internet"]
    accepted = bureau.run("sla", "close", "2026-06", "--accept-missing")
    assert accepted.stdout == "2026-06: 2 services closed, 1 was closed already, 0 customers refused\n"
    month = customer_month(bureau.store(), "hansol-plastics", "2026-06")
    assert month is not None
    unknown_days = 8  # working days from Friday the 19th on; the half hour on the 18th was unknown anyway
    erp = month.services[0]
    assert erp.seconds.unknown == 1800 + (18 - 14) * 3600 - 1800 + unknown_days * 8 * 3600


def test_a_killed_close_goes_on_with_the_customers_that_are_left(june: Bureau) -> None:
    program = (
        "import os, sys; from pathlib import Path; from unittest import mock\n"
        "from dure.runs.context import open_context; from dure.runs.promise.close import close_months\n"
        f"for one in close_months(open_context(Path({str(june.root)!r})), ['hansol-plastics', 'mirae-bakery'], "
        f"'2026-06', {june.at}):\n"
        "    os.kill(os.getpid(), 9)\n"
    )
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, cwd=june.root, check=False)
    assert ended.returncode == -9, ended.stderr.decode()
    assert count_frozen(june) == 2
    found = june.run("sla", "close", "2026-06")
    assert found.stdout == "2026-06: 1 service closed, 2 were closed already, 0 customers refused\n"
    assert june.run("sla", "verify", "2026-06").code == 0


@in_both_stores
def test_late_data_leave_the_closed_month_and_go_to_the_ledger(june: Bureau) -> None:
    closed(june)
    late = june.root.parent / "late.csv"
    late.write_text(
        "customer,check,from,to,state\nhansol-plastics,db,2026-06-18T14:00:00+09:00,2026-06-18T14:30:00+09:00,DOWN\n",
        encoding="utf-8",
    )
    taken = june.run("sla", "import", late, "--reason", "store-and-forward")
    assert taken.code == 0
    assert "1 closed month concerns them" in taken.stderr
    with june.store().transaction() as session:
        [entry] = session.scalars(select(CorrectionLedger))
    assert (entry.month, entry.kind, entry.seconds) == ("2026-06", "late_data", {"UNKNOWN": -1800, "DOWN": 1800})
    month = customer_month(june.store(), "hansol-plastics", "2026-06")
    assert month is not None
    assert (month.services[0].revision, month.services[0].seconds.down) == (1, 5400)
    found = june.run("sla", "verify", "2026-06")
    assert found.code == 3
    assert "hansol-plastics/erp r1: down is frozen as 5400, computed as 7200; 1 correction waits" in found.stdout
    told = june.run("sla", "explain", "hansol-plastics", "erp", "2026-06")
    assert told.code == 3
    assert "this is not the closed figure" in told.stderr


def test_verify_and_restate_tell_the_same_of_an_indicator(june: Bureau) -> None:
    closed(june)
    late = june.root.parent / "late.csv"
    rows = "hansol-plastics,db,2026-06-22T14:00:00+09:00,2026-06-22T14:30:00+09:00,DOWN\n"
    late.write_text(f"customer,check,from,to,state\n{rows}", encoding="utf-8")
    june.run("sla", "import", late)
    verified = june.run("sla", "verify", "2026-06").stdout
    assert re.search(r"indicator:incidents r1: records is frozen as \w+ \(value 2\), .* \(value 3\)", verified), (
        verified
    )
    restated = june.run("sla", "restate", "2026-06", "hansol-plastics", "--check").stdout
    assert "indicator incidents: 2 -> 3, met -> missed" in restated, restated


@in_both_stores
def test_a_restatement_needs_two_engineers_and_keeps_the_first_revision(june: Bureau) -> None:
    closed(june)
    late = june.root.parent / "late.csv"
    late.write_text(
        "customer,check,from,to,state\nhansol-plastics,db,2026-06-18T14:00:00+09:00,2026-06-18T14:30:00+09:00,DOWN\n",
        encoding="utf-8",
    )
    june.run("sla", "import", late)
    command = ("sla", "restate", "2026-06", "hansol-plastics")
    bare = june.run(*command)
    assert (bare.code, "a restatement needs a reason" in bare.stderr) == (2, True)
    proposed = june.run(*command, "--reason", "samples came late")
    assert proposed.code == 0, proposed.stderr
    assert "erp: down +1,800 s, unknown -1,800 s" in proposed.stdout
    assert "another engineer runs: operator sla restate 2026-06 hansol-plastics" in proposed.stdout
    assert count_frozen(june) == 2
    same = june.run(*command)
    assert (same.code, "kim-minsu has approved it already" in same.stderr) == (4, True)
    june.sit("lee-jiwon")
    applied = june.run(*command)
    assert applied.code == 0, applied.stderr
    assert "revision 2, approved by kim-minsu, lee-jiwon" in applied.stdout
    month = customer_month(june.store(), "hansol-plastics", "2026-06")
    assert month is not None
    erp, internet = month.services
    assert (erp.revision, erp.seconds.down, erp.reason) == (2, 7200, "samples came late")
    assert erp.approvals == ("kim-minsu", "lee-jiwon")
    assert internet.revision == 1
    with june.store().transaction() as session:
        assert set(session.scalars(select(IndicatorValue.revision))) == {1, 2}
    first = june.run("sla", "explain", "hansol-plastics", "erp", "2026-06", "--revision", "1")
    assert "revision 1, closed by kim-minsu" in first.stdout
    assert june.run("sla", "verify", "2026-06").code == 0
    assert june.run("audit", "verify", "--offline").code == 0
    nothing = june.run(*command, "--reason", "again")
    assert (nothing.code, "has nothing to restate" in nothing.stderr) == (4, True)


def test_the_second_engineer_signs_the_figures_that_the_first_one_saw(june: Bureau) -> None:
    closed(june)
    june.edit("customers/hansol-plastics.yaml", "fee: 100000", 'fee: 100000\n      degraded_weight: "0.5"')
    june.edit("customers/hansol-plastics.yaml", 'open: ["09:00-12:00"', 'open: ["10:00-12:00"')
    command = ("sla", "restate", "2026-06", "hansol-plastics")
    assert june.run(*command, "--reason", "hours were agreed otherwise").code == 0
    june.edit("customers/hansol-plastics.yaml", 'open: ["10:00-12:00"', 'open: ["11:00-12:00"')
    june.sit("lee-jiwon")
    found = june.run(*command)
    assert (found.code, "would give other figures than were signed" in found.stderr) == (4, True)
    assert count_frozen(june) == 2


def test_a_check_says_what_would_be_closed_and_closes_nothing(june: Bureau) -> None:
    found = june.run("sla", "close", "2026-06", "--check")
    assert (found.code, found.stdout) == (
        3,
        "2026-06: 3 services would be closed, 0 were closed already, 0 customers refused\n",
    )
    assert count_frozen(june) == 0


def test_changed_spans_are_found(june: Bureau) -> None:
    closed(june)
    with june.store().engine.begin() as connection:
        connection.exec_driver_sql("UPDATE span SET state = 0 WHERE state = 3")
    found = june.run("sla", "verify", "2026-06", "--json")
    assert found.code == 3
    differences = json.loads(found.stdout)["differences"]
    assert {one["what"] for one in differences} >= {"spans", "down", "up", "verdict", "credit"}


def test_a_changed_column_of_a_closed_month_is_found(june: Bureau) -> None:
    closed(june)
    changed = {"fee": "1", "credit_share": "'1/3'", "target": "'1/2'", "down": "7"}
    with june.store().engine.begin() as connection:
        connection.exec_driver_sql("DROP TRIGGER month_frozen_update")
        values = ", ".join(f"{name} = {value}" for name, value in changed.items())
        connection.exec_driver_sql(f"UPDATE month_frozen SET {values}")
    found = june.run("sla", "verify", "2026-06", "--json")
    assert found.code == 3
    assert {one["what"] for one in json.loads(found.stdout)["differences"]} >= {*changed}


def test_a_stored_figure_s_case_gives_the_same_figure_alone(june: Bureau, tmp_path: Path) -> None:
    closed(june)
    case = tmp_path / "case.json"
    told = june.run("sla", "explain", "hansol-plastics", "internet", "2026-06", "--json", "--export", case)
    stored = json.loads(told.stdout)
    alone = json.loads(june_explain(june, case))
    assert alone == stored["result"]
    assert alone["seconds"]["down"] == 600
    text = june.run("sla", "explain", "hansol-plastics", "internet", "2026-06").stdout
    assert "Verdict   MET" in text


def june_explain(bureau: Bureau, case: Path) -> str:
    return bureau.run("sla", "explain", case, "--json").stdout


def test_the_run_after_a_killed_close_records_what_was_frozen_before(june: Bureau) -> None:
    with mock.patch("dure.runs.promise.close_command.record_run"):  # what kill -9 leaves: rows, and no link
        closed(june)
    assert "sla close" not in june.run("audit", "show").stdout
    june.clock("2026-07-03T11:00")
    assert june.run("sla", "close", "2026-06").code == 0
    shown = june.run("audit", "show").stdout
    assert "2026-06: 2 services of 1 customers frozen by a run that was broken off" in shown
    assert june.run("sla", "close", "2026-06").code == 0
    assert june.run("audit", "show").stdout == shown, "and only once"


@in_both_stores
def test_credits_are_told_for_billing_in_both_languages(june: Bureau) -> None:
    closed(june)
    closed(june, "mirae-bakery")
    table = june.run("sla", "credits", "2026-06", "--csv")
    rows = list(csv.DictReader(io.StringIO(table.stdout)))
    assert [(one["service"], one["fee"], one["credit"], one["verdict"]) for one in rows] == [
        ("erp", "300000", "30000", "BREACHED"),
        ("internet", "100000", "0", "MET"),
        ("(total)", "400000", "", ""),
        ("internet", "0", "0", "MET"),
        ("(total)", "0", "", ""),
    ]
    total = rows[2]
    assert (rows[0]["credit_due"], total["credit_due"]) == ("30000", "30000")
    assert (total["supply_value"], total["vat"], total["total"]) == ("370000", "37000", "407000")
    bill = json.loads(june.run("sla", "credits", "2026-06", "hansol-plastics", "--json").stdout)["customers"][0]
    assert (bill["supply_value"], bill["vat"], bill["total"]) == (370_000, 37_000, 407_000)
    korean = june.run("sla", "credits", "2026-06", "--language", "ko").stdout
    assert "공급가액 370,000원, 부가가치세 37,000원" in korean
    english = june.run("sla", "credits", "2026-06").stdout
    assert "supply value 370,000 KRW, VAT 37,000 KRW, total 407,000 KRW" in english
    missing = june.run("sla", "credits", "2026-05", "hansol-plastics")
    assert (missing.code, "2026-05 is not closed: hansol-plastics" in missing.stderr) == (3, True)


@in_both_stores
def test_status_shows_the_service_nearest_to_a_breach_first_with_its_outages(june: Bureau) -> None:
    june.clock("2026-06-20T10:00")
    found = june.run("sla", "status", "hansol-plastics")
    assert found.code == 0
    lines = found.stdout.splitlines()
    assert lines[1].startswith("hansol-plastics/erp ")
    assert "-2,556 s (-84.6 %)" in lines[1]
    assert lines[1].endswith("BREACHED")
    assert "  erp: 06-11 10:30:00 to 06-11 12:30:00, 7,200 s down, 5,400 s counted (web, db)" in lines
    whole = json.loads(june.run("sla", "status", "--json").stdout)["services"]
    assert [one["customer"] for one in whole].count("hansol-plastics") == 2
    assert "남은 예산" in june.run("sla", "status", "--language", "ko").stdout


def test_what_changes_is_in_the_audit_log(june: Bureau) -> None:
    closed(june)
    shown = june.run("audit", "show").stdout
    assert "sla import june-spans.csv: 17 rows of 5 checks" in shown
    assert "sla close hansol-plastics: 2026-06: 2 services of 1 customers frozen" in shown


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("sla", "close", "2026-13"), 2, "is not a month"),
        (("sla", "close", "2026-06", "hansol-plastic"), 2, 'write "hansol-plastics"'),
        (("sla", "explain", "hansol-plastics", "ero", "2026-06"), 2, 'has no service "ero"'),
        (("sla", "restate", "2026-06", "saehan-accounting", "--reason", "x"), 2, "has no contract"),
        (("sla", "restate", "2026-05", "hansol-plastics", "--reason", "x"), 2, "2026-05 is not closed"),
        (("sla", "status", "--language", "fr"), 2, "is not one of 'ko', 'en'"),
        (("sla", "close", "2031-06", "hansol-plastics"), 2, "there is no calendar"),
    ],
)
def test_a_wrong_word_is_told_with_its_mending(june: Bureau, arguments: tuple[str, ...], code: int, words: str) -> None:
    found = june.run(*arguments)
    assert found.code == code
    assert words in found.stderr
    assert "Traceback" not in found.stderr
