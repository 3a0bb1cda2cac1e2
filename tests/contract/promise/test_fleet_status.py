"""The whole fleet's running month from sheets: quick, and always what the spans give."""

import json
from pathlib import Path
from unittest import mock

from dure.runs.promise.policy import period_of
from dure.sla.spans import Span
from dure.sla.states import State
from dure.store.promise.spans import replace_spans, series_of
from pydantic import JsonValue

from tests.contract.promise.conftest import Bureau, in_both_stores


def told(bureau: Bureau, *options: str) -> list[dict[str, JsonValue]]:
    """Every service's row without its incidents, which only single customers and --exact are told."""
    outcome = bureau.run("sla", "status", "--json", *options)
    assert outcome.code == 0, outcome.stderr
    rows: list[dict[str, JsonValue]] = json.loads(outcome.stdout)["services"]
    return [{name: value for name, value in row.items() if name != "incidents"} for row in rows]


def agree(bureau: Bureau) -> list[dict[str, JsonValue]]:
    """Sheets, made and then kept, tell the same as spans."""
    exact = told(bureau, "--exact")
    assert told(bureau) == exact
    with mock.patch("dure.runs.promise.status.compute", side_effect=AssertionError("a kept sheet was made anew")):
        assert told(bureau) == exact
    return exact


def late(bureau: Bureau, file: Path, rows: str) -> None:
    file.write_text(f"customer,check,from,to,state\n{rows}", encoding="utf-8")
    outcome = bureau.run("sla", "import", file)
    assert outcome.code == 0, outcome.stderr


@in_both_stores
def test_the_fleet_is_told_from_sheets_what_spans_give(june: Bureau) -> None:
    june.clock("2026-06-20T10:00")
    rows = agree(june)
    assert len({row["customer"] for row in rows}) > 1
    june.clock("2026-06-25T18:30")
    assert agree(june) != rows, "five days on, the figures are others"


@in_both_stores
def test_late_data_a_new_window_and_a_new_target_make_the_sheets_anew(june: Bureau, tmp_path: Path) -> None:
    june.clock("2026-06-20T10:00")
    before = agree(june)
    span = "hansol-plastics,web,2026-06-18T10:00:00+09:00,2026-06-18T11:00:00+09:00,DOWN\n"
    late(june, tmp_path / "late.csv", span)
    with mock.patch("dure.runs.promise.status.compute", side_effect=AssertionError("an import makes the sheets")):
        after_import = told(june)
    assert after_import != before
    assert after_import == agree(june)
    part = ("--from", "2026-06-18T10:00", "--to", "2026-06-18T10:30", "--reason", "점검")
    june.run("window", "add", "hansol-plastics", *part, "--announced", "2026-06-10T10:00")
    for engineer in ("kim-minsu", "lee-jiwon"):
        june.sit(engineer)
        june.run("window", "approve", "hansol-plastics", "2026-06-18-maintenance")
    after_window = agree(june)
    assert after_window != after_import
    june.edit("customers/hansol-plastics.yaml", 'target: "99.0"', 'target: "99.2"')
    assert agree(june) != after_window


def test_what_is_hardly_measured_has_no_budget_left_and_no_projection(june: Bureau) -> None:
    june.clock("2026-07-20T10:00")
    assert {(row["left"], row["projected"]) for row in agree(june)} == {(None, None)}
    for line in june.run("sla", "status").stdout.splitlines()[1:]:
        left, _, ends, verdict = line.split()[-4:]
        assert (left, ends, verdict) == ("-", "-", "INSUFFICIENT_DATA")


def test_a_new_month_begins_with_new_sheets(june: Bureau) -> None:
    june.clock("2026-06-30T23:59")
    june_rows = agree(june)
    june.clock("2026-07-01T00:00")
    assert agree(june) == []
    june.clock("2026-07-01T00:01")
    july_rows = agree(june)
    assert {row["month"] for row in june_rows} == {"2026-06"}
    assert {row["month"] for row in july_rows} == {"2026-07"}


def test_whoever_writes_spans_makes_the_sheets_anew(june: Bureau) -> None:
    june.clock("2026-06-20T10:00")
    before = agree(june)
    start, end = period_of("Asia/Seoul", "2026-06")
    hour = (start + 10 * 86400, start + 10 * 86400 + 3600)
    spans = [Span(start, hour[0], State.UP), Span(*hour, State.DOWN), Span(hour[1], end, State.UP)]
    with june.store().transaction() as session:
        series = series_of(session, "hansol-plastics", "check", ["line"])["line"]
        replace_spans(session, series, (start, end), spans, {}, (), 1)
    assert agree(june) != before
