"""The PDF: its language, bookmarks and fonts, and Korean words that stay whole."""

import io
import re

import pytest
from dure.report.data import Report
from dure.report.files import rendered, stamp_of
from dure.report.fleet_page import rendered_fleet
from dure.report.fonts import BOLD, REGULAR
from dure.report.page import html
from dure.report.pdf import pdf_of
from dure.report.typography import WORD_JOINER, joined
from dure.text.report import TEXTS, text
from dure.text.writing import LANGUAGES
from fontTools.ttLib import TTFont
from pypdf import PdfReader
from pypdf.generic import Destination, DictionaryObject

from tests.unit.report.test_fleet import fleet


@pytest.fixture(scope="module")
def made(report: Report) -> bytes:
    return rendered(report, "ko", "pdf")


@pytest.fixture(scope="module")
def reader(made: bytes) -> PdfReader:
    return PdfReader(io.BytesIO(made))


def titles(outline: list[Destination | list[Destination]]) -> list[str]:
    found: list[str] = []
    for one in outline:
        found += titles(list(one)) if isinstance(one, list) else [str(one.title).replace(WORD_JOINER, "")]
    return found


def test_it_says_its_language_and_has_a_bookmark_for_every_part(reader: PdfReader, report: Report) -> None:
    assert reader.root_object["/Lang"] == "ko"
    found = titles(reader.outline)
    for key in ("figures-heading", "decisions-heading", "services-heading", "indicators-heading", "appendix-heading"):
        assert text(key, "ko") in found
    assert all(one.name.ko in found for one in report.services)


def test_an_english_report_and_a_fleet_s_say_their_language_too(report: Report) -> None:
    english = PdfReader(io.BytesIO(rendered(report, "en", "pdf")))
    assert english.root_object["/Lang"] == "en"
    for language in LANGUAGES:
        made = rendered_fleet(fleet(), language, "pdf", "#0b5c8a")
        assert PdfReader(io.BytesIO(made)).root_object["/Lang"] == language


def test_every_font_is_the_shipped_one_and_embedded(reader: PdfReader) -> None:
    names = set()
    for page in reader.pages:
        fonts = page["/Resources"]["/Font"]
        assert isinstance(fonts, DictionaryObject)
        for font in fonts.values():
            below = font.get_object()["/DescendantFonts"][0].get_object()
            assert "/FontFile2" in below["/FontDescriptor"].get_object()
            names.add(str(below["/BaseFont"]).split("+")[1])
    assert names == {"Nanum", "Nanum-Bold"}


def test_page_one_is_one_page_and_pages_are_numbered(reader: PdfReader) -> None:
    pages = [page.extract_text() for page in reader.pages]
    assert text("contact-heading", "ko") in pages[0]
    assert text("services-heading", "ko") in pages[1]
    assert all(f"{number} / {len(pages)}" in said for number, said in enumerate(pages, 1))


def test_a_note_stays_with_the_table_that_it_is_about(report: Report) -> None:
    style = re.findall(r"<style>.*?</style>", html(report, "ko", screen=False), re.DOTALL)
    table = "".join(f"<tr><th scope='row'>행</th><td>{number}</td></tr>" for number in range(8))
    torn = 0
    for height in range(200, 250, 2):
        before = f"<div style='height: {height}mm'></div><table class='fold'><tbody>{table}</tbody></table>"
        made = pdf_of(
            f"<html lang='ko'><head>{''.join(style)}</head><body>{before}<p class='note'>쪽지</p></body></html>", b""
        )
        pages = [page.extract_text().replace(WORD_JOINER, "") for page in PdfReader(io.BytesIO(made)).pages]
        torn += any("쪽지" in page and "행" not in page for page in pages)
    assert torn == 0


def test_no_korean_word_is_cut_at_the_end_of_a_line(reader: PdfReader) -> None:
    said = "\n".join(page.extract_text() for page in reader.pages)
    for cut in ("있습니\n다", "발급했\n습니다", "아니\n요", "교\n체"):
        assert cut not in said
    lines = said.replace(WORD_JOINER, "").splitlines()
    assert not [line for line in lines if re.fullmatch(r"(다|니다|습니다|요)\.?", line.strip())]


def test_korean_words_are_joined_and_markup_is_left_alone() -> None:
    page = '<title>두레 말</title><p class="가나">28,000원을 돌려</p>'
    done = joined(page)
    assert done.startswith('<title>두레 말</title><p class="가나">')
    assert f"000{WORD_JOINER}원{WORD_JOINER}을 돌{WORD_JOINER}려" in done
    assert joined(done) == done


@pytest.mark.parametrize("file", [REGULAR, BOLD], ids=lambda file: file.stem)
def test_the_font_has_every_sign_that_we_print(file: object) -> None:
    known = set(TTFont(file).getBestCmap()) | {0xA0}
    printed = {sign for pair in TEXTS.values() for one in pair for sign in one} | set("●▲◆○△■□·?")
    assert {sign for sign in printed if ord(sign) not in known} == set()
    assert {chr(code) for code in range(0xAC00, 0xD7A4) if code not in known} == set()


def test_a_pdf_carries_the_stamp_of_what_it_says(made: bytes, report: Report) -> None:
    assert stamp_of(report.digest(), "ko", "pdf").encode() in made
    assert made.endswith(b"%%EOF\n")
