"""A credit that is waived by two engineers: recorded, out of the bill, and told in the report."""

import json

import pytest
from dure.store.promise.months import customer_month

from tests.contract.promise.conftest import Bureau, in_both_stores

ASKED = ("sla", "waive", "2026-06", "hansol-plastics", "erp")
WHY = ("--reason", "무상 점검으로 대신합니다", "--evidence", "메일 2026-07-06")


@pytest.fixture
def credited(june: Bureau) -> Bureau:
    """June is closed, and its ERP missed the promise."""
    assert june.run("sla", "close", "2026-06").code == 0
    return june


def bill(bureau: Bureau) -> dict[str, int]:
    told = bureau.run("sla", "credits", "2026-06", "hansol-plastics", "--json")
    found: dict[str, int] = json.loads(told.stdout)["customers"][0]
    return {name: found[name] for name in ("fees", "credits", "supply_value")}


@in_both_stores
def test_two_engineers_waive_a_credit_and_it_stays_recorded(credited: Bureau) -> None:
    before = bill(credited)
    assert before["credits"] == 30_000
    first = credited.run(*ASKED, *WHY)
    assert first.code == 0, first.stderr
    assert "proposed and signed by kim-minsu" in first.stdout
    assert bill(credited) == before
    assert credited.run(*ASKED).code == 4, "the same engineer signs once"
    credited.sit("lee-jiwon")
    check = credited.run(*ASKED, "--check")
    assert (check.code, bill(credited)) == (3, before)
    second = credited.run(*ASKED)
    assert "is waived in revision 2, signed by kim-minsu, lee-jiwon" in second.stdout
    assert bill(credited) == {"fees": 400_000, "credits": 0, "supply_value": 400_000}
    words = "환급 30,000원 면제: 무상 점검으로 대신합니다 (메일 2026-07-06)"
    assert words in credited.run("sla", "credits", "2026-06", "--language", "ko").stdout
    report = credited.run("report", "hansol-plastics", "--month", "2026-06", "--json")
    rows = {one["id"]: one["credit"] for one in json.loads(report.stdout)["services"]}
    assert (rows["erp"]["due"], rows["erp"]["waived"]) == (0, "무상 점검으로 대신합니다 (메일 2026-07-06)")
    assert credited.run("validate").stdout == "valid\n"
    assert credited.run("sla", "verify", "2026-06").code == 0
    again = credited.run(*ASKED, *WHY)
    assert (again.code, "is waived already" in again.stderr) == (4, True)
    found = customer_month(credited.store(), "hansol-plastics", "2026-06")
    assert found is not None
    assert {one.service: one.revision for one in found.services} == {"erp": 2, "internet": 1}


@in_both_stores
def test_a_waiver_holds_in_later_revisions_and_an_altered_one_is_found(credited: Bureau) -> None:
    for engineer in ("kim-minsu", "lee-jiwon"):
        credited.sit(engineer)
        assert credited.run(*ASKED, *WHY).code == 0
    hour = ("--from", "2026-06-11T10:30", "--to", "2026-06-11T11:00", "--evidence", "e", "--reason", "전원 작업")
    credited.run("exclude", "add", "hansol-plastics", *hour)
    approve = ("exclude", "approve", "hansol-plastics", "2026-06-11-exclusion")
    restate = ("sla", "restate", "2026-06", "hansol-plastics", "--reason", "정전이 늦게 확인되었습니다")
    for arguments in (approve, restate):
        for engineer in ("kim-minsu", "lee-jiwon"):
            credited.sit(engineer)
            assert credited.run(*arguments).code == 0
    found = customer_month(credited.store(), "hansol-plastics", "2026-06")
    assert found is not None
    assert (found.services[0].revision, found.services[0].credit.due) == (3, 0)
    credited.edit("waived/hansol-plastics/2026-06-erp-30000.yaml", "무상 점검", "무상 방문")
    told = credited.run("validate")
    assert (told.code, "the signature of kim-minsu does not hold" in told.stdout) == (2, True)


WRONG = [
    (("sla", "waive", "2026-06", "hansol-plastics", "internet", *WHY), "no credit of 2026-06 is due for internet", 4),
    (("sla", "waive", "2026-05", "hansol-plastics", "erp", *WHY), "2026-05 of erp is not closed", 2),
    (("sla", "waive", "2026-06", "hansol-plastics", "erpp", *WHY), 'write "erp"', 2),
    ((*ASKED, "--reason", "x"), "a waiver needs a reason and evidence", 2),
]


@pytest.mark.parametrize(("arguments", "told", "code"), WRONG)
def test_what_cannot_be_waived_is_told(credited: Bureau, arguments: tuple[str, ...], told: str, code: int) -> None:
    outcome = credited.run(*arguments)
    assert (outcome.code, told in outcome.stderr) == (code, True), outcome.stderr
    assert not (credited.root / "waived").exists()


def test_a_waiver_covers_no_more_than_the_customer_gave_up(credited: Bureau) -> None:
    for engineer in ("kim-minsu", "lee-jiwon"):
        credited.sit(engineer)
        assert credited.run(*ASKED, *WHY).code == 0
    late = credited.root.parent / "late.csv"
    outage = "hansol-plastics,db,2026-06-16T00:00:00+09:00,2026-06-19T00:00:00+09:00,DOWN"
    late.write_text(f"customer,check,from,to,state\n{outage}\n", encoding="utf-8")
    assert credited.run("sla", "import", late).code == 0
    for engineer in ("kim-minsu", "lee-jiwon"):
        credited.sit(engineer)
        restated = credited.run(
            "sla", "restate", "2026-06", "hansol-plastics", "--reason", "수집기의 기록이 늦게 왔습니다"
        )
        assert restated.code == 0, restated.stderr
    due = bill(credited)["credits"]
    assert due > 30_000
    report = credited.run("report", "hansol-plastics", "--month", "2026-06", "--json")
    (last,) = json.loads(report.stdout)["corrections"][-1:]
    assert ("0", str(due)) in {(one["before"], one["after"]) for one in last["changes"] if one["what"] == "credit"}
    assert credited.run("sla", "verify", "2026-06").code == 0
    for engineer in ("kim-minsu", "lee-jiwon"):
        credited.sit(engineer)
        again = credited.run(*ASKED, "--reason", "추가 점검으로 대신합니다", "--evidence", "메일 2026-07-20")
        assert again.code == 0, again.stderr
    assert bill(credited)["credits"] == 0
    assert "추가 점검으로 대신합니다" in credited.run("sla", "credits", "2026-06", "--language", "ko").stdout
    assert credited.run("sla", "verify", "2026-06").code == 0
    assert credited.run("validate").stdout == "valid\n"
