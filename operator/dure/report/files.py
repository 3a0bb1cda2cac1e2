"""Reports as files: written whole or not at all, and left alone when what is there says the same already."""

import contextlib
import hashlib
import os
from functools import cache
from pathlib import Path
from typing import Literal

from dure import VERSION
from dure.errors import DureError
from dure.report.data import Report
from dure.report.page import TEMPLATES, html
from dure.report.table import csv_of
from dure.text.writing import Language

Format = Literal["html", "pdf", "json", "csv"]
HEAD = 4096
"""Bytes of a page in which its stamp stands."""
PACKAGE = Path(__file__).parents[1]


@cache
def making() -> str:
    """A digest of what reports are made with, so that new templates and sentences make new reports."""
    sheet = hashlib.sha256(VERSION.encode())
    files = [*TEMPLATES.iterdir(), *(PACKAGE / "report").glob("*.py"), *(PACKAGE / "text").glob("*.py")]
    for file in sorted(files):
        sheet.update(file.read_bytes())
    return sheet.hexdigest()


def stamp_of(digest: str, language: Language, form: Format) -> str:
    """What a file with that content would be stamped with; `digest` is that of the report's value."""
    return hashlib.sha256(f"{digest} {language} {form} {making()}".encode()).hexdigest()


def rendered(report: Report, language: Language, form: Format) -> bytes:
    """The report in that form. Raises PdfUnavailable."""
    if form == "json":
        return report.as_json().encode()
    if form == "csv":
        return csv_of(report, language).encode()
    stamp = stamp_of(report.digest(), language, form)
    if form == "html":
        return html(report, language, stamp=stamp).encode()
    from dure.report.pdf import pdf

    return pdf(report, language, stamp.encode())


def write_report(report: Report, language: Language, form: Format, file: Path) -> bool:
    """Write the file unless it is current; True when it was written. Raises DureError when it cannot be."""
    if is_current(report, language, form, file):
        return False
    write_whole(file, rendered(report, language, form))
    return True


def is_current(report: Report, language: Language, form: Format, file: Path) -> bool:
    """The file is there, whole, and says what the report says."""
    if not file.is_file():
        return False
    raw = file.read_bytes()
    if form in ("json", "csv"):
        return raw == rendered(report, language, form)
    stamp = stamp_of(report.digest(), language, form).encode()
    if form == "html":
        return stamp in raw[:HEAD] and raw.endswith(b"</html>\n")
    return stamp in raw and raw.endswith(b"%%EOF\n")


def write_whole(file: Path, content: bytes) -> None:
    """Beside it first, then renamed: a reader never sees half a file. Raises DureError."""
    beside = file.with_name(f".{file.name}.{os.getpid()}.part")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        beside.write_bytes(content)
        beside.replace(file)
    except OSError as error:
        with contextlib.suppress(OSError):
            beside.unlink(missing_ok=True)
        raise DureError(
            f"{file} cannot be written",
            why=(error.strerror or "the system refused").lower(),
            mend="give another place with --output",
        ) from error


def file_name(customer: str, month: str, language: Language, form: Format) -> str:
    """gaon-machinery-2026-10.ko.pdf."""
    return f"{customer}-{month}.{language}.{form}"
