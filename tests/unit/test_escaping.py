"""What is shown is what it looks like: nothing in a text moves the cursor, hides, or begins a line."""

import json
import unicodedata

import pytest
from dure.escaping import HIDDEN, escaped, escaped_json
from hypothesis import given
from hypothesis import strategies as st

ANY_TEXT = st.text(st.characters(exclude_categories=()))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("지운 파일을 되살림", "지운 파일을 되살림"),
        ("a\nb\r\x1b[31m", r"a\nb\r\x1b[31m"),
        ("a\u202eb\u2028c\u200bd", r"a\u202eb\u2028c\u200bd"),
        ("a\x9bb", r"a\x9bb"),
        ("\udcff", r"\udcff"),
        ("👩\u200d🔧 수리", "👩\u200d🔧 수리"),
        ("한\u3000글\u00a0", "한\u3000글\u00a0"),
    ],
)
def test_only_what_hides_or_moves_is_escaped(text: str, shown: str) -> None:
    assert escaped(text) == shown


@given(ANY_TEXT)
def test_no_text_reaches_a_terminal_with_anything_that_hides(text: str) -> None:
    assert not [one for one in escaped(text) if unicodedata.category(one) in HIDDEN and one != "\u200d"]
    assert len(escaped(text).splitlines()) <= 1


@given(ANY_TEXT)
def test_json_stays_the_same_value(text: str) -> None:
    document = escaped_json(json.dumps({"text": text}, ensure_ascii=False, indent=2))
    assert json.loads(document) == {"text": text}
    assert not [one for one in document if unicodedata.category(one) in HIDDEN and one not in "\u200d\n"]
