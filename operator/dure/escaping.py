"""Text from people and machines as a terminal may show it: what would move the cursor or forge a line is escaped."""

import unicodedata

HIDDEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
"""Unicode's categories of control, format (bidirectional controls among them), surrogate, line and paragraph."""
JOINER = "\u200d"
"""Holds the parts of one emoji together; moves and hides nothing."""


def escaped(text: str, keep: str = "") -> str:
    r"""The text with each character of HIDDEN written as `\n`, `\x1b` or `\u202e`; those of `keep` stay."""
    if text.isprintable():
        return text
    return "".join(_python(one) if _hides(one) and one not in keep else one for one in text)


def escaped_json(document: str) -> str:
    r"""A JSON document with such characters as `\uXXXX`, which readers of JSON turn back; line breaks stay."""
    if document.isprintable():
        return document
    return "".join(_json(one) if _hides(one) and one != "\n" else one for one in document)


def _hides(one: str) -> bool:
    return not one.isprintable() and one != JOINER and unicodedata.category(one) in HIDDEN


def _python(one: str) -> str:
    return repr(one)[1:-1]


def _json(one: str) -> str:
    units = one.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[at : at + 2].hex()}" for at in range(0, len(units), 2))
