"""Chromium without a window: pictures of pages, and what they measure of themselves at a width."""

import html
import json
import subprocess
import tempfile
from pathlib import Path
from typing import cast

CHROMIUM = (
    "chromium",
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--hide-scrollbars",
    "--host-resolver-rules=MAP * ~NOTFOUND",
)
SECONDS = 60
# Elements whose text is wider than they are, except those that are hidden on purpose.
MEASURE = """
addEventListener("load", () => {
  const page = document.querySelector("iframe").contentDocument;
  const wide = [...page.querySelectorAll("body, body *:not(svg):not(svg *)")].filter(
    one => one.clientWidth > 1 && one.scrollWidth > one.clientWidth + 1 && !one.closest(".hidden, .skip, thead"));
  const said = wide.map(one => one.tagName + " " + one.scrollWidth + ">" + one.clientWidth + " " +
    one.textContent.trim().slice(0, 60));
  const width = page.documentElement.scrollWidth, height = page.documentElement.scrollHeight;
  const cards = page.defaultView.getComputedStyle(page.querySelector(".fold tr")).display;
  document.body.innerHTML = "<pre>" + JSON.stringify({wide: said, width, height, cards}) + "</pre>";
});
"""


def framed(page: str, width: int, height: int, script: str = "") -> str:
    """The page in a frame of that width: a browser's own window cannot be as narrow as a phone."""
    frame = f'width="{width}" height="{height}" style="border:0;display:block"'
    return (
        f'<!DOCTYPE html><meta charset="utf-8"><body style="margin:0"><script>{script}</script>'
        f'<iframe {frame} srcdoc="{html.escape(page)}"></iframe>'
    )


def run(arguments: list[str], page: str) -> str:
    """Chromium's standard output for that page."""
    with tempfile.TemporaryDirectory() as place:
        file = Path(place) / "page.html"
        file.write_text(page, encoding="utf-8")
        command = [*CHROMIUM, f"--user-data-dir={place}/profile", *arguments, file.as_uri()]
        return subprocess.run(command, check=True, capture_output=True, text=True, timeout=SECONDS).stdout


def measured(page: str, width: int) -> dict[str, object]:
    """`wide`: elements that overflow; `width` and `height` of the document; `cards`: how a table's row is shown."""
    said = run(["--dump-dom", f"--window-size={max(width, 500)},1000"], framed(page, width, 1000, MEASURE))
    found = said.split("<pre>", 1)[1].split("</pre>", 1)[0]
    return cast("dict[str, object]", json.loads(html.unescape(found)))


def photographed(page: str, width: int, height: int, file: Path, *, dark: bool = False) -> None:
    """A picture of the page's top, `height` pixels of it."""
    look = ["--blink-settings=preferredColorScheme=0"] if dark else []
    size = [f"--window-size={max(width, 500)},{height}", f"--screenshot={file.absolute()}"]
    run([*look, *size], framed(page, width, height))
