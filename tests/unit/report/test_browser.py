"""A real browser shows the report on a phone and a desk: nothing is wider than its box."""

import pytest
from dure.report.build import report_of
from dure.report.data import Report
from dure.report.fleet_page import fleet_html
from dure.report.page import html
from dure.text.writing import LANGUAGES, Language

from tests.unit.report.browser import measured
from tests.unit.report.corrected import corrected_october
from tests.unit.report.months import first_month
from tests.unit.report.test_fleet import fleet


@pytest.mark.parametrize(("width", "cards"), [(390, "block"), (1280, "table-row")])
def test_no_text_overflows_its_box(page: str, width: int, cards: str) -> None:
    found = measured(page, width)
    assert found["wide"] == []
    assert found["width"] == width
    assert found["cards"] == cards


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("language", LANGUAGES)
def test_what_a_revision_corrected_fits_phone_and_desk(language: Language, width: int) -> None:
    assert measured(html(corrected_october(), language), width)["wide"] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_first_month_fits_a_phone(language: Language) -> None:
    found = measured(html(report_of(first_month()), language), 390)
    assert (found["wide"], found["width"]) == ([], 390)


def test_the_browser_would_notice_a_box_that_is_too_narrow(page: str) -> None:
    broken = page.replace("</style>", ".verdict { white-space: nowrap; }</style>")
    assert measured(broken, 390)["wide"] != []


def test_the_fleets_page_fits_a_phone_too() -> None:
    assert measured(fleet_html(fleet(), "en", "#0b5c8a"), 390)["wide"] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_hours_minutes_and_seconds_fit_a_narrow_phone(report: Report, language: Language) -> None:
    long = report.front.now.model_copy(update={"lost": 54 * 3600 + 54 * 60 + 40})
    front = report.front.model_copy(update={"now": long, "before": long})
    found = measured(html(report.model_copy(update={"front": front}), language), 360)
    assert (found["wide"], found["width"]) == ([], 360)
