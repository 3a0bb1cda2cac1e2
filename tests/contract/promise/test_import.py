"""Past data from files: streamed, whole or not at all, the same twice, and other monitors' exports."""

import resource
import shutil
import sqlite3
import time
from pathlib import Path

import pytest
import yaml
from dure.store.promise.spans import read_outages, read_spans
from dure.store.promise.tables import BlipRow, SpanRow
from sqlalchemy import func, select

from tests.contract.promise.conftest import HERE, Bureau, in_both_stores

BAD = sorted((HERE / "bad-imports").glob("*.yaml"))
NINE = 1_780_272_000
"""2026-06-01 09:00 in Seoul."""


def csv(bureau: Bureau, *lines: str, name: str = "data.csv") -> Path:
    file = bureau.root.parent / name
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return file


def samples(letters: str, check: str = "web", start: int = NINE, step: int = 60) -> list[str]:
    words = {"U": "UP", "D": "DOWN", "N": "UNKNOWN"}
    return [
        f"hansol-plastics,{check},{start + step * index},{words[letter]}"
        for index, letter in enumerate(letters)
        if letter != "."
    ]


def spans_of(bureau: Bureau, check: str = "web") -> list[tuple[int, int, str]]:
    """Relative to nine o'clock."""
    with bureau.store().transaction() as session:
        found = read_spans(session, "hansol-plastics", (0, NINE * 2)).get(check, ())
    return [(one.start - NINE, one.end - NINE, one.state.value) for one in found]


