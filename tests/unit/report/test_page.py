"""The page: what a reader, a screen reader and a browser without network get."""

import re
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from string import Formatter
from typing import Literal

import pytest
from dure.model.report_style import ReportStyle, contrast
from dure.model.words import WordPair
from dure.report.build import report_of
from dure.report.data import Report
from dure.report.fleet_page import fleet_html
from dure.report.page import TEMPLATES, html
from dure.sla.ratio import ratio
from dure.sla.verdict import verdict
from dure.store.promise.months import ServiceMonth
from dure.text.report import DETAIL, FLEET, FRONT, TEXTS, text
from dure.text.writing import LANGUAGES

from tests.unit.report.corrected import corrected_october
from tests.unit.report.months import MSP, bare_month, source
from tests.unit.report.outline import POINTERS, outline
from tests.unit.report.test_fleet import fleet

COLOUR = re.compile(r"--([a-z-]+): (#[0-9a-f]{6})")


def test_it_is_one_file_that_points_to_nothing_outside(page: str) -> None:
    for one in outline(page).elements:
        for pointer in POINTERS:
            value = one.attributes.get(pointer, "#")
            assert value.startswith(("#", "data:", "tel:", "mailto:")), (one.tag, value)
    assert "@import" not in page
    assert not re.findall(r"url\((?!#)", page)
    assert "<script" not in page


def test_every_id_stands_once_and_every_link_leads_somewhere(page: str) -> None:
    found = outline(page)
    ids = [one.attributes["id"] for one in found.elements if "id" in one.attributes]
    assert len(ids) == len(set(ids))
    for one in found.elements:
        for target in (one.attributes.get("href", ""), one.attributes.get("xlink:href", "")):
            if target.startswith("#"):
                assert target[1:] in ids
        for label in one.attributes.get("aria-labelledby", "").split():
            assert label in ids


def test_headings_go_down_step_by_step(page: str) -> None:
    levels = [int(one.tag[1]) for one in outline(page).all("h1", "h2", "h3", "h4")]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_of_a_later_revision_keeps_the_rules_of_all_pages(language: Literal["ko", "en"]) -> None:
    page = html(corrected_october(), language)
    test_every_id_stands_once_and_every_link_leads_somewhere(page)
    test_headings_go_down_step_by_step(page)
    test_every_table_has_headers_with_scope(page)


def test_every_table_has_headers_with_scope(page: str) -> None:
    found = outline(page)
    assert all(one.attributes.get("scope") in ("col", "row") for one in found.all("th"))
    rows = page.count("<tbody")
    assert rows == page.count("<table")
    assert all('scope="row"' in row for row in re.findall(r"<tr.*?</tr>", page, re.DOTALL) if "<td" in row)


def test_every_table_has_a_caption_of_its_own(page: str, language: str) -> None:
    fleet_page = fleet_html(fleet(), "ko" if language == "ko" else "en", "#0b5c8a")
    for one in (page, fleet_page):
        tables = re.findall(r"<table.*?</table>", one, re.DOTALL)
        captions = [re.findall(r"<caption>.*?>(.+?)</span></caption>", table) for table in tables]
        assert all(len(found) == 1 for found in captions), captions
        assert len({found[0] for found in captions}) == len(captions) > 2


def test_charts_know_the_language_of_their_words(page: str, language: str) -> None:
    charts = re.findall(r"<svg [^>]*>", page)
    drawn = [one for one in charts if 'class="spark"' not in one]
    assert drawn
    assert all(f'lang="{language}"' in one for one in drawn)
    assert (">Oct<" in page, "10월<" in page) == (language == "en", language == "ko")


def test_pictures_and_charts_say_in_words_what_they_show(report: Report, language: str) -> None:
    logo = report.look.model_copy(update={"logo": "data:image/png;base64,iVBORw0KGgo="})
    page = html(report.model_copy(update={"look": logo}), "ko" if language == "ko" else "en")
    found = outline(page)
    assert [one.attributes["alt"] for one in found.all("img")] == [text_of(report.provider.name, language)]
    assert all(one.attributes["aria-hidden"] == "true" for one in found.all("svg"))
    charts = [one for one in found.all("div") if one.attributes.get("role") == "img"]
    assert len(charts) == 1 + len(report.services)
    assert all("99." in one.attributes["aria-label"] for one in charts[1:])


def text_of(pair: WordPair, language: str) -> str:
    return pair.text(language)


def test_a_day_of_the_strip_is_told_by_sign_and_words_and_not_by_colour_alone(page: str, language: str) -> None:
    days = [one for one in outline(page).all("li") if "strip" not in one.attributes and one.parents[-1] == "ol"]
    down = [one.text for one in days if one.attributes["class"] == "down"]
    assert any(
        ("10월\u00a014일\u00a0(수): 장애 1시간 12분" if language == "ko" else "Wed 14 October") in one for one in down
    )
    assert all("▲" in one for one in down)
    assert all("●" in one.text for one in days if one.attributes["class"] == "up")


