"""What a browser makes of a page: its elements, its texts and where they point."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = {"meta", "br", "img", "path", "use", "circle", "polyline", "link", "input"}
BLOCKS = {"td", "th", "br", "p", "li", "h1", "h2", "h3", "h4"}
POINTERS = ("src", "href", "xlink:href", "srcset", "data", "action", "poster")


@dataclass
class Element:
    tag: str
    attributes: dict[str, str]
    parents: tuple[str, ...]
    text: str = ""


@dataclass
class Outline(HTMLParser):
    """Elements in their order, each with all text inside it."""

    elements: list[Element] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()
        self.open: list[Element] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = Element(tag, {key: value or "" for key, value in attrs}, tuple(one.tag for one in self.open))
        self.elements.append(found)
        if tag in BLOCKS:
            self.handle_data(" ")
        if tag not in VOID:
            self.open.append(found)

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID:
            return
        last = self.open.pop()
        assert last.tag == tag, f"</{tag}> closes <{last.tag}>"

    def handle_data(self, data: str) -> None:
        for one in self.open:
            one.text += data

    def all(self, *tags: str) -> list[Element]:
        return [one for one in self.elements if one.tag in tags]


def outline(page: str) -> Outline:
    found = Outline()
    found.feed(page)
    assert not found.open
    return found
