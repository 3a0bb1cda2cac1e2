"""Months, hours, holidays and arriving samples: civil time in the contract's zone."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from dure.sla.checks import CheckRule, Mode, check_timeline
from dure.sla.faults import SlaError
from dure.sla.hours import WeeklyHours, business_hours, clock, open_seconds
from dure.sla.intake import Fate, admit
from dure.sla.intervals import length
from dure.sla.periods import business_day, days_in_month, midnight, month, parsed_month
from dure.sla.records import Beginning, span_records
from dure.sla.samples import Sample, distinct, provisional_from
from dure.sla.states import State
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.sla.examples import tried

SEOUL, NEW_YORK = ZoneInfo("Asia/Seoul"), ZoneInfo("America/New_York")


def test_a_month_is_a_civil_month_of_the_contract() -> None:
    assert month(2026, 6, SEOUL) == (1_780_239_600, 1_782_831_600)
    assert [length((month(2026, number, SEOUL),)) // 86400 for number in (2, 4, 12)] == [28, 30, 31]
    march, november = month(2026, 3, NEW_YORK), month(2026, 11, NEW_YORK)
    assert length((march,)) == 31 * 86400 - 3600
    assert length((november,)) == 30 * 86400 + 3600


@tried
@given(st.integers(1970, 2100), st.integers(1, 12), st.sampled_from([SEOUL, NEW_YORK, ZoneInfo("Europe/Berlin")]))
def test_months_follow_each_other_without_hole_or_overlap(year: int, number: int, zone: ZoneInfo) -> None:
    following = month(year + number // 12, number % 12 + 1, zone)
    assert month(year, number, zone)[1] == following[0]
    assert datetime.fromtimestamp(following[0], zone).day == 1
    assert 28 <= days_in_month(year, number) <= 31


@pytest.mark.parametrize("text", ["2026-13", "2026-0", "26-06", "2026-06-01", "", "0001-01", "9999-12", "２０２６-06"])
def test_what_is_no_month_is_refused(text: str) -> None:
    with pytest.raises(SlaError):
        parsed_month(text)


def ast(year: int, number: int, holidays: set[date]) -> int:
    return length(open_seconds(business_hours(holidays), month(year, number, SEOUL), SEOUL))


def test_g20_a_temporary_holiday_changes_the_agreed_time() -> None:
    without = {date(2025, 1, 1), date(2025, 1, 28), date(2025, 1, 29), date(2025, 1, 30)}
    assert ast(2025, 1, without) == 615_600
    assert ast(2025, 1, without | {date(2025, 1, 27)}) == 583_200


def test_g21_labour_day_changes_the_agreed_time() -> None:
    public = {date(2026, 5, 5), date(2026, 5, 25)}
    assert ast(2026, 5, public) == 615_600
    assert ast(2026, 5, public | {date(2026, 5, 1)}) == 583_200


def test_a_day_may_open_or_close_by_exception() -> None:
    weekly = business_hours()
    special = {date(2026, 6, 6): ((36_000, 39_600),), date(2026, 6, 8): ()}  # a Saturday, a Monday
    hours = WeeklyHours(weekly.days, weekly.open, weekly.holidays, special)
    assert (
        length(open_seconds(hours, (midnight(date(2026, 6, 6), SEOUL), midnight(date(2026, 6, 9), SEOUL)), SEOUL))
        == 3600
    )


def test_the_day_that_a_clock_turns_has_its_true_length() -> None:
    hours = WeeklyHours(frozenset(range(7)), ((0, 86_400),))
    for day, seconds in ((date(2026, 3, 8), 23 * 3600), (date(2026, 11, 1), 25 * 3600), (date(2026, 6, 1), 24 * 3600)):
        following = date(day.year, day.month, day.day + 1)
        period = midnight(day, NEW_YORK), midnight(following, NEW_YORK)
        assert length(open_seconds(hours, period, NEW_YORK)) == seconds


@pytest.mark.parametrize("text", ["9:00", "25:00", "24:01", "12:60", "1200", "", "aa:bb", "１２:00", "-1:00"])
def test_what_is_no_time_of_day_is_refused(text: str) -> None:
    with pytest.raises(SlaError):
        clock(text)


def test_business_days_skip_weekends_and_holidays() -> None:
    assert clock("24:00") == 86_400
    seollal = {date(2026, 2, 16), date(2026, 2, 17), date(2026, 2, 18)}
    assert business_day(2026, 2, 11, seollal) == date(2026, 2, 19)
    assert business_day(2026, 11, 3, set()) == date(2026, 11, 4)


@pytest.mark.parametrize(
    ("sample", "received", "options", "fate", "ts"),
    [
        (1000, 1000, {}, Fate.KEPT, 1000),
        (1120, 1000, {}, Fate.KEPT, 1120),
        (1121, 1000, {}, Fate.QUARANTINED, 1121),
        (1005, 1005, {"skew": 5}, Fate.KEPT, 1005),
        (1006, 1000, {"skew": 6}, Fate.CORRECTED, 1000),
        (4600, 1000, {"skew": 3600}, Fate.CORRECTED, 1000),
        (4601, 1000, {"skew": 3601}, Fate.QUARANTINED, 4601),
        (900, 1000, {"skew": -100}, Fate.CORRECTED, 1000),
        (999, 1000, {"created": 1000}, Fate.DROPPED, 999),
        (999, 5000, {"frozen_until": 1000}, Fate.LEDGER, 999),
        (1000, 5000, {"frozen_until": 1000}, Fate.KEPT, 1000),
    ],
)
def test_a_sample_is_admitted_by_its_clock(
    sample: int, received: int, options: dict[str, int], fate: Fate, ts: int
) -> None:
    found = admit(Sample(sample, State.UP), received, **options)
    assert (found.fate, found.sample.ts) == (fate, ts)


def test_samples_that_disagree_are_counted() -> None:
    rows = [Sample(0, State.UP), Sample(0, State.DOWN), Sample(0, State.UP), Sample(60, State.UP), Sample(60, State.UP)]
    assert distinct(rows) == ((Sample(0, State.DOWN), Sample(60, State.UP)), 1)


def test_a_span_is_kept_with_its_samples_and_what_began_it() -> None:
    letters = {"U": State.UP, "D": State.DOWN}
    samples = [Sample(60 * number, letters[one]) for number, one in enumerate("UUDDUU")]
    found = check_timeline(samples, CheckRule(mode=Mode.PUSH), [], 900)
    assert [(one.start, one.end, one.samples, one.beginning) for one in span_records(found, samples * 2)] == [
        (0, 120, 2, Beginning.SAMPLE),
        (120, 240, 2, Beginning.OUTAGE),
        (240, 360, 2, Beginning.SAMPLE),
        (360, 900, 0, Beginning.SILENCE),
    ]


def test_what_lies_within_the_hold_before_now_is_provisional() -> None:
    assert provisional_from(1000, 60) == 850
    assert provisional_from(1000, 1) == 998
