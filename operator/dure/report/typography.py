"""Korean lines break between words. Browsers do so by `word-break: keep-all`; WeasyPrint does not know it."""

import re

WORD_JOINER = "\u2060"
PIECE = re.compile(r"(<(?:style|svg|title|script)\b.*?</(?:style|svg|title|script)>|<[^>]*>)", re.DOTALL)
INSIDE_A_WORD = re.compile(r"(?<=[^\s\u2060])(?=[가-힣])|(?<=[가-힣])(?=[^\s\u2060])")


def joined(page: str) -> str:
    """The page with every Korean word held together by word joiners, which neither show nor are copied."""
    pieces = PIECE.split(page)
    return "".join(
        piece if number % 2 else INSIDE_A_WORD.sub(WORD_JOINER, piece) for number, piece in enumerate(pieces)
    )
