"""operator import: what other systems know; whole or not at all, the same twice, and nobody's name."""

import json
import resource
import time
from pathlib import Path

import pytest
import yaml
from dure.store.promise.record_tables import BenefitRow, EndpointRow, SurveyRow, TicketRow, UsageRow
from dure.store.tables import Audit
from sqlalchemy import func, select

from tests.contract.promise.conftest import HERE, Bureau

EXAMPLES = Path(__file__).parents[3] / "examples" / "imports"
BAD = sorted((HERE / "bad-records").glob("*.yaml"))
TABLES = {
    "tickets": TicketRow,
    "survey": SurveyRow,
    "usage": UsageRow,
    "endpoints": EndpointRow,
    "benefit": BenefitRow,
}


def example(bureau: Bureau, name: str) -> Path:
    """An example file, its service named as this workspace's contract names it."""
    file = bureau.root.parent / name
    file.write_text((EXAMPLES / name).read_text(encoding="utf-8").replace(",files,", ",erp,"), encoding="utf-8")
    return file


def count(bureau: Bureau, kind: str) -> int:
    with bureau.store().transaction() as session:
        return session.scalar(select(func.count()).select_from(TABLES[kind])) or 0


@pytest.mark.parametrize("file", BAD, ids=lambda file: file.stem)
def test_every_fault_of_a_file_is_told_by_line_and_nothing_is_written(
    file: Path, bureau: Bureau, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = yaml.safe_load(file.read_text(encoding="utf-8"))
    monkeypatch.chdir(bureau.root.parent)
    raw = bytes.fromhex(case["bytes"]) if "bytes" in case else case["text"].encode()
    name = f"data.{case.get('format', 'csv')}"
    Path(name).write_bytes(raw)
    found = bureau.run("import", case["kind"], name)
    assert found.code == 2
    assert found.stderr.splitlines()[1:] == case["expect"]
    assert "nothing was written" in found.stderr.splitlines()[0]
    assert count(bureau, case["kind"]) == 0


@pytest.mark.parametrize(
    ("kind", "name", "rows"),
    [
        ("tickets", "tickets.csv", 7),
        ("tickets", "tickets.jsonl", 2),
        ("survey", "survey.csv", 10),
        ("usage", "usage.csv", 9),
        ("usage", "usage.json", 2),
        ("endpoints", "endpoints.csv", 120),
        ("endpoints", "endpoints.json", 2),
        ("benefit", "benefit.csv", 5),
        ("benefit", "benefit.json", 2),
    ],
)
def test_an_example_is_taken_in_once_however_often_it_comes(kind: str, name: str, rows: int, bureau: Bureau) -> None:
    file = example(bureau, name)
    before = bureau.run("import", kind, file, "--check")
    assert (before.code, count(bureau, kind)) == (3, 0)
    first = bureau.run("import", kind, file)
    assert first.code == 0, first.stderr
    assert first.stdout.splitlines()[0] == f"{rows} rows of {kind}: {rows} are new, 0 are changed"
    again = bureau.run("import", kind, file, "--json")
    told = json.loads(again.stdout)
    assert (told["rows"], told["changed"], told["cases"]) == (rows, 0, [])
    assert count(bureau, kind) == rows
    assert bureau.run("import", kind, file, "--check").code == 0


def test_a_ticket_that_went_on_is_changed_and_the_audit_log_says_so(bureau: Bureau) -> None:
    file = example(bureau, "tickets.csv")
    bureau.run("import", "tickets", file)
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("T17:20:00+09:00,,", "T17:20:00+09:00,2026-07-01T10:00:00+09:00,"), encoding="utf-8")
    found = bureau.run("import", "tickets", file, "--reason", "nightly")
    assert found.stdout == "7 rows of tickets: 0 are new, 1 is changed\n"
    with bureau.store().transaction() as session:
        links = [json.loads(one) for one in session.scalars(select(Audit.content).order_by(Audit.number))]
    assert [(one["what"], one["why"]) for one in links] == [
        *[("import tickets", "")] * 2,
        *[("import tickets", "nightly")] * 2,
    ]
    assert [one["result"].split(",")[0] for one in links] == ["begun: 7 rows", "7 rows"] * 2


def test_rows_outside_the_contract_are_left_out_and_counted(bureau: Bureau) -> None:
    file = bureau.root.parent / "early.csv"
    file.write_text("customer,ticket,kind,opened\nmirae-bakery,A-1,request,2026-06-01T09:00:00+09:00\n")
    found = bureau.run("import", "tickets", file)
    assert (found.code, count(bureau, "tickets")) == (0, 0)
    assert "1 row outside the contract left out" in found.stderr


def test_the_format_is_told_by_suffix_or_option(bureau: Bureau) -> None:
    file = bureau.root.parent / "usage.txt"
    file.write_text((EXAMPLES / "usage.json").read_text(encoding="utf-8"), encoding="utf-8")
    found = bureau.run("import", "usage", file)
    assert (found.code, '"txt" is no format' in found.stderr) == (2, True)
    assert bureau.run("import", "usage", file, "--format", "json").code == 0


def test_a_large_file_is_streamed_whether_it_is_good_or_has_one_bad_line(bureau: Bureau) -> None:
    file = bureau.root.parent / "large.csv"
    rows = 40_000
    with file.open("w", encoding="utf-8") as stream:
        stream.write("customer,ticket,kind,opened,responded,closed,cause\n")
        for number in range(rows):
            day, hour = 1 + number % 28, number % 24
            opened = f"2026-0{1 + number % 6}-{day:02}T{hour:02}:00:00+09:00"
            stream.write(f"hansol-plastics,HD-{number},request,{opened},{opened},{opened},some-cause\n")
    with_fault = bureau.root.parent / "fault.csv"
    with_fault.write_text(file.read_text() + "hansol-plastics,HD-x,request,soon,,,\n")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = time.process_time()
    found = bureau.run("import", "tickets", with_fault)
    assert f"fault.csv:{rows + 2}:30:" in found.stderr
    assert count(bureau, "tickets") == 0
    assert bureau.run("import", "tickets", file).code == 0
    assert time.process_time() - start < 30
    assert count(bureau, "tickets") == rows
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 48 * 1024


def test_an_import_of_use_says_which_cases_opened_and_which_closed(bureau: Bureau) -> None:
    head, *lines = (EXAMPLES / "usage.csv").read_text(encoding="utf-8").splitlines()
    opened = [
        "hansol-plastics/groupware: case of low utilisation opened with 2026-02: fell by 20 points in a month",
    ]
    closed = [
        "hansol-plastics/groupware: case of low utilisation closed with 2026-05: measured again after the action",
    ]
    for through, news in (("2026-01", []), ("2026-03", opened), ("2026-04", []), ("2026-06", closed)):
        file = bureau.root.parent / f"{through}.csv"
        kept = [line for line in lines if line.split(",")[2] <= through]
        file.write_text("\n".join([head, *kept]) + "\n", encoding="utf-8")
        assert bureau.run("import", "usage", file).stdout.splitlines()[1:] == news
