"""Cases of low utilisation over time: when they open, when they close, and what never happens."""

import json
from datetime import date
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from dure.sla.faults import SlaError
from dure.sla.low_use import ServiceMonth, measure_again, month_after, use_cases
from dure.sla.utilisation import LOW, Cause, UsageMonth
from hypothesis import given
from hypothesis import strategies as st

ROWS: list[dict[str, Any]] = json.loads((Path(__file__).parent / "data/low_use.json").read_text("utf-8"))


def service_month(month: str, entitled: int, acted: int, action: str = "") -> ServiceMonth:
    return ServiceMonth(month, UsageMonth(entitled, acted), action=date.fromisoformat(action) if action else None)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["name"])
def test_a_case_opens_and_closes_by_the_rules(row: dict[str, Any]) -> None:
    found = use_cases([service_month(*one) for one in reversed(row["months"])])
    assert [[one.opened, one.opening.name, one.closed] for one in found] == row["cases"]


def test_a_cause_found_later_belongs_to_the_case_that_is_open() -> None:
    months = [service_month("2026-01", 20, 9), service_month("2026-02", 20, 9, "2026-03-05")]
    months.append(ServiceMonth("2026-03", UsageMonth(20, 9), Cause.STAFF))
    [case] = use_cases(months)
    assert (case.cause, case.action, measure_again(case)) == (Cause.STAFF, date(2026, 3, 5), "2026-05")


def test_a_month_twice_is_refused() -> None:
    with pytest.raises(SlaError, match="2026-01 stands twice"):
        use_cases([service_month("2026-01", 20, 9), service_month("2026-01", 20, 8)])


@st.composite
def pasts(draw: st.DrawFn) -> list[ServiceMonth]:
    month, found = "2025-10", []
    for _ in range(draw(st.integers(0, 14))):
        entitled = draw(st.integers(0, 12))
        action = draw(st.booleans())
        day = date.fromisoformat(f"{month}-15") if action else None
        found.append(ServiceMonth(month, UsageMonth(entitled, draw(st.integers(0, entitled))), action=day))
        for _ in range(draw(st.sampled_from([1, 1, 1, 2]))):
            month = month_after(month)
    return found


@given(pasts(), st.randoms())
def test_cases_follow_one_another_and_order_changes_nothing(months: list[ServiceMonth], source: Any) -> None:
    found = use_cases(months)
    shuffled = [*months]
    source.shuffle(shuffled)
    assert use_cases(shuffled) == found
    assert all(not one.is_open for one in found[:-1])
    for before, after in pairwise(found):
        assert before.closed is not None
        assert before.closed <= after.opened
    shares = {one.month: one.use.share for one in months}
    for one in found:
        assert shares[one.opened] is not None
        if one.closed is not None:
            assert one.opened < one.closed
            assert (shares[one.closed] or Fraction(0)) >= LOW


@given(pasts())
def test_a_later_month_never_undoes_what_has_opened_or_closed(months: list[ServiceMonth]) -> None:
    earlier = use_cases(months[:-1])
    later = use_cases(months)
    assert [one.opened for one in later][: len(earlier)] == [one.opened for one in earlier]
    assert [one.closed for one in earlier if one.closed] == [one.closed for one in later][
        : sum(one.closed is not None for one in earlier)
    ]