@pytest.mark.parametrize("file", BAD, ids=lambda file: file.stem)
def test_a_faulty_file_is_told_line_by_line_and_nothing_is_written(
    file: Path, bureau: Bureau, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = yaml.safe_load(file.read_text(encoding="utf-8"))
    monkeypatch.chdir(bureau.root.parent)
    raw = bytes.fromhex(case["bytes"]) if "bytes" in case else case["text"].encode()
    Path("data.csv").write_bytes(raw)
    found = bureau.run("sla", "import", "data.csv")
    assert found.code == 2
    assert found.stderr.splitlines()[1:] == case["expect"]
    assert "nothing was written" in found.stderr.splitlines()[0]
    with bureau.store().transaction() as session:
        assert session.scalar(select(func.count()).select_from(SpanRow)) == 0


@in_both_stores
def test_samples_become_spans_with_outages_and_blips(bureau: Bureau) -> None:
    file = csv(bureau, "customer,check,time,state,latency_ms", *(f"{one},31" for one in samples("UUDUDDUUU")))
    found = bureau.run("sla", "import", file)
    assert (found.code, found.stdout) == (0, "9 rows of 1 check; 3 spans are new\n")
    assert spans_of(bureau) == [(0, 120, "UP"), (120, 360, "DOWN"), (360, 540, "UP")]
    with bureau.store().transaction() as session:
        [outage] = read_outages(session, "hansol-plastics", (0, NINE * 2))["web"]
    assert (outage[0] - NINE, outage[1] - NINE) == (120, 240)


def test_order_and_repetition_change_nothing_and_the_worse_of_two_states_holds(bureau: Bureau) -> None:
    rows = samples("UUDDUUU")
    first = bureau.run(
        "sla", "import", csv(bureau, "customer,check,time,state", *reversed(rows), *rows, rows[2].replace("DOWN", "UP"))
    )
    assert "1 disagreement: there the worse state holds" in first.stderr
    assert spans_of(bureau) == [(0, 120, "UP"), (120, 240, "DOWN"), (240, 420, "UP")]
    again = bureau.run("sla", "import", csv(bureau, "customer,check,time,state", *rows))
    assert again.stdout == "7 rows of 1 check; 0 spans are new\n"


def test_a_gap_is_unknown_until_late_data_fill_it(bureau: Bureau) -> None:
    bureau.run("sla", "import", csv(bureau, "customer,check,time,state", *samples("UU......UU")))
    assert spans_of(bureau) == [(0, 120, "UP"), (120, 480, "UNKNOWN"), (480, 600, "UP")]
    bureau.run("sla", "import", csv(bureau, "customer,check,time,state", *samples("..DDDDDD")))
    assert spans_of(bureau) == [(0, 120, "UP"), (120, 480, "DOWN"), (480, 600, "UP")]


def test_samples_from_outside_the_contract_are_left_out_and_counted(bureau: Bureau) -> None:
    rows = ["hansol-plastics,web,2025-12-31T23:59:00+09:00,DOWN", *samples("UUU")]
    found = bureau.run("sla", "import", csv(bureau, "customer,check,time,state", *rows))
    assert "1 row outside the contract left out" in found.stderr
    assert spans_of(bureau) == [(0, 180, "UP")]


def test_each_part_is_judged_by_the_interval_that_held_then(bureau: Bureau) -> None:
    bureau.edit(
        "customers/hansol-plastics.yaml",
        "{ id: web, interval_seconds: 60 }",
        "{ id: web, interval_seconds: 60, earlier_intervals: [{ until: 2026-06-02, interval_seconds: 600 }] }",
    )
    second = NINE + 15 * 3600
    before = samples("UUU", start=second - 1800, step=600)
    after = samples("UU......UU", start=second)
    bureau.run("sla", "import", csv(bureau, "customer,check,time,state", *before, *after))
    begin = second - NINE
    assert spans_of(bureau) == [
        (begin - 1800, begin + 120, "UP"),
        (begin + 120, begin + 480, "UNKNOWN"),
        (begin + 480, begin + 600, "UP"),
    ]


def test_silence_of_a_box_that_reports_by_itself_is_downtime(bureau: Bureau) -> None:
    rows = samples("UU......UU", check="ansan/heartbeat")
    bureau.run("sla", "import", csv(bureau, "customer,check,time,state", *rows))
    assert spans_of(bureau, "ansan/heartbeat")[1] == (120, 480, "DOWN")


@in_both_stores
def test_silence_while_the_collector_was_dead_is_unknown(bureau: Bureau) -> None:
    dead = csv(bureau, "customer,collector,dead_from,dead_to", f"hansol-plastics,hub,{NINE + 200},{NINE + 300}")
    assert bureau.run("sla", "import", dead).stdout == "1 row of 1 check; 1 span is new\n"
    assert bureau.run("sla", "import", dead).stdout == "1 row of 1 check; 0 spans are new\n"
    rows = samples("UU......UU", check="ansan/heartbeat")
    bureau.run("sla", "import", csv(bureau, "customer,check,time,state", *rows))
    assert spans_of(bureau, "ansan/heartbeat") == [
        (0, 120, "UP"),
        (120, 200, "DOWN"),
        (200, 300, "UNKNOWN"),
        (300, 480, "DOWN"),
        (480, 600, "UP"),
    ]


def test_check_says_what_would_change_and_writes_nothing(bureau: Bureau) -> None:
    found = bureau.run("sla", "import", csv(bureau, "customer,check,time,state", *samples("UU")), "--check")
    assert (found.code, found.stdout) == (3, "2 rows of 1 check; 1 span would be new\n")
    assert spans_of(bureau) == []


def kuma(bureau: Bureau) -> Path:
    file = bureau.root.parent / "kuma.db"
    connection = sqlite3.connect(file)
    connection.executescript((bureau.data / "uptime-kuma.sql").read_text(encoding="utf-8"))
    connection.close()
    return file


@pytest.mark.parametrize(
    ("source", "monitor"),
    [("uptime-kuma", "쇼핑몰 Web"), ("gatus", "hansol_web"), ("prometheus", "https://shop.example")],
)
def test_another_monitor_s_export_gives_the_same_outage(bureau: Bureau, source: str, monitor: str) -> None:
    file = kuma(bureau) if source == "uptime-kuma" else bureau.data / f"{source}.json"
    found = bureau.run("sla", "import", file, "--from", source, "--map", f"{monitor}=hansol-plastics/web")
    assert found.code == 0, found.stderr
    assert [one for one in spans_of(bureau) if one[2] == "DOWN"] == [(60, 240, "DOWN")]
    wrong = bureau.run("sla", "import", file, "--from", source, "--map", "Web=hansol-plastics/web")
    assert (wrong.code, 'the export has no monitor "Web"' in wrong.stderr) == (2, True)


def test_a_file_that_is_no_export_is_told_so(bureau: Bureau) -> None:
    file = csv(bureau, "customer,check,time,state")
    for source, words in (
        ("uptime-kuma", "is no database of Uptime Kuma"),
        ("gatus", "is no answer of Gatus"),
        ("prometheus", "is no answer of Prometheus"),
        ("nagios", "one of csv, uptime-kuma, gatus, prometheus"),
    ):
        found = bureau.run("sla", "import", file, "--from", source, "--map", "a=hansol-plastics/web")
        assert (found.code, words in found.stderr) == (2, True), found.stderr
    assert "--map does not fit --from csv" in bureau.run("sla", "import", file, "--map", "a=b/c").stderr
    assert "cannot be read" in bureau.run("sla", "import", "nothing.csv").stderr


def test_a_large_file_with_one_bad_line_is_streamed_and_writes_nothing(bureau: Bureau) -> None:
    file = bureau.root.parent / "large.csv"
    count = 200_000
    with file.open("w", encoding="utf-8") as stream:
        stream.write("customer,check,time,state\n")
        stream.writelines(f"hansol-plastics,web,{NINE - 60 * index},UP\n" for index in range(count))
        stream.write("hansol-plastics,web,soon,UP\n")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = time.process_time()
    found = bureau.run("sla", "import", file)
    assert time.process_time() - start < 20
    assert f"large.csv:{count + 2}:21:" in found.stderr
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 64 * 1024
    assert spans_of(bureau) == []


def test_ten_times_the_spans_take_no_hundred_times_the_work(bureau: Bureau) -> None:
    count = 40_000
    states = ("UP", "DOWN")
    rows = (
        f"hansol-plastics,web,{NINE - 60 * at},{NINE - 60 * (at - 1)},{states[at % 2]}" for at in range(count, 0, -1)
    )
    file = csv(bureau, "customer,check,from,to,state", *rows)
    start = time.process_time()
    found = bureau.run("sla", "import", file)
    assert found.stdout == f"{count:,} rows of 1 check; {count:,} spans are new\n", found.stderr
    assert time.process_time() - start < 20, "comparing each span with all others took more than a minute"


def test_blips_are_kept_and_no_downtime(bureau: Bureau) -> None:
    bureau.run("sla", "import", csv(bureau, "customer,check,time,state", *samples("UUDUUU")))
    assert spans_of(bureau) == [(0, 360, "UP")]
    with bureau.store().transaction() as session:
        assert [one.at - NINE for one in session.scalars(select(BlipRow))] == [120]


def told_samples(bureau: Bureau) -> str:
    """The hour from nine, as a dispute reads it."""
    part = ("--from", "2026-06-01T09:00", "--to", "2026-06-01T10:00")
    return bureau.run("sla", "samples", "hansol-plastics", "web", *part).stdout


@in_both_stores
def test_samples_are_kept_for_a_dispute_and_give_the_same_spans_again(bureau: Bureau) -> None:
    bureau.run("sla", "import", csv(bureau, "customer,check,time,state", *samples("UUDUDDUUU")))
    before = spans_of(bureau)
    kept = told_samples(bureau)
    told = ["customer,check,time,state,latency_ms", *(f"{line}," for line in samples("UUDUDDUUU"))]
    assert kept.splitlines() == told
    late = csv(bureau, "customer,check,time,state", *samples("UUU", start=NINE + 1200))
    assert bureau.run("sla", "import", late, "--check").code == 3
    assert told_samples(bureau) == kept, "a check keeps nothing"
    again = csv(bureau, *kept.splitlines(), name="again.csv")
    assert "0 spans are new" in bureau.run("sla", "import", again).stdout
    assert spans_of(bureau) == before


def test_old_samples_are_packed_and_still_told(bureau: Bureau) -> None:
    bureau.run("sla", "import", csv(bureau, "customer,check,time,state", *samples("UUDUDDUUU")))
    kept = told_samples(bureau)
    bureau.clock("2026-06-15T10:00")
    assert bureau.run("sla", "samples", "--prune").stdout == "0 samples of 0 days are packed, 0 packed days let go\n"
    bureau.clock("2026-06-17T10:00")
    check = bureau.run("sla", "samples", "--prune", "--check")
    assert (check.code, check.stdout) == (3, "9 samples of 1 day would be packed, 0 packed days let go\n")
    days = bureau.root / ".dure" / "samples"
    assert [file.name for file in days.glob("*.sqlite")] == ["2026-06-01.sqlite"]
    assert bureau.run("sla", "samples", "--prune").code == 0
    assert list(days.iterdir()) == []
    assert told_samples(bureau) == kept
    bureau.clock("2027-08-01T10:00")
    assert "0 packed days let go" in bureau.run("sla", "samples", "--prune").stdout, "June 2026 is not closed yet"
    assert told_samples(bureau) == kept


def test_a_month_s_close_packs_old_samples(june: Bureau) -> None:
    june.run("sla", "import", csv(june, "customer,check,time,state", *samples("UUUU")))
    assert june.run("sla", "close", "2026-06", "hansol-plastics").code == 0
    assert list((june.root / ".dure" / "samples").iterdir()) == []
    assert len(told_samples(june).splitlines()) == 5


def test_samples_are_asked_for_by_check_and_time(bureau: Bureau) -> None:
    found = bureau.run("sla", "samples", "hansol-plastics")
    assert (found.code, "samples are of one check and one time" in found.stderr) == (2, True)
    part = ("--from", "2026-06-01T09:00", "--to", "2026-06-01T10:00")
    empty = bureau.run("sla", "samples", "hansol-plastics", "web", *part)
    assert (empty.code, "no samples are kept of that time" in empty.stderr) == (0, True)


def state_of(bureau: Bureau) -> tuple[list[tuple[int, int, str]], list[tuple[int, int, int | None]], list[int]]:
    """Spans, outages and blips of the check."""
    with bureau.store().transaction() as session:
        outages = read_outages(session, "hansol-plastics", (0, NINE * 2)).get("web", [])
        blips = [one.at for one in session.scalars(select(BlipRow).order_by(BlipRow.at))]
    return spans_of(bureau), outages, blips


LETTERS = "UUUDUUUUDUDUUDDUUUU......UUUUDDDDUDUUUUUU"
CUTS = {
    "in the middle of an outage": (LETTERS[:31], "." * 31 + LETTERS[31:]),
    "between two failures": (LETTERS[:9], "." * 9 + LETTERS[9:]),
    "in the middle of a recovery": (LETTERS[:36], "." * 36 + LETTERS[36:]),
    "the later one first": ("." * 31 + LETTERS[31:], LETTERS[:31]),
    "every other sample late": tuple(
        "".join(one if at % 2 == odd else "." for at, one in enumerate(LETTERS)) for odd in (0, 1)
    ),
    "a good word first": (LETTERS.replace("D", "U"), LETTERS),
}


@in_both_stores
def test_an_outage_does_not_depend_on_how_samples_were_cut_into_files(bureau: Bureau) -> None:
    bureau.run("sla", "import", csv(bureau, "customer,check,time,state", *samples(LETTERS)))
    whole = state_of(bureau)
    assert [(start - NINE) // 60 for start, _, _ in whole[1]] == [8, 13, 29]
    for name, files in CUTS.items():
        shutil.rmtree(bureau.root / ".dure")
        bureau.sit("kim-minsu")
        for letters in files:
            assert bureau.run("sla", "import", csv(bureau, "customer,check,time,state", *samples(letters))).code == 0
        assert state_of(bureau) == whole, name


@in_both_stores
def test_samples_never_take_back_what_a_file_of_spans_said(bureau: Bureau) -> None:
    span = f"hansol-plastics,web,{NINE + 120},{NINE + 240},DOWN"
    bureau.run("sla", "import", csv(bureau, "customer,check,from,to,state", span))
    for letters in ("UUUUUUUU", "........UUUU"):
        bureau.run("sla", "import", csv(bureau, "customer,check,time,state", *samples(letters)))
    assert spans_of(bureau) == [(0, 120, "UP"), (120, 240, "DOWN"), (240, 720, "UP")]
