"""Reading YAML: any bytes become data or problems, never a traceback and never an object of another kind."""

import os
import time
from pathlib import Path

import pytest
import yaml
from dure.model.customer import Customer
from dure.model.document import parse_document, plain_scalar, read_document
from dure.model.explain import parse
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import JsonValue

ALPHABET = "abc: -[]{}&*!<>|'\"#?,\n\t\\0129.~한글é%@`"
PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**9), 10**9) | st.text("abcd 한글", max_size=8),
    lambda below: (
        st.lists(below, max_size=4) | st.dictionaries(st.text("abcdefg", min_size=1, max_size=5), below, max_size=4)
    ),
    max_leaves=12,
)


def only_plain(value: JsonValue) -> bool:
    if isinstance(value, dict):
        return all(type(key) is str and only_plain(one) for key, one in value.items())
    if isinstance(value, list):
        return all(only_plain(one) for one in value)
    return value is None or type(value) in (str, int, float, bool)


@given(st.text(ALPHABET, max_size=200))
@example("a: !!python/object/apply:os.system [ls]")
@example("? [x]\n: y")
@example("&a [*a]")
@example("- - - -\n -")
@example('"\\ud800"')
@example("%YAML 9.9\n---\na")
def test_any_text_becomes_plain_data_or_problems(text: str) -> None:
    document = parse_document("a.yaml", text.encode())
    assert only_plain(document.data)
    assert document.data is not None or document.root is not None or document.problems
    _, problems = parse(Customer, document)
    for problem in [*document.problems, *problems]:
        assert problem.line >= 1
        assert problem.column >= 1
        assert problem.what
        assert problem.why
        assert problem.mend


@given(st.binary(max_size=300))
def test_any_bytes_become_plain_data_or_problems(raw: bytes) -> None:
    document = parse_document("a.yaml", raw)
    assert only_plain(document.data)


@given(PLAIN)
def test_plain_data_survives_writing_and_reading(value: JsonValue) -> None:
    text = yaml.safe_dump({"value": value}, allow_unicode=True)
    document = parse_document("a.yaml", text.encode())
    assert document.problems == []
    assert document.data == {"value": value}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("true", True), ("yes", "yes"), ("no", "no"), ("on", "on"), ("null", None), ("~", None), ("", None),
        ("12", 12), ("-3", -3), ("02", "02"), ("010-1234-5678", "010-1234-5678"), ("0x1f", "0x1f"), ("1_000", "1_000"),
        ("02:30", "02:30"), ("1.5", 1.5), ("1e400", "1e400"), (".inf", ".inf"), ("2026-11-22", "2026-11-22"),
    ],
)  # fmt: skip
def test_plain_scalars_are_read_as_yaml_1_2_does(text: str, value: JsonValue) -> None:
    assert plain_scalar(text) == value
    assert type(plain_scalar(text)) is type(value)


def test_quoted_text_stays_text() -> None:
    assert parse_document("a.yaml", b"a: '12'\nb: \"true\"").data == {"a": "12", "b": "true"}


def test_a_value_is_found_again_by_its_path() -> None:
    document = parse_document("a.yaml", "이름: 한솔\nsites:\n  - id: a\n  - id: b\n".encode())
    assert document.at(("sites", 1, "id")) == (4, 9)
    assert document.at(("sites", 1, "id"), key=True) == (4, 5)
    assert document.at(("sites", 7)) == (3, 3)


def test_an_alias_is_read_and_counted() -> None:
    assert parse_document("a.yaml", b"a: &x [1]\nb: *x").data == {"a": [1], "b": [1]}


@pytest.mark.parametrize("unit", ["[", "{a: ", "- ", "? ", "a: {b: ", "[[", "&a [*a, "])
def test_deep_nesting_ends_neither_the_process_nor_patience(unit: str) -> None:
    start = time.monotonic()
    document = parse_document("a.yaml", (unit * 200_000)[: 1024 * 1024].encode())
    assert document.problems
    assert time.monotonic() - start < 2


def test_a_large_file_is_refused_before_it_is_read(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    with file.open("wb") as stream:
        stream.truncate(50 * 1024**3)  # sparse: reading it would fill the memory
    (problem,) = read_document(tmp_path, file).problems
    assert "53,687,091,200 bytes" in problem.what


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.yaml")
    (problem,) = read_document(tmp_path, tmp_path / "a.yaml").problems
    assert "not a file" in problem.what


@given(st.integers(0, 199))
def test_a_file_cut_anywhere_is_told_not_thrown(length: int) -> None:
    whole = (Path(__file__).parents[2] / "contract/workspace/customers/alpha.yaml").read_bytes()
    document = parse_document("a.yaml", whole[:length])
    model, problems = parse(Customer, document)
    assert model is not None or problems or document.problems
