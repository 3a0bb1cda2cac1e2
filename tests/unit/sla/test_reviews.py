"""Retire, promote, tighten, never met; and services that nobody uses."""

import json
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from dure.sla.indicators.catalogue import Better, Category
from dure.sla.promotion import (
    Candidate,
    Swap,
    information,
    may_provider_retire,
    may_retarget,
    normalised,
    ranked,
    score,
    swaps,
)
from dure.sla.ratio import from_percent
from dure.sla.review import MonthResult, Stage, Standing, headroom, review
from dure.sla.utilisation import (
    BASELINE_UNUSED,
    Grade,
    Opening,
    UsageMonth,
    cause_due,
    grade,
    may_close,
    opening,
    shown_counts,
)

Json = dict[str, Any]
ROWS: list[Json] = json.loads((Path(__file__).parent / "data/reviews.json").read_text("utf-8"))
DAY = 86400


def month(value: str | None, row: Json, number: int) -> MonthResult:
    target, better = Fraction(row["target"]), row.get("better", "higher")
    exact = None if value is None else Fraction(value)
    met = None if exact is None else (exact >= target if better == "higher" else exact <= target)
    return MonthResult(
        None if exact is None else exact / 100,
        met,
        from_percent(row.get("coverage", "100")),
        row.get("tagged") == number,
    )


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["name"])
def test_a_review_proposes_by_the_rules(row: Json) -> None:
    standing = Standing(
        stage=Stage(row["stage"]),
        better=Better(row.get("better", "higher")),
        target=from_percent(row["target"]),
        best=from_percent(row.get("best", "100")),
        protected=row.get("protected", False),
        months=tuple(month(value, row, number) for number, value in enumerate(row["months"])),
    )
    highest = from_percent(row.get("admissible", "99.99"))
    found = review(standing, lambda target: target <= highest)
    assert found.step.value == row["step"], found.reason
    assert found.target == (from_percent(row["new"]) if "new" in row else None)
    assert found.reason


def test_headroom_is_nothing_at_the_target_and_one_at_the_best() -> None:
    for target, best, better in ((95, 100, Better.HIGHER), (10, 2, Better.LOWER)):
        assert headroom(Fraction(target), Fraction(target), Fraction(best), better) == 0
        assert headroom(Fraction(best), Fraction(target), Fraction(best), better) == 1
    assert headroom(Fraction(1), Fraction(0), Fraction(0), Better.COUNT) == 0


def candidate(key: str, category: Category, miss: int = 20, coverage: int = 100, link: int = 0) -> Candidate:
    zero = Fraction(0)
    return Candidate(key, category, Fraction(miss, 100), Fraction(link, 100), zero, zero, Fraction(coverage, 100))


def test_what_some_but_not_all_miss_tells_most() -> None:
    shares = (0, 2, 5, 20, 40, 70, 100)
    assert [information(Fraction(one, 100)) for one in shares] == [0, Fraction(2, 5), 1, 1, 1, Fraction(1, 2), 0]
    half = Fraction(1, 2)
    assert score(Candidate("a", Category.SYSTEM, Fraction(1, 5), half, half, half, Fraction(1))) == Fraction(7, 10)


def test_candidates_are_ranked_and_those_measured_too_little_are_left_out() -> None:
    rows = [candidate("b", Category.SYSTEM), candidate("a", Category.SYSTEM), candidate("c", Category.USE, link=10),
            candidate("d", Category.USE, coverage=94, link=100)]  # fmt: skip
    assert [one.key for one in ranked(rows)] == ["c", "a", "b"]


def test_a_quarter_has_two_swaps_and_no_category_loses_its_last() -> None:
    active = {
        "mttd": Category.SYSTEM, "change": Category.SYSTEM, "incidents": Category.SYSTEM, "utilisation": Category.USE,
    }  # fmt: skip
    waiting = [candidate("response", Category.SYSTEM, link=50), candidate("benefit", Category.USE)]
    assert swaps(["utilisation", "mttd", "change"], active, waiting) == (
        Swap("utilisation", "benefit"),
        Swap("mttd", "response"),
    )
    assert swaps(["utilisation"], active, waiting[:1]) == ()
    assert swaps(["mttd"], active, []) == (Swap("mttd", None),)


