"""The report's value: golden, there and back, and every number on page one follows from a service."""

import json
import os
from fractions import Fraction

import pytest
from dure.errors import UsageError
from dure.report.build import report_of
from dure.report.data import Headline, Report, report_from_json
from dure.report.parts import Figure
from dure.report.table import COLUMNS, csv_of
from dure.text.cells import as_text

from tests.unit.report.months import DATA, bare_month, history, source

GOLDEN = DATA / "october.json"


def test_the_report_is_the_golden_one(report: Report) -> None:
    if os.environ.get("DURE_GOLDEN") == "write":
        GOLDEN.write_text(report.as_json(), encoding="utf-8")
    assert report.as_json() == GOLDEN.read_text(encoding="utf-8")


def test_json_holds_all_of_it(report: Report) -> None:
    again = report_from_json(report.as_json(), "x.json")
    assert again == report
    assert again.digest() == report.digest()


def test_a_report_that_was_kept_before_engineers_had_english_names_can_be_read(report: Report) -> None:
    kept = json.loads(report.as_json())
    kept["closed_by"] = kept["closed_by"]["ko"]
    for service in kept["services"]:
        for row in service["exclusions"]:
            row["approvers"] = [one["ko"] for one in row["approvers"]]
    assert report_from_json(json.dumps(kept), "x.json") == report


def test_page_one_follows_from_the_services(report: Report) -> None:
    front, services = report.front, report.services
    bad = sum(Fraction(one.bad) for one in services)
    known = sum(one.seconds.ast - one.seconds.unknown for one in services)
    assert front.now.availability == Figure.of(1 - bad / known)
    assert front.now.incidents == sum(row.counted > 0 and not row.carried for one in services for row in one.outages)
    assert front.now.met == sum(one.verdict == "MET" for one in services)
    assert report.bill.credits == sum(one.credit.due for one in services) == 28_000
    assert report.bill.total == report.bill.supply + report.bill.vat == 706_200
    assert front.now.lost == sum(one.counted for one in front.happened) + 30 * 60 + 12 * 60
    for decision in front.decisions:
        assert decision.total == decision.supply + decision.vat == decision.supply * 11 // 10
    assert front.proof == report.care.restores[-1]
    assert all(one.explain == f"operator sla explain gaon-machinery {one.id} 2026-10" for one in services)


def test_services_that_stop_together_cost_the_time_once(report: Report) -> None:
    together = next(one for one in report.front.happened if len(one.services) == 2)
    assert together.counted == 72 * 60
    assert report.front.now.lost < sum(one.seconds.down for one in report.services)


def test_what_did_not_count_says_why(report: Report) -> None:
    by_id = {one.id: one for one in report.services}
    overrun = next(one for one in by_id["groupware"].outages if one.left_out)
    assert (overrun.down, overrun.counted, overrun.left_out) == (4500, 2700, ("maintenance",))
    evening, power = by_id["erp"].outages
    assert (evening.down, evening.counted, evening.left_out) == (3300, 1800, ("out_of_hours",))
    assert (power.down, power.counted, power.left_out) == (3600, 0, ("excluded",))


def test_a_total_is_a_sum_of_seconds_and_no_mean_of_percentages(report: Report) -> None:
    shown = [Fraction(one.availability.exact) for one in report.services if one.availability]
    assert report.front.now.availability != Figure.of(sum(shown) / len(shown))


def test_an_empty_month_has_a_headline_too() -> None:
    bare = report_of(bare_month())
    assert bare.front.headline is Headline.MET
    assert bare.front.before is None
    assert history()[0].previous is None


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (('"credits": 28000', '"credits": 27000'), "the bill does not add up"),
        (('"shown": "99.811"', '"shown": "99.812"'), "is not printed as 99.812"),
        (('"month": "2026-10"', '"month": 2026'), "valid string"),
        (('"made_up": true', '"made_up": true, "more": 1'), "extra inputs"),
    ],
)
def test_a_kept_report_that_was_changed_is_refused_in_one_line(
    report: Report, change: tuple[str, str], why: str
) -> None:
    text = report.as_json()
    assert change[0] in text
    with pytest.raises(UsageError) as caught:
        report_from_json(text.replace(*change), "kept.json")
    assert why in caught.value.line()
    assert caught.value.line().startswith("kept.json is no report")
    assert "\n" not in caught.value.line()


def test_the_table_has_a_row_a_service_and_no_formula(report: Report) -> None:
    lines = csv_of(report, "ko").removeprefix("\ufeff").splitlines()
    assert lines[0] == ",".join(COLUMNS)
    assert len(lines) == 1 + len(report.services)
    groupware = dict(zip(COLUMNS, lines[3].split(","), strict=True))
    assert groupware["availability_percent"] == "99.620"
    assert groupware["down_seconds"] == "10140"
    assert groupware["verdict"] == "BREACHED"
    assert as_text("=1+1") == "'=1+1"


def test_the_same_source_makes_the_same_digest_and_another_note_another(report: Report) -> None:
    given = source()
    assert report_of(given).digest() == report.digest()
    changed = given.notes.model_copy(update={"recommendations": []})
    assert report_of(type(given)(given.month, given.history, changed, given.msp, given.style)).digest() != (
        report.digest()
    )
