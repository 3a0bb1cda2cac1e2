"""Columns that keep long JSON small."""

from collections.abc import Callable

import pytest
from dure.store.packed import MARK, PackedJson, PackedText, pack, unpack
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.dialects import sqlite

DIALECT = sqlite.dialect()


@given(st.text(max_size=2000).filter(lambda text: not text.startswith(MARK)))
def test_what_goes_in_comes_out(text: str) -> None:
    assert unpack(pack(text)) == text


@pytest.mark.parametrize("value", [{}, {"a": 1}, {"서비스": ["전자결재"] * 100}])
def test_an_object_is_the_same_whether_it_was_worth_packing_or_not(value: dict[str, object]) -> None:
    column = PackedJson()
    kept = column.process_bind_param(value, DIALECT)  # type: ignore[arg-type]  # JSON
    assert column.process_result_value(kept, DIALECT) == value
    assert column.process_result_value(value, DIALECT) == value, "as an earlier version wrote it"


def test_a_repeated_text_takes_a_fraction() -> None:
    text = '{"end":1783319566,"service":"internet","start":1783319421},' * 200
    assert len(pack(text)) < len(text) / 20


@pytest.mark.parametrize(
    "spoil", [lambda text: text[:-8] + "zzzzzzz=", lambda text: text + "1", lambda text: text[:-4]]
)
def test_a_damaged_one_is_no_json_and_no_digest_fits_it(spoil: Callable[[str], str]) -> None:
    damaged = spoil(pack("".join(map(chr, range(200, 700)))))
    with pytest.raises(ValueError, match="cannot be read"):
        PackedJson().process_result_value(damaged, DIALECT)
    assert PackedText().process_result_value(damaged, DIALECT) == damaged
