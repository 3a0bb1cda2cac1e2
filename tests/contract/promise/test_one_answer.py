"""A report and its indicators give one answer: when an outage was noticed, whose fault it was, what was promised."""

import json
from typing import Any

from dure.store.promise.months import customer_month

from tests.contract.promise.conftest import Bureau
from tests.contract.promise.test_records import example

CUSTOMER = "hansol-plastics"
REPORT = ("report", CUSTOMER, "--month", "2026-06")
NOTE = """\
incidents:
  - service: erp
    start: 2026-06-11T10:30
    cause: { ko: 디스크 고장, en: a broken disk }
    acknowledged: 2026-06-11T10:40
"""


def noted(bureau: Bureau) -> None:
    file = bureau.root / "reports" / CUSTOMER / "2026-06.yaml"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(NOTE, encoding="utf-8")


def close(bureau: Bureau) -> None:
    found = bureau.run("sla", "close", "2026-06", CUSTOMER)
    assert found.code == 0, found.stderr


def page(bureau: Bureau, language: str = "ko") -> str:
    return bureau.run(*REPORT, "--language", language, "--output", "-").stdout


def outage(bureau: Bureau) -> tuple[dict[str, Any], dict[str, Any]]:
    """The report, and the first outage of the ERP in it."""
    told = json.loads(bureau.run(*REPORT, "--json").stdout)
    service = next(one for one in told["services"] if one["id"] == "erp")
    return told, service["outages"][0]


def test_the_moment_of_notice_is_that_of_the_indicator_with_its_ticket(june: Bureau) -> None:
    june.run("import", "tickets", example(june, "tickets.csv"))
    noted(june)
    close(june)
    told, first = outage(june)
    assert first["detected"] - first["start"] == 4 * 60, "the outage began at 10:30, the ticket came at 10:34"
    assert told["means"]["detect"] == 4 * 60
    assert next(one for one in told["indicators"] if one["key"] == "mttd")["value"] == "4"
    assert told["means"]["acknowledge"] == 6 * 60
    shown = page(june)
    assert "4분 만에 감지했습니다" in shown
    assert "감지한 지 6분 만에 담당자가 맡았습니다" in shown


def test_who_took_on_an_outage_that_nobody_recorded_noticing_is_told_from_its_start(june: Bureau) -> None:
    noted(june)
    close(june)
    assert outage(june)[1]["detected"] is None
    assert "시작된 지 10분 만에 담당자가 맡았습니다" in page(june)


def test_the_customer_reads_the_name_of_the_service_that_was_the_cause(june: Bureau) -> None:
    late = june.root.parent / "line.csv"
    rows = f"{CUSTOMER},line,2026-06-11T10:29:00+09:00,2026-06-11T12:35:00+09:00,DOWN\n"
    late.write_text(f"customer,check,from,to,state\n{rows}", encoding="utf-8")
    assert june.run("sla", "import", late).code == 0
    close(june)
    assert outage(june)[1]["root"] == "internet"
    shown = page(june)
    assert "원인: 인터넷 회선 쪽 장애" in shown
    assert "internet 쪽" not in shown
    assert "Cause: a failure at internet line" in page(june, "en")


def test_the_availability_of_all_services_is_held_to_what_their_contract_promises(june: Bureau) -> None:
    file = f"customers/{CUSTOMER}.yaml"
    june.edit(file, "      fee: 300000", '      target: "98.0"\n      fee: 300000')
    june.edit(file, 'target: "99.0"', 'target: "97.5"')
    close(june)
    month = customer_month(june.store(), CUSTOMER, "2026-06")
    assert month is not None
    found = next(one for one in month.indicators if one.indicator.key == "availability")
    assert found.target is not None
    assert (float(found.target), found.verdict) == (97.5, "met")
