"""Holiday calendars: dated files that never change, made from the holidays package and overrides."""

import json
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from dure.errors import UsageError
from dure.model.calendar_making import made, main, make, overrides_of, source_days
from dure.model.holiday_calendar import (
    FILES,
    as_text,
    latest_calendar,
    load_calendar,
    read_calendar,
    revisions,
    with_overrides,
)
from dure.sla.hours import business_hours, open_seconds
from dure.sla.intervals import length
from dure.sla.periods import month

SEOUL = ZoneInfo("Asia/Seoul")
YEARS = (2024, 2025, 2026, 2027)


def agreed_seconds(revision: str, number: int) -> int:
    """Mondays to Fridays, 09:00 to 18:00, less the calendar's days."""
    year = int(revision[3:7])
    return length(open_seconds(business_hours(load_calendar(revision).days), month(year, number, SEOUL), SEOUL))


@pytest.mark.parametrize(
    ("revision", "number", "days"),
    [("KR-2026.r1", 2, 17), ("KR-2026.r1", 3, 21), ("KR-2025.r1", 1, 18), ("KR-2026.r1", 5, 18)],
    ids=["G18 Seollal", "G19 substitute day", "G20 temporary holiday", "G21 Labour Day"],
)
def test_the_worked_months_have_their_days(revision: str, number: int, days: int) -> None:
    assert agreed_seconds(revision, number) == days * 9 * 3600


@pytest.mark.parametrize("year", YEARS)
def test_the_newest_revision_is_what_the_command_makes_today(year: int) -> None:
    newest = revisions("KR", year)[-1]
    assert made("KR", year, 1).days == read_calendar(newest).days, "run python -m dure.model.calendar_making KR YEAR"


@pytest.mark.parametrize("path", sorted(FILES.glob("KR-*.json")), ids=lambda path: path.stem)
def test_a_file_says_what_it_is_and_where_it_comes_from(path: Path) -> None:
    calendar = read_calendar(path.stem)
    assert calendar.revision == path.stem
    assert calendar.source.package == "holidays"
    assert calendar.source.command in ("python -m dure.model.calendar_making KR " + path.stem[3:7],)
    assert as_text(calendar) == path.read_text("utf-8")
    assert all(one.date.year == calendar.year for one in calendar.days)


@pytest.mark.parametrize("year", YEARS)
def test_companies_close_on_labour_day_in_every_year(year: int) -> None:
    assert date(year, 5, 1) in latest_calendar("KR", year).days


def test_labour_day_is_a_day_of_banks_while_it_is_no_public_holiday() -> None:
    days = {one.date: one for one in read_calendar("KR-2025.r1").days}
    assert days[date(2025, 5, 1)].category == "bank"
    assert days[date(2025, 1, 27)].category == "public"


def test_a_temporary_holiday_makes_a_new_revision_and_the_old_one_stays(tmp_path: Path) -> None:
    assert make("KR", 2026, tmp_path) == "KR-2026.r1"
    before = (tmp_path / "KR-2026.r1.json").read_bytes()
    assert make("KR", 2026, tmp_path) is None
    override = {"date": "2026-06-05", "change": "add", "ko": "임시공휴일", "en": "Temporary", "category": "public"}
    (tmp_path / "overrides-KR.json").write_text(json.dumps([{**override, "why": "decree"}]), "utf-8")
    assert make("KR", 2026, tmp_path) == "KR-2026.r2"
    assert (tmp_path / "KR-2026.r1.json").read_bytes() == before
    added = latest_calendar("KR", 2026, tmp_path).days - load_calendar("KR-2026.r1", tmp_path).days
    assert added == {date(2026, 6, 5)}
    assert overrides_of("KR", 2026, tmp_path)[0].why == "decree"
    (tmp_path / "overrides-KR.json").write_text(
        json.dumps([{**override, "date": "2026-07-17", "change": "remove", "why": "decree"}]), "utf-8"
    )
    assert make("KR", 2026, tmp_path) == "KR-2026.r3"
    assert date(2026, 7, 17) not in latest_calendar("KR", 2026, tmp_path).days


def test_the_tenth_revision_follows_the_ninth(tmp_path: Path) -> None:
    text = as_text(made("KR", 2026, 1))
    for number in (1, 2, 9, 10):
        (tmp_path / f"KR-2026.r{number}.json").write_text(text, "utf-8")
    assert revisions("KR", 2026, tmp_path)[-1] == "KR-2026.r10"


def test_an_override_of_a_day_that_is_there_changes_nothing() -> None:
    days = source_days("KR", 2025)
    assert with_overrides(days, overrides_of("KR", 2025)) == days


@pytest.mark.parametrize(
    ("revision", "expected"),
    [
        ("KR-2026.r9", r'no calendar "KR-2026.r9", because no such file.*write KR-2026.r1'),
        ("KR-1999.r1", "no such file"),
        ("2026", "it is written COUNTRY-YEAR.rN"),
        ("../../etc/passwd", "it is written COUNTRY-YEAR.rN"),
    ],
)
def test_a_revision_that_is_missing_is_told_with_the_nearest(revision: str, expected: str) -> None:
    with pytest.raises(UsageError, match=expected):
        load_calendar(revision)


def test_a_damaged_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "KR-2026.r1.json").write_text('{"revision": "KR-2026.r1"', "utf-8")
    with pytest.raises(UsageError, match=r"KR-2026\.r1\.json is damaged"):
        load_calendar("KR-2026.r1", tmp_path)


def test_the_command_says_what_it_did(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["KR", "2026"]) == 0
    assert capsys.readouterr().out == "KR-2026: unchanged\n"
    assert main(["KR"]) == 2
    assert main(["QQ", "2026"]) == 2
    assert "there are no holidays of QQ" in capsys.readouterr().err
