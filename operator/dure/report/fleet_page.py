"""The fleet's report as HTML and PDF."""

import hashlib

from dure.report.files import Format
from dure.report.fleet import FleetReport, fleet_csv
from dure.report.page import Wording, environment
from dure.text.writing import Language

ZONE = "Asia/Seoul"


def fleet_html(report: FleetReport, language: Language, accent: str, *, screen: bool = True) -> str:
    """One file, like a customer's report."""
    wording = Wording(language, ZONE)
    page: str = (
        environment()
        .get_template("fleet.html.j2")
        .render(report=report, w=wording, t=wording.t, screen=screen, language=language, accent=accent)
    )
    return page.strip() + "\n"


def rendered_fleet(report: FleetReport, language: Language, form: Format, accent: str) -> bytes:
    """The fleet's report in that form. Raises PdfUnavailable."""
    if form == "json":
        return report.as_json().encode()
    if form == "csv":
        return fleet_csv(report, language).encode()
    if form == "html":
        return fleet_html(report, language, accent).encode()
    from dure.report.pdf import pdf_of

    stamp = hashlib.sha256(report.as_json().encode()).hexdigest().encode()
    return pdf_of(fleet_html(report, language, accent, screen=False), stamp)
