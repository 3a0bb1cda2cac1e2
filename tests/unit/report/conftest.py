"""The report that most tests read, made once."""

import pytest
from dure.report.data import Report
from dure.report.page import html

from tests.unit.report.months import october


@pytest.fixture(scope="session")
def report() -> Report:
    return october()


@pytest.fixture(scope="session", params=["ko", "en"])
def language(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="session")
def page(report: Report, language: str) -> str:
    return html(report, "ko" if language == "ko" else "en")
