"""How values are written: Korean and English, exact, and with the particle that the word asks for."""

import re
from datetime import date, datetime

import pytest
from dure.text import writing
from dure.text.writing import Language
from hypothesis import given
from hypothesis import strategies as st


@pytest.mark.parametrize(
    ("seconds", "korean", "english"),
    [
        (0, "0분", "0 min"),
        (45, "45초", "45 s"),
        (60, "1분", "1 min"),
        (4350, "1시간 12분 30초", "1 h 12 min 30 s"),
        (7200, "2시간", "2 h"),
        (3600 * 1234, "1,234시간", "1,234 h"),
    ],
)
def test_durations(seconds: int, korean: str, english: str) -> None:
    assert writing.duration(seconds, "ko") == korean
    assert writing.duration(seconds, "en").replace("\u00a0", " ") == english


@given(st.integers(min_value=0, max_value=10**7))
def test_a_duration_loses_no_second(seconds: int) -> None:
    units = {"시간": 3600, "분": 60, "초": 1}
    found = re.findall(r"([\d,]+)(시간|분|초)", writing.duration(seconds, "ko"))
    assert sum(int(count.replace(",", "")) * units[unit] for count, unit in found) == seconds


def test_money_and_dates() -> None:
    assert writing.won(300000, "ko") == "300,000원"
    assert writing.won(300000, "en") == "KRW\u00a0300,000"
    assert writing.day(date(2026, 10, 3), "ko") == "2026년 10월 3일 (토)"
    assert writing.day(date(2026, 10, 3), "en") == "Sat 3 October 2026"
    assert writing.month_name("2026-10", "ko") == "2026년 10월"
    assert writing.moment(datetime(2026, 10, 3, 14, 5), "ko") == "10월 3일 (토) 14:05"  # noqa: DTZ001 - a local clock
    assert writing.clock(datetime(2026, 10, 3, 14, 5, 9)) == "14:05:09"  # noqa: DTZ001 - a local clock


def test_a_period_within_a_day_says_the_day_once() -> None:
    start, end = writing.local(1_791_939_900, "Asia/Seoul"), writing.local(1_791_944_220, "Asia/Seoul")
    assert writing.period(start, end, "ko") == "10월 14일 (수) 10:05 ~ 11:17"
    assert writing.period(start, end, "en") == "Wed 14 October, 10:05 to 11:17"


@pytest.mark.parametrize(
    ("word", "subject", "aim"),
    [
        ("그룹웨어", "그룹웨어가", "그룹웨어로"),
        ("메일", "메일이", "메일로"),
        ("화상회의 방", "화상회의 방이", "화상회의 방으로"),
        ("ERP", "ERP가", "ERP로"),
        ("99.5", "99.5가", "99.5로"),
        ("90", "90이", "90으로"),
        ("97", "97이", "97로"),
    ],
)
def test_particles_follow_the_word_as_it_is_read(word: str, subject: str, aim: str) -> None:
    assert writing.with_particle(word, "이", "가") == subject
    assert writing.towards(word) == aim


@pytest.mark.parametrize(
    ("words", "language", "said"),
    [(["a"], "en", "a"), (["a", "b", "c"], "en", "a, b and c"), (["가", "나"], "ko", "가, 나"), ([], "en", "")],
)
def test_lists(words: list[str], language: Language, said: str) -> None:
    assert writing.listed(words, language) == said


@pytest.mark.parametrize(("count", "said"), [(512, "512 B"), (48_312, "48.3 KB"), (2_417_664, "2.4 MB")])
def test_sizes(count: int, said: str) -> None:
    assert writing.size(count) == said


@pytest.mark.parametrize("word", ["Slack이", "file이", "Notion이", "table이", "PLM이", "ERP가", "Drive가", "Teams가"])
def test_a_particle_follows_an_english_word_as_it_is_read(word: str) -> None:
    assert writing.with_particle(word[:-1], "이", "가") == word
