"""`operator sla explain`: what it prints, how fast, and what it says to bad input."""

import json
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from dure.model.accounting.case_file import MAX_BYTES, CaseInvalid, computed
from dure.model.accounting.json_text import offset_of
from dure.model.problem import Problem
from dure.text.derivation import derivation
from hypothesis import given
from hypothesis import strategies as st

from tests.contract.command import operator
from tests.unit.model.test_validation import places, with_value
from tests.unit.sla import engine
from tests.unit.sla.cases import accounting_cases
from tests.unit.sla.examples import IS_LONG, tried_less

ROOT = Path(__file__).parents[3]
DATA = Path(__file__).parent / "data"
LINES = (DATA / "cases.jsonl").read_text("utf-8").splitlines()
BAD: list[dict[str, Any]] = json.loads((DATA / "bad_cases.json").read_text("utf-8"))
EXAMPLE = ROOT / "examples/accounting/june-2026.json"


def test_a_derivation_lets_a_person_follow_the_figure() -> None:
    outcome = operator("sla", "explain", EXAMPLE)
    assert outcome.code == 0
    assert outcome.stdout == (DATA / "june-2026.txt").read_text("utf-8")


def test_the_same_derivation_is_told_in_korean() -> None:
    outcome = operator("sla", "explain", EXAMPLE, "--language", "ko")
    assert outcome.code == 0
    assert outcome.stdout == (DATA / "june-2026.ko.txt").read_text("utf-8")


@pytest.mark.parametrize("line", LINES, ids=lambda line: json.loads(line)["id"])
def test_both_languages_tell_the_same_numbers(line: str) -> None:
    model, account = computed("case.json", 1, line.encode())
    korean, english = derivation(model, account, "ko"), derivation(model, account, "en")
    assert len(korean.splitlines()) == len(english.splitlines())
    for ours, theirs in zip(korean.splitlines(), english.splitlines(), strict=True):
        both = (ours.replace("24시간", ""), theirs)  # round the clock
        numbers = [sorted(re.findall(r"[0-9][0-9,./:-]*[0-9]|[0-9]", told)) for told in both]
        assert numbers[0] == numbers[1]


def test_another_language_is_refused() -> None:
    outcome = operator("sla", "explain", EXAMPLE, "--language", "fr")
    assert (outcome.code, "is not one of 'ko', 'en'" in outcome.stderr) == (2, True)


def test_json_is_the_result_as_specified(tmp_path: Path) -> None:
    row = json.loads(LINES[0])
    (tmp_path / "case.json").write_text(json.dumps(row["case"]), "utf-8")
    outcome = operator("sla", "explain", tmp_path / "case.json", "--json")
    assert outcome.code == 0
    assert json.loads(outcome.stdout) == row["expect"]
    assert list(json.loads(outcome.stdout))[:4] == ["seconds", "bad", "known", "availability"]


def test_lines_are_answered_in_order(tmp_path: Path) -> None:
    bare = [json.dumps(json.loads(line)["case"]) for line in LINES]
    for rows in (LINES, [*bare[:3], "", *bare[3:]]):
        (tmp_path / "cases.jsonl").write_text("\n".join(rows), "utf-8")
        outcome = operator("sla", "explain", "--lines", tmp_path / "cases.jsonl")
        assert outcome.code == 0
        assert [json.loads(line) for line in outcome.stdout.splitlines()] == [
            json.loads(one)["expect"] for one in LINES
        ]


def test_a_bad_line_is_told_with_its_number_and_the_others_are_answered(tmp_path: Path) -> None:
    (tmp_path / "cases.jsonl").write_text("\n".join([LINES[0], '{"period": 1}', LINES[1]]), "utf-8")
    outcome = operator("sla", "explain", "--lines", tmp_path / "cases.jsonl")
    first, second, third = (json.loads(line) for line in outcome.stdout.splitlines())
    assert (first, third) == (json.loads(LINES[0])["expect"], json.loads(LINES[1])["expect"])
    assert {problem["line"] for problem in second["problems"]} == {2}
    assert "cases.jsonl:2:" in outcome.stderr
    assert outcome.code == 2


def test_results_come_while_cases_still_do() -> None:
    code = "from dure.cli.main import main; main()"
    argv = [sys.executable, "-u", "-c", code, "sla", "explain", "--lines", "/dev/stdin"]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for line in (LINES[4], LINES[7]):
            # A buffered reader waits for its buffer: what follows the line fills it.
            process.stdin.write(line + "\n" + "\n" * 200_000)
            process.stdin.flush()
            assert json.loads(process.stdout.readline()) == json.loads(line)["expect"]
        process.stdin.close()
        assert process.wait(30) == 0