def test_the_provider_does_not_retire_what_it_missed() -> None:
    met, missed = MonthResult(Fraction(1), True, Fraction(1)), MonthResult(Fraction(0), False, Fraction(1))
    assert not may_provider_retire([missed, *[met] * 5])
    assert may_provider_retire([missed, *[met] * 6])
    assert may_retarget(customer_consents=True, retirement_this_quarter=False)
    assert not may_retarget(customer_consents=True, retirement_this_quarter=True)
    assert not may_retarget(customer_consents=False, retirement_this_quarter=False)


def test_weights_sum_to_one_inside_each_category() -> None:
    categories = {
        "a": Category.SYSTEM,
        "b": Category.SYSTEM,
        "c": Category.USE,
        "d": Category.SERVICE,
        "e": Category.SERVICE,
    }
    given = {"a": Fraction(3), "b": Fraction(1), "c": Fraction(7), "d": Fraction(0), "e": Fraction(0)}
    half = Fraction(1, 2)
    assert normalised(given, categories) == {"a": Fraction(3, 4), "b": Fraction(1, 4), "c": 1, "d": half, "e": half}


def usage(*shares: tuple[int, int]) -> list[UsageMonth]:
    return [UsageMonth(entitled, acted) for entitled, acted in shares]


@pytest.mark.parametrize(
    ("months", "expected"),
    [
        ([(10, 4), (10, 4)], Opening.LOW),
        ([(10, 5), (10, 4)], None),
        ([(10, 4)], None),
        ([(10, 9), (10, 7)], Opening.FELL),
        ([(100, 90), (100, 71)], None),
        ([(4, 4), (4, 2)], None),
        ([(5, 5), (5, 4)], Opening.FELL),
        ([(2, 0), (2, 0)], None),
    ],
)
def test_a_case_of_low_utilisation_opens_by_the_rules(months: list[tuple[int, int]], expected: Opening | None) -> None:
    assert opening(usage(*months)) is expected


def test_a_case_closes_after_two_full_months_of_use() -> None:
    before = UsageMonth(10, 9)
    assert not may_close(before, usage((10, 9)), Opening.LOW)
    assert may_close(before, usage((10, 1), (10, 5)), Opening.LOW)
    assert not may_close(before, usage((10, 9), (10, 4)), Opening.LOW)
    assert not may_close(before, usage((10, 9), (10, 7)), Opening.FELL)
    assert may_close(before, usage((10, 9), (10, 8)), Opening.FELL)
    assert not may_close(before, usage((2, 2), (2, 2)), Opening.LOW)


def test_the_cause_is_due_in_ten_business_days() -> None:
    seollal = [date(2026, 2, 16), date(2026, 2, 17), date(2026, 2, 18)]
    assert cause_due(date(2026, 2, 9), seollal) == date(2026, 2, 26)
    assert cause_due(date(2026, 2, 9), []) == date(2026, 2, 23)


def test_people_are_graded_by_what_they_did_and_small_counts_are_hidden() -> None:
    now = 100 * DAY
    assert grade([now - DAY * one for one in range(8)], now) is Grade.HABITUAL
    assert grade([now - 60 * one for one in range(8)], now) is Grade.ACTIVE
    assert grade([now - 30 * DAY], now) is Grade.DORMANT
    assert grade([now + 1], now) is Grade.NEVER
    assert shown_counts([Grade.ACTIVE] * 3 + [Grade.NEVER] * 2) == {
        Grade.HABITUAL: 0, Grade.ACTIVE: 3, Grade.DORMANT: 0, Grade.NEVER: None,
    }  # fmt: skip
    assert Fraction("21.3") / 100 == BASELINE_UNUSED