@pytest.mark.parametrize("sheet", ["report.css", "screen.css"])
def test_text_has_enough_contrast_in_light_and_in_dark(sheet: str) -> None:
    light = dict(COLOUR.findall((TEMPLATES / "report.css").read_text()))
    colours = light | dict(COLOUR.findall((TEMPLATES / sheet).read_text()))
    for ink in ("ink", "muted", "good", "bad", "open", "plain", "goal", "heading"):
        if ink in colours:
            assert contrast(colours[ink], colours["paper"]) >= 4.5, ink
    for kind in ("good", "bad", "open", "plain"):
        assert contrast(colours[kind], colours[f"{kind}-soft"]) >= 4.5, kind
        assert contrast(colours["ink"], colours[f"{kind}-soft"]) >= 4.5, kind


def test_korean_lines_break_between_words_and_the_page_knows_its_language(page: str, language: str) -> None:
    root = outline(page).all("html")[0]
    assert root.attributes["lang"] == language
    assert "word-break: keep-all" in page
    assert "prefers-color-scheme: dark" in page
    assert "@media print" in page


def test_an_english_reader_hears_korean_words_as_korean(report: Report) -> None:
    usage = report.usage[0].model_copy(update={"service": WordPair(ko="그룹웨어")})
    page = html(report.model_copy(update={"usage": (usage,)}), "en")
    assert '<span lang="ko">그룹웨어</span>' in page


def test_names_from_the_workspace_cannot_become_markup() -> None:
    given = source()
    evil = replace(given.month, name="<script>alert(1)</script>", name_en="")
    page = html(report_of(replace(given, month=evil)), "ko")
    assert "<script" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_page_one_says_what_an_owner_asks(report: Report) -> None:
    words = " ".join(outline(html(report, "ko")).all("section")[0].text.split())
    for said in (
        "그룹웨어와 메일이 약속한 수준에 미치지 못했습니다",
        "직원들이 일하지 못한 시간 3시간 31분 24분",
        "99.744% 99.955%",
        "‘2026년 3분기 견적서.xlsx’ (2.4 MB) 파일을 10월 19일 (월) 02:30 백업에서 41초 만에 되살렸고",
        "10월 14일 (수) 10:05부터 1시간 12분 동안 그룹웨어와 메일, 인터넷 회선이 멈췄습니다",
        "그 밖에 제외된 멈춤 1시간",
        "외부에서 시도한 로그인 1,284번을 모두 차단했습니다",
        "363,000원 공급가 330,000원 + 부가세 33,000원 2026년 11월 13일 (금) □ 예 □ 아니요",
        "월 49,500원",
        "도메인: gaon-machinery.example 2026년 12월 2일 (수) 31일 남음",
        "청구 금액 706,200원",
        "2026년 11월 17일 (화) 14:00, 정기 방문",
        "이지원 담당 엔지니어",
    ):
        assert said in words.replace("\xa0", " ").replace("  ", " "), said


def with_long_power_cut() -> Report:
    """October with a power cut of five hours, which the contract takes out."""
    given = source()
    services = []
    for one in given.month.services:
        if one.detail.exclusions:
            [cut] = one.detail.exclusions
            end = cut.start + 5 * 3600
            rows = tuple(
                replace(row, end=end, down=5 * 3600) if row.start == cut.start else row for row in one.detail.incidents
            )
            longer = replace(cut, end=end, counted=5 * 3600, reason="변전실 교체", approvers=("kim-minsu", "gone"))
            one = replace(one, detail=replace(one.detail, incidents=rows, exclusions=(longer,)))
        services.append(one)
    month = replace(given.month, services=tuple(services))
    return report_of(replace(given, month=month, engineers={"kim-minsu": WordPair(ko="김민수", en="Minsu Kim")}))


def test_the_longest_interruption_is_told_although_the_contract_takes_it_out() -> None:
    first = [outline(html(with_long_power_cut(), one)).all("section")[0].text for one in LANGUAGES]
    korean, english = (" ".join(words.split()) for words in first)
    assert re.search(r"부터 5시간 동안 [^.]{1,40} 멈췄습니다 \(계산에서 제외: 고객사 정전\)", korean)
    assert "그 밖에 제외된" not in korean, "there was no other"
    assert "down for 5 h (not counted: power cut at the customer's)" in english


def test_an_exclusion_has_its_reason_and_the_names_of_who_signed() -> None:
    page = html(with_long_power_cut(), "ko")
    assert "변전실 교체" in page
    assert "승인: 김민수, gone" in page, "who is no longer in operator.yaml keeps the id"
    assert "approved by Minsu Kim, gone" in html(with_long_power_cut(), "en")
    assert page.count('data-label="제외한 시간"') == 1


