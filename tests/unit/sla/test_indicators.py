"""The thirty indicators: data/indicators.json has what is given and what must come out."""

import json
from collections.abc import Callable
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from dure.sla.faults import BadRule, SlaError
from dure.sla.indicators import desk, incident, measured, opinion, protection, use
from dure.sla.indicators.catalogue import CATALOGUE, CONTRACTUAL, Category, Tier, checked_selection, indicator
from dure.sla.indicators.measure import Measure, rate
from dure.sla.mttx import Course
from dure.sla.ratio import Ratio

Json = dict[str, Any]
ROWS: list[Json] = json.loads((Path(__file__).parent / "data/indicators.json").read_text("utf-8"))


def figures(given: Json) -> list[Ratio]:
    return [Ratio(Fraction(one["down"]), one["known"], one["ast"], None, None, None, None) for one in given["figures"]]


def troubles(given: Json) -> list[incident.Trouble]:
    return [
        incident.Trouble(Course(one["start"], one["detect"], restore=one["restore"]), one["severity"], one["cause"])
        for one in given["incidents"]
    ]


def tickets(given: Json) -> list[desk.Ticket]:
    return [
        desk.Ticket(**{**one, "pauses": tuple(tuple(pause) for pause in one.get("pauses", ()))})
        for one in given["tickets"]
    ]


def pairs(rows: list[list[int]]) -> tuple[tuple[int, int], ...]:
    return tuple((start, end) for start, end in rows)


def reports(given: Json) -> Measure:
    rows = [(year, month, day and date.fromisoformat(day)) for year, month, day in given["deliveries"]]
    return desk.report_on_time(rows, {date.fromisoformat(day) for day in given["holidays"]})


def survey(given: Json, items: int) -> Measure:
    return opinion.opinion(opinion.Survey(given["asked"], tuple(tuple(one) for one in given["answers"])), items)


COMPUTE: dict[int, Callable[[Json], Measure]] = {
    1: lambda given: measured.availability(figures(given)),
    2: lambda given: measured.availability(figures(given)),
    3: lambda given: measured.availability(figures(given)),
    4: lambda given: measured.response_in_time(given["latencies"], given["limit"]),
    5: lambda given: incident.severe_incidents(troubles(given), tuple(given["period"])),
    6: lambda given: incident.repeat_rate(troubles(given), tuple(given["period"])),
    7: lambda given: incident.mean_time_to_detect(troubles(given), tuple(given["period"])),
    8: lambda given: incident.restored_in_time(
        troubles(given), {int(key): one for key, one in given["limits"].items()}, tuple(given["period"]), given["now"]
    ),
    9: lambda given: protection.backup_compliance(given["successful"], given["planned"]),
    10: lambda given: protection.restore_tests(
        [protection.RestoreTest(**one) for one in given["tests"]], tuple(given["year"])
    ),
    11: lambda given: protection.patched_in_time(
        {host: [protection.CriticalPatch(**one) for one in rows] for host, rows in given["hosts"].items()},
        tuple(given["period"]),
    ),
    12: lambda given: (
        protection.endpoint_days([tuple(one) for one in given["days"]])
        if "days" in given
        else protection.endpoint_protection([protection.Endpoint(*one) for one in given["hosts"]], given["now"])
    ),
    13: lambda given: protection.conformity(given["drifted"], given["managed"]),
    14: lambda given: protection.renewed_in_time(
        [protection.Expiry(*one) for one in given["expiries"]], tuple(given["period"])
    ),
    15: lambda given: measured.coverage(figures(given)),
    16: lambda given: incident.change_success(
        [incident.Change(one["at"], one["rolled_back"], tuple(one["incidents"])) for one in given["changes"]],
        tuple(given["period"]),
    ),
    17: lambda given: desk.first_response_in_time(
        tickets(given), pairs(given["hours"]), tuple(given["period"]), given["now"]
    ),
    18: lambda given: desk.request_in_time(tickets(given), pairs(given["hours"]), tuple(given["period"]), given["now"]),
    19: lambda given: desk.first_contact_resolution(tickets(given), tuple(given["period"])),
    20: lambda given: desk.reopen_rate(tickets(given), tuple(given["period"])),
    21: lambda given: desk.maintenance_done([desk.PlannedWork(*one) for one in given["works"]]),
    22: reports,
    23: lambda given: desk.advice_carried_out(given["closed"], given["agreed"]),
    24: lambda given: desk.automation_governance(
        [desk.GovernedRun(*(letter != "-" for letter in one)) for one in given["runs"]]
    ),
    25: lambda given: survey(given, opinion.QUALITY_ITEMS),
    26: lambda given: survey(given, opinion.QUALITY_ITEMS),
    27: lambda given: survey(given, 1),
    28: lambda given: use.utilisation(given["last"], given["now"]),
    30: lambda given: survey(given, opinion.INTENTION_ITEMS),
}


@pytest.mark.parametrize("row", [row for row in ROWS if row["indicator"] != 29], ids=lambda row: row["name"])
def test_an_indicator_is_computed_exactly(row: Json) -> None:
    found = COMPUTE[row["indicator"]](row["given"])
    assert found.value == (None if row["value"] is None else Fraction(row["value"]))
    assert found.part == row.get("part", found.part)
    assert found.whole == row.get("whole", found.whole)
    assert found.lacking == row.get("lacking")


@pytest.mark.parametrize("row", [row for row in ROWS if row["indicator"] == 29], ids=lambda row: row["name"])
def test_the_net_benefit_has_a_range(row: Json) -> None:
    axes = {axis: use.Benefit(*one) for axis, one in row["given"]["axes"].items()}
    found = use.net_benefit(axes, row["given"]["spent"])
    assert (found and [str(found.low), str(found.likely), str(found.high)]) == row["value"]


def test_every_indicator_has_a_worked_row() -> None:
    assert {row["indicator"] for row in ROWS} == {one.number for one in CATALOGUE} == set(range(1, 31))


def test_the_protected_floor_is_that_of_the_method() -> None:
    assert {one.number for one in CATALOGUE if one.protected} == {1, 2, 8, 9, 10, 11, 12, 15, 18, 24, 27}
    assert indicator("request").targets[2] == "99"


BASIC = ["availability", "backup", "request", "information", "satisfaction", "utilisation"]


def test_a_selection_that_fits_its_tier_is_taken() -> None:
    assert [one.number for one in checked_selection(BASIC, Tier.BASIC)] == [1, 9, 18, 25, 27, 28]
    assert CONTRACTUAL[Tier.PREMIUM] == (10, 12)


@pytest.mark.parametrize(
    ("keys", "tier", "reason"),
    [
        (BASIC[:4], Tier.BASIC, "basic has 5 to 7"),
        (BASIC, Tier.STANDARD, "standard has 8 to 10"),
        ([*BASIC, "backup"], Tier.BASIC, "twice"),
        ([*BASIC[:5], "link"], Tier.BASIC, Category.USE.value),
    ],
)
def test_a_selection_that_does_not_fit_is_refused(keys: list[str], tier: Tier, reason: str) -> None:
    with pytest.raises(BadRule, match=reason):
        checked_selection(keys, tier)


def test_more_successes_than_plans_are_a_fault_of_the_data() -> None:
    with pytest.raises(SlaError, match="5 of 4"):
        rate(5, 4)


@pytest.mark.parametrize(("asked", "answers"), [(1, ((3,), (4,))), (5, ((6,),)), (5, ((0,),))])
def test_a_survey_that_cannot_be_is_refused(asked: int, answers: tuple[tuple[int, ...], ...]) -> None:
    with pytest.raises(SlaError):
        opinion.Survey(asked, answers)
