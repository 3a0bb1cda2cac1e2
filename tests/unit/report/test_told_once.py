"""What a page tells agrees with itself: sums, shares, names."""

from datetime import date

from dure.model.words import WordPair
from dure.report.data import Headline, Report
from dure.report.page import Wording, html, verdict_sentence
from dure.report.parts import ChangeRow
from dure.runs.promise.facts import shares_in_turn
from dure.sla.intervals import Interval, intersection, length, union
from hypothesis import given
from hypothesis import strategies as st

PARTS = st.lists(st.tuples(st.integers(0, 90), st.integers(1, 30)).map(lambda one: (one[0], sum(one))), max_size=6)


def words(report: Report, language: str = "ko") -> Wording:
    return Wording("en" if language == "en" else "ko", report.zone, report.month)


@given(mask=PARTS, parts=PARTS)
def test_parts_that_overlap_are_told_with_what_they_bring_together(mask: list[Interval], parts: list[Interval]) -> None:
    whole = union(mask)
    assert sum(shares_in_turn(whole, sorted(parts))) == length(intersection(whole, union(parts)))


def test_the_first_of_two_windows_has_the_hours_that_both_have() -> None:
    assert list(shares_in_turn(((0, 100),), [(10, 20), (15, 30), (18, 25)])) == [10, 10, 0]


def test_degraded_seconds_that_count_in_part_are_written_out(report: Report) -> None:
    one = report.services[0]
    seconds = one.seconds.model_copy(update={"down": 1052, "degraded": 800})
    weighed = one.model_copy(update={"seconds": seconds, "degraded_weight": "0.3", "bad": "1292"})
    sum_ = "장애 1,052초 + 저하 800초 × 계약의 가중치 0.3 = 1,292초"
    assert sum_ in html(report.model_copy(update={"services": (weighed, *report.services[1:])}), "ko")
    assert sum_ not in html(report, "ko")
    assert "= 1,052.7 s" in words(report, "en").weighed(weighed.model_copy(update={"bad": "10527/10"}))


def test_a_sentence_names_three_of_many_and_counts_the_rest(report: Report) -> None:
    names = tuple(WordPair(ko=f"서비스 {number}", en=f"service {number}") for number in range(1, 32))
    front = report.front.model_copy(update={"headline": Headline.BREACHED, "named": names})
    many = report.model_copy(update={"front": front})
    assert "서비스 1, 서비스 2, 서비스 3 외 28개가 약속한" in verdict_sentence(many, words(report))
    assert "service 1, service 2, service 3 and 28 more missed" in verdict_sentence(many, words(report, "en"))
    assert words(report).names(names[:4]) == "서비스 1, 서비스 2, 서비스 3, 서비스 4"


def test_a_changed_target_has_its_unit_and_the_names_of_who_agreed(report: Report) -> None:
    change = ChangeRow(
        indicator="incidents",
        step="tighten",
        before="3",
        after="2",
        unit="n/month",
        effective=date(2026, 10, 1),
        reason=WordPair(ko="여섯 달을 지켰습니다", en="kept for six months"),
        approved_by=(WordPair(ko="김가상", en="Kim Gasang"), WordPair(ko="이가상")),
    )
    changed = report.model_copy(update={"changes": (change,)})
    assert "목표를 3건에서 2건으로 강화했습니다" in html(changed, "ko")
    assert "(합의: 김가상, 이가상)" in html(changed, "ko")
    assert "agreed by Kim Gasang, 이가상" in html(changed, "en")


def test_an_interruption_outside_agreed_hours_is_not_told_as_ending_early(report: Report) -> None:
    happened = report.front.happened[0].model_copy(update={"lasted": 36000, "counted": 28800, "carried": False})
    front = report.front.model_copy(update={"happened": (happened,)})
    assert "10시간 동안" in html(report.model_copy(update={"front": front}), "ko")
    assert "그 가운데 약속한 시간은 8시간입니다" in html(report.model_copy(update={"front": front}), "ko")
