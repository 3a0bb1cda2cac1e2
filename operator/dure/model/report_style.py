"""reports/style.yaml: how the MSP's reports look, what they say besides, and whom to ask. All of it may be absent."""

import base64
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field

from dure.model.document import Document, read_document
from dure.model.explain import parse
from dure.model.fields import Email, Phone, refuse
from dure.model.msp import Strict
from dure.model.problem import Problem, WorkspaceInvalid
from dure.model.text import absent, leads_out, read_bytes
from dure.model.words import Words

DIRECTORY = "reports"
FILE = f"{DIRECTORY}/style.yaml"
ACCENT = "#0b5c8a"
LEAST_CONTRAST = 4.5
LOGO_BYTES = 200 * 1024
LOGO_TYPES = {".png": ("image/png", b"\x89PNG\r\n\x1a\n"), ".jpg": ("image/jpeg", b"\xff\xd8\xff")}


def luminance(colour: str) -> float:
    """Relative luminance of #rrggbb, 0 black to 1 white (WCAG 2)."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Contrast of two colours, 1 to 21 (WCAG 2)."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def check_colour(text: str) -> str:
    if not re.fullmatch(r"#[0-9a-fA-F]{6}", text):
        refuse(f'"{text[:20]}" is not a colour', "a colour is # and six hexadecimal digits", f'write "{ACCENT}"')
    if contrast(text, "#ffffff") < LEAST_CONTRAST:
        why = f"on white its contrast is {contrast(text, '#ffffff'):.1f} and text needs {LEAST_CONTRAST}"
        refuse(f"{text} is too pale", why, "write a darker one")
    return text.lower()


def check_logo(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*\.(png|jpg)", text):
        why = "a logo is a PNG or JPEG file that lies beside style.yaml"
        refuse(
            f'"{text[:60]}" cannot be the logo', why, f"write its name, such as logo.png, and put it into {DIRECTORY}/"
        )
    return text


class ReportContact(Strict):
    """The person whom the customer asks."""

    name: Words = Field(description="The person's name.")
    role: Words | None = Field(default=None, description="Such as 담당 엔지니어.")
    phone: Phone = Field(description="Direct number.")
    email: Email | None = Field(default=None, description="E-mail address.")


class ReportStyle(Strict):
    """reports/style.yaml."""

    logo: Annotated[str, AfterValidator(check_logo)] | None = Field(default=None, description="File beside this one.")
    accent: Annotated[str, AfterValidator(check_colour)] = Field(
        default=ACCENT, description="Colour of headings and lines, dark enough to be read on white."
    )
    greeting: Words | None = Field(default=None, description="A sentence above the verdict.")
    closing: Words | None = Field(default=None, description="A sentence at the end, such as how to complain.")
    contact: ReportContact | None = Field(default=None, description="Whom customers ask; the support number if absent.")


@dataclass(frozen=True, slots=True)
class LoadedStyle:
    """The style, and the logo as a data URI; empty without one."""

    style: ReportStyle
    logo: str


def load_report_style(root: Path) -> LoadedStyle:
    """The workspace's report style, or the default. Raises WorkspaceInvalid with every problem."""
    file = root / FILE
    if absent(file):
        return LoadedStyle(ReportStyle(), "")
    document = read_document(root, file)
    if document.data is None:
        raise WorkspaceInvalid(document.problems)
    style, problems = parse(ReportStyle, document)
    logo: str | Problem = ""
    if style is not None and style.logo is not None:
        logo = _logo(root, style.logo, document)
    if isinstance(logo, Problem):
        problems = [*problems, logo]
    if style is None or problems or document.problems or isinstance(logo, Problem):
        raise WorkspaceInvalid(document.problems + problems)
    return LoadedStyle(style, logo)


def _logo(root: Path, name: str, document: Document) -> str | Problem:
    shown = f"{DIRECTORY}/{name}"
    file = root / DIRECTORY / name
    outside = leads_out(shown, root, file)
    if outside is not None:
        return document.problem(("logo",), outside.what, outside.why, outside.mend)
    raw = read_bytes(shown, file, LOGO_BYTES)
    if isinstance(raw, Problem):
        return document.problem(("logo",), f"the logo {shown} is not there", raw.why, raw.mend)
    kind, magic = LOGO_TYPES[Path(name).suffix]
    if not raw.startswith(magic):
        why = f"its first bytes are not those of {kind}"
        return document.problem(("logo",), f"{shown} is no picture of its name", why, "export it again as PNG")
    return f"data:{kind};base64,{base64.b64encode(raw).decode()}"
