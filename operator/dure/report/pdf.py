"""The report as PDF, by WeasyPrint from the same HTML, with the shipped font, bookmarks, page numbers and language."""

import logging
from functools import cache
from typing import TYPE_CHECKING

from dure.errors import DureError
from dure.report.data import Report
from dure.report.fonts import BOLD, REGULAR
from dure.report.page import html
from dure.report.typography import joined
from dure.text.writing import Language

if TYPE_CHECKING:
    from weasyprint.text.fonts import FontConfiguration

FACES = "".join(
    f'@font-face {{ font-family: "Nanum"; src: url("{file.as_uri()}"); font-weight: {weight}; }}\n'
    for file, weight in ((REGULAR, 400), (BOLD, 700))
)


class PdfUnavailable(DureError):
    """WeasyPrint's libraries are not on this machine."""


@cache
def _fonts() -> "FontConfiguration":
    from weasyprint.text.fonts import FontConfiguration

    return FontConfiguration()


def pdf(report: Report, language: Language, stamp: bytes) -> bytes:
    """The PDF file, with `stamp` (ASCII) as its identifier. Raises PdfUnavailable where pango is not installed."""
    return pdf_of(html(report, language, screen=False), stamp)


def pdf_of(page: str, stamp: bytes) -> bytes:
    """A page laid out on A4. Nothing is fetched: pictures are data URIs, and the fonts lie in the package."""
    try:
        import weasyprint
    except OSError as error:
        raise PdfUnavailable(
            "PDF cannot be written here",
            why="a library that WeasyPrint loads is missing",
            mend="apt-get install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0, or take --format html",
        ) from error
    logging.getLogger("weasyprint").setLevel(logging.ERROR)
    logging.getLogger("fontTools").setLevel(logging.ERROR)
    page = joined(page)
    sheet = weasyprint.CSS(string=FACES, font_config=_fonts())
    document = weasyprint.HTML(string=page, url_fetcher=_fetch)
    made: bytes = document.write_pdf(stylesheets=[sheet], font_config=_fonts(), pdf_tags=True, pdf_identifier=stamp)
    return made


def _fetch(url: str) -> object:
    """Only what lies in the page or the package."""
    from weasyprint import default_url_fetcher

    if not url.startswith("data:") and url not in (REGULAR.as_uri(), BOLD.as_uri()):
        raise ValueError(f"a report fetches nothing: {url}")
    return default_url_fetcher(url)