def test_ten_thousand_small_cases_take_at_most_twenty_seconds_of_one_processor(tmp_path: Path) -> None:
    count = 10_000 if IS_LONG else 2_000
    rows = [line for line in LINES for _ in range(count // len(LINES) + 1)][:count]
    (tmp_path / "cases.jsonl").write_text("\n".join(rows), "utf-8")
    start = time.process_time()
    outcome = operator("sla", "explain", "--lines", tmp_path / "cases.jsonl")
    assert time.process_time() - start < 20 * count / 10_000
    assert outcome.stdout.count("\n") == count


@pytest.mark.parametrize("row", BAD, ids=lambda row: row["name"])
def test_bad_input_is_told_with_place_reason_and_mending(row: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "case.json").write_text(row["file"], "utf-8")
    outcome = operator("sla", "explain", tmp_path / "case.json")
    assert outcome.code == 2
    assert outcome.stdout == ""
    for expected in row["expect"]:
        assert expected in outcome.stderr
    for line in outcome.stderr.splitlines()[1:]:
        assert re.search(r"case\.json:\d+:\d+: .+, because .+\. To mend: .+", line), line


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (b"\xff\xfe{", "byte 0xff is not UTF-8"),
        ('{"period": [0, 600],\n "checks": {"\ud55c'.encode("cp949") + b'": {}}}', "case.json:2:14: byte 0x"),
        (b"[" * (MAX_BYTES + 1), "more than 33,554,432 bytes"),
    ],
)
def test_bytes_that_are_no_case_are_told(raw: bytes, expected: str, tmp_path: Path) -> None:
    (tmp_path / "case.json").write_bytes(raw)
    outcome = operator("sla", "explain", tmp_path / "case.json")
    assert (outcome.code, expected in outcome.stderr) == (2, True)


def test_a_hundred_megabytes_in_one_line_are_refused_without_being_held(tmp_path: Path) -> None:
    good = json.dumps(json.loads(LINES[4])["case"]).encode()
    with (tmp_path / "cases.jsonl").open("wb") as stream:
        stream.write(b"[" * (100 * 1024 * 1024) + b"\n" + good + b"\n")
    outcome = operator("sla", "explain", "--lines", tmp_path / "cases.jsonl")
    assert outcome.code == 2
    assert "cases.jsonl:1:1: the case has more than" in outcome.stderr
    assert json.loads(outcome.stdout.splitlines()[1]) == json.loads(LINES[4])["expect"]


def test_a_file_with_a_byte_order_mark_and_windows_line_ends_is_read(tmp_path: Path) -> None:
    text = EXAMPLE.read_text("utf-8").replace("\n", "\r\n")
    (tmp_path / "case.json").write_bytes(b"\xef\xbb\xbf" + text.encode())
    assert operator("sla", "explain", tmp_path / "case.json").stdout == (DATA / "june-2026.txt").read_text("utf-8")


@pytest.mark.parametrize("name", ["absent.json", "."])
def test_what_cannot_be_read_is_told(name: str, tmp_path: Path) -> None:
    outcome = operator("sla", "explain", tmp_path / name, "--json")
    assert outcome.code == 2
    assert "the file cannot be read" in json.loads(outcome.stdout)["problems"][0]["what"]


def test_help_names_an_example() -> None:
    assert "Example: operator sla explain case.json" in operator("sla", "explain", "--help").stdout
    assert "sla" in operator("--help").stdout


ODD = st.sampled_from(["", "UP", "99.9", "2026-06", "Asia/Seoul", "한글", "\ud800", "\x00", "all", "24:00", "a" * 300])
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**15), 10**15) | st.integers(-5, 700) | st.floats() | ODD,
    lambda below: st.lists(below, max_size=3) | st.dictionaries(ODD | st.just("start"), below, max_size=3),
    max_leaves=6,
)

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=4),
    lambda below: st.lists(below, max_size=4) | st.dictionaries(st.text(max_size=2), below, max_size=4),
    max_leaves=15,
)


@tried_less
@given(accounting_cases(longest=120, samples=4), VALUES, st.data())
def test_any_value_at_any_place_is_computed_or_told_never_thrown(
    case: dict[str, Any], value: Any, data: st.DataObject
) -> None:
    changed = with_value(case, data.draw(st.sampled_from(places(case))), value)
    problems = faults(json.dumps(changed).encode())
    assert all(one.text().encode() and "\n" not in one.text() and one.line >= 1 for one in problems)


def faults(raw: bytes) -> list[Problem]:
    """What is wrong with a case; when nothing is, it can be told."""
    try:
        model, account = computed("case.json", 1, raw)
    except CaseInvalid as error:
        return error.problems or [Problem("", 0, 0, "", "", "")]
    return [] if derivation(model, account).encode() else [Problem("", 0, 0, "", "", "")]


@tried_less
@given(st.binary(max_size=100) | st.text('{}[]",:0123456789eE.-truefalsn \\u', max_size=60).map(str.encode))
def test_any_bytes_are_told_never_thrown(raw: bytes) -> None:
    with pytest.raises(CaseInvalid):
        computed("case.json", 1, raw)


@tried_less
@given(JSON, st.data(), st.sampled_from([None, 1, 4]))
def test_any_value_is_found_again_in_its_text(value: Any, data: st.DataObject, indent: int | None) -> None:
    path = data.draw(st.sampled_from(places(value)))
    text = json.dumps(value, indent=indent)
    here = value
    for step in path:
        here = here[step]
    assert json.JSONDecoder().raw_decode(text, offset_of(text, path))[0] == here


@tried_less
@given(accounting_cases(longest=300, samples=12))
def test_the_derivation_says_the_figures_of_the_result(case: dict[str, Any]) -> None:
    model, account = computed("case.json", 1, json.dumps(case).encode())
    told, result = derivation(model, account), engine.explained(case)
    assert f"Verdict   {result['verdict']}: " in told
    for name in ("availability", "lower", "upper", "coverage"):
        if result[name] is not None:
            assert f"{result[name]['exact']} = {result[name]['percent']} %" in told
