"""`make pictures`: draw the example report for docs/pictures/, in a browser at phone and desk width and as PDF."""

import subprocess
import sys
import tempfile
from pathlib import Path

from dure.report.files import rendered
from dure.report.page import html
from dure.text.writing import LANGUAGES
from PIL import Image

from tests.unit.report.browser import photographed
from tests.unit.report.corrected import corrected_october
from tests.unit.report.months import october

PICTURES = Path(__file__).resolve().parents[1] / "docs" / "pictures"
COLOURS = 128
"""A page has few colours: a palette makes the files a third of their size."""


def save(picture: Path, name: str, width: int) -> None:
    """Cut to `width` pixels and keep as a small PNG."""
    with Image.open(picture) as whole:
        cut = whole.convert("RGB").crop((0, 0, min(width, whole.width), whole.height))
        cut.quantize(COLOURS).save(PICTURES / f"{name}.png", optimize=True)


def only_corrections(page: str) -> str:
    """The page with its head and what was corrected, without all that stands on it anyway."""
    start, rest = page.split('<main id="report">')
    section = '<section class="page" aria-labelledby="corrections">'
    return f"{start}<main>{section}{rest.split(section, 1)[1].split('</section>', 1)[0]}</section></main></body></html>"


def main() -> int:
    PICTURES.mkdir(parents=True, exist_ok=True)
    report = october()
    with tempfile.TemporaryDirectory() as place:
        shot = Path(place) / "shot.png"
        for language in LANGUAGES:
            page = html(report, language)
            photographed(page, 1280, 1750, shot)
            save(shot, f"report-desk-{language}", 1280)
            photographed(page, 390, 1900, shot)
            save(shot, f"report-phone-{language}", 390)
            photographed(only_corrections(html(corrected_october(), language)), 1280, 620, shot)
            save(shot, f"report-corrected-{language}", 1280)
            file = Path(place) / "report.pdf"
            file.write_bytes(rendered(report, language, "pdf"))
            draw = ["pdftoppm", "-r", "80", "-png", "-f", "1", "-l", "2", file, Path(place) / language]
            subprocess.run(draw, check=True)
            for number, sheet in enumerate(sorted(Path(place).glob(f"{language}-*.png")), 1):
                save(sheet, f"report-page-{number}-{language}", 10_000)
    for file in sorted(PICTURES.glob("*.png")):
        print(f"{file.stat().st_size / 1000:7.1f} kB  {file.relative_to(PICTURES.parents[1])}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