def test_a_part_without_data_says_so_in_a_sentence(language: str) -> None:
    page = html(report_of(bare_month()), "ko" if language == "ko" else "en")
    for key in (
        "no-before",
        "proof-none",
        "prevented-none",
        "decisions-none",
        "expiries-unknown",
        "visit-none",
        "strip-none",
        "trend-none",
        "patch-none",
        "backup-none",
        "indicators-none",
        "changes-unknown",
        "usage-none",
        "recommendations-none",
    ):
        assert text(key, "ko" if language == "ko" else "en") in page, key
    assert "None" not in page


def test_every_sentence_stands_in_both_languages_and_once() -> None:
    assert len(TEXTS) == len(FRONT) + len(DETAIL) + len(FLEET)
    for key, (korean, english) in TEXTS.items():
        fields = [{name for _, name, _, _ in Formatter().parse(one) if name} for one in (korean, english)]
        assert fields[0] == fields[1], key
        assert korean, key
        assert english, key


def test_korean_sentences_are_polite() -> None:
    for key, (korean, _) in TEXTS.items():
        for sentence in re.findall(r"[^.]*[가-힣]\.", korean):
            assert re.search(r"(니다|십시오)\.$", sentence), (key, sentence)


def test_the_msps_own_colour_and_sentences_show() -> None:
    given = source()
    style = ReportStyle(accent="#7a1f5c", greeting=WordPair(ko="늘 감사합니다.", en="Thank you."))
    page = html(report_of(replace(given, msp=MSP, style=replace(given.style, style=style))), "ko")
    assert "--accent: #7a1f5c" in page
    assert "늘 감사합니다." in page


def hardly_measured(one: ServiceMonth, measured: int, down: int, least: str) -> ServiceMonth:
    """Measured for so many seconds and down for some of them; `least` is the percent that the contract wants."""
    seconds = replace(one.seconds, up=measured - down, down=down, degraded=0, unknown=one.seconds.ast - measured)
    figures = ratio(seconds)
    found = verdict(figures, one.target, Fraction(least) / 100)
    detail = replace(one.detail, incidents=(), min_coverage=least)
    return replace(one, seconds=seconds, figures=figures, verdict=found, detail=detail)


def silent_page(measured: Callable[[int], int], down: int, language: Literal["ko", "en"], least: str = "95") -> str:
    """Page one of a month in which so much of each service's agreed seconds was measured."""
    given = source()
    services = tuple(hardly_measured(one, measured(one.seconds.ast), down, least) for one in given.month.services)
    page = html(report_of(replace(given, month=replace(given.month, services=services))), language)
    return page[page.index('class="glance"') : page.index('id="prevented"')]


@pytest.mark.parametrize(
    ("language", "absent", "share", "unsure"),
    [("ko", "알 수 없음", "측정 ", "알 수 없습니다"), ("en", "not known", "measured ", "Too little was measured")],
)
def test_a_month_that_was_hardly_measured_tells_neither_no_loss_nor_a_full_percentage(
    language: Literal["ko", "en"], absent: str, share: str, unsure: str
) -> None:
    page = silent_page(lambda _: 7200, 0, language)
    lost, available = re.findall(r'class="number big">(.*?)</td>', page)
    for cell in (lost, available):
        assert cell.startswith(f"{absent}<br><small>{share}"), cell
    assert unsure in page
    known = silent_page(lambda _: 7200, 600, language)
    lost, available = re.findall(r'class="number big">(.*?)</td>', known)
    assert lost.startswith("10" if language == "en" else "10분"), "what is known to be lost is told, with what it is of"
    assert share in lost
    assert available.startswith(absent)


@pytest.mark.parametrize(("percent", "least", "is_told"), [(90, "80", True), (96, "97", False), (96, "95", True)])
def test_how_much_must_be_measured_is_what_the_contract_says(percent: int, least: str, is_told: bool) -> None:
    page = silent_page(lambda agreed: agreed * percent // 100 + 1, 0, "en", least)
    lost, available = re.findall(r'class="number big">(.*?)</td>', page)
    assert (available == "100.000%") is is_told, available
    assert lost.startswith("not known<br>") is not is_told
    assert ("Too little was measured" in page) is not is_told


def test_a_month_of_which_too_little_was_measured_is_no_point_of_the_trend() -> None:
    given = source()
    last = given.history[-1]
    for least, count in (("80", len(given.history)), ("97", len(given.history) - 1)):
        services = tuple(hardly_measured(one, one.seconds.ast * 9 // 10, 0, least) for one in last.services)
        history = (*given.history[:-1], replace(last, services=services))
        report = report_of(replace(given, history=history))
        for one in report.services:
            assert sum(point.availability is not None for point in one.trend) == count
