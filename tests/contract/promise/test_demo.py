"""Made-up data: the same for a seed, with the events that a real past has, and labelled wherever they show."""

import csv
import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
import yaml
from dure.runs.promise.demo.company import companies
from dure.runs.promise.demo.history import GAP, ISP_OUTAGE, SEOUL, SUPPLIERS
from dure.runs.promise.demo.trouble import CAUSES, OF_EVENTS
from dure.sla.states import State
from dure.store.database import Store, store_at
from dure.store.promise.months import CustomerMonth, fleet_month
from dure.store.promise.spans import read_spans
from dure.text.report import text
from dure.text.writing import Language

from tests.contract.command import operator


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three companies from March to May 2026."""
    root = tmp_path_factory.mktemp("demo") / "workspace"
    made = operator("demo", "data", "--output", root, "--months", "3", "--customers", "3", "--until", "2026-05")
    assert made.code == 0, made.stderr
    assert made.stdout.startswith(f"made-up data in {root}: 3 customers, 2026-03 to 2026-05, 39 checks")
    return root


@pytest.fixture
def store(demo: Path) -> Iterator[Store]:
    opened = store_at(demo, "")
    yield opened
    opened.close()


def month(store: Store, name: str) -> tuple[CustomerMonth, ...]:
    return fleet_month(store, name)


def test_the_workspace_is_valid_and_every_name_says_that_it_is_made_up(demo: Path, store: Store) -> None:
    assert operator("validate", demo).stdout == "valid\n"
    found = month(store, "2026-05")
    assert len(found) == 3
    assert all(one.made_up and "(가상)" in one.name and "(made up)" in one.name_en for one in found)
    assert "[made-up data]" in operator("sla", "credits", "2026-05", "-w", demo).stdout
    assert "[지어낸 자료입니다]" in operator("sla", "credits", "2026-05", "--language", "ko", "-w", demo).stdout
    customer = companies(3, 1)[0].id
    assert "[made-up data]" in operator("sla", "explain", customer, "erp", "2026-05", "-w", demo).stdout
    assert operator("sla", "verify", "2026-05", "-w", demo).code == 0


UNFILLED = (
    *(
        "proof-none",
        "prevented-none",
        "decisions-none",
        "expiries-none",
        "expiries-unknown",
        "visit-none",
        "patch-none",
    ),
    *("backup-none", "means-none", "indicators-none", "changes-none", "changes-unknown", "usage-none"),
    *("recommendations-none", "happened-none", "trend-none", "strip-none"),
)
MEASURED = (
    *("availability", "incidents", "mttd", "restored", "patch", "coverage", "first_response", "request"),
    *("first_contact", "reopen", "information", "servqual", "satisfaction", "utilisation", "intention"),
    *("link", "backup", "restore_test", "net_benefit"),
)


@pytest.mark.parametrize("language", ["ko", "en"])
def test_every_section_of_the_first_company_s_report_has_something_to_show(demo: Path, language: Language) -> None:
    customer = companies(3, 1)[0].id
    told = operator(
        "report", customer, "--month", "2026-05", "--language", language, "--output", demo / "out/", "-w", demo
    )
    assert told.code == 0, told.stderr
    page = Path(told.stdout.split()[0]).read_text(encoding="utf-8")
    assert [key for key in UNFILLED if text(key, language) in page] == []
    assert text("made-up", language) in page
    notes = (demo / "reports" / customer / "2026-05.yaml").read_text(encoding="utf-8")
    assert "Made up by `operator demo data`" in notes


def test_tickets_surveys_use_and_reviews_are_made_and_taken_in_like_real_ones(demo: Path, store: Store) -> None:
    first, *others = month(store, "2026-05")
    assert {one.name for one in (demo / "imports").iterdir()} == {
        f"made-up-{kind}.csv" for kind in ("tickets", "survey", "usage", "endpoints", "benefit")
    }
    values = {one.indicator.key: one for one in first.indicators}
    assert [key for key in MEASURED if values[key].value is None] == []
    listed = {one.customer: one for one in (first, *others)}[companies(3, 1)[0].id]
    assert next(one for one in listed.indicators if one.indicator.key == "endpoint").value is not None
    changed = [{one.indicator.key for one in found.indicators if one.change} for found in (first, *others)]
    assert {"request"} in changed
    low = companies(3, 1)[0].id
    told = operator("sla", "status", low, "-w", demo).stdout
    assert "use of groupware: Looked into since" in told, told
    assert operator("audit", "verify", "--offline", "-w", demo).code == 0


def test_what_the_notes_tell_is_what_the_indicators_have(demo: Path, store: Store) -> None:
    for found in month(store, "2026-05"):
        notes = yaml.safe_load((demo / "reports" / found.customer / "2026-05.yaml").read_text(encoding="utf-8"))
        told = {one.indicator.key: one for one in found.indicators}
        backup = notes["backup"]
        assert (told["backup"].part, told["backup"].whole) == (backup["succeeded"], backup["planned"])
        assert len(backup["failures"]) == backup["planned"] - backup["succeeded"]
        bad = [one["day"] for one in json.loads(told["backup"].basis)["days"] if one["state"] == "bad"]
        assert bad == [one["at"][:10] for one in backup["failures"]]
        # A restore in each of the three months, and the last of them is the one that the notes tell of.
        tests = json.loads(told["restore_test"].basis)["tests"]
        assert told["restore_test"].value == len(tests) == 3
        last = datetime.fromtimestamp(tests[-1]["at"], SEOUL)
        assert [f"{last:%Y-%m-%d %H:%M}"] == [one["at"] for one in notes["restores"]]
        assert tests[-1]["took"] == notes["restores"][0]["seconds"]
        assert (told["patch"].part, told["patch"].whole) == (notes["patch"]["in_time"], notes["patch"]["hosts"])
        incidents = {
            (one["service"], one["start"] // 60): one for one in json.loads(told["incidents"].basis)["incidents"]
        }
        assert told["mttd"].value is not None or not incidents
        for one in notes["incidents"]:
            minute = int(datetime.fromisoformat(one["start"]).replace(tzinfo=SEOUL).timestamp()) // 60
            if (one["service"], minute) in incidents:
                assert incidents[one["service"], minute]["severity"] == one["severity"]


def test_a_ticket_and_the_note_of_an_incident_name_one_cause(demo: Path) -> None:
    told = {(one["ko"], one["en"]): word for word, (one, _) in {**CAUSES, **OF_EVENTS}.items()}
    with (demo / "imports" / "made-up-tickets.csv").open(encoding="utf-8") as stream:
        tickets = [one for one in csv.DictReader(stream) if one["kind"] == "incident"]
    seen = 0
    for company in companies(3, 1):
        notes = yaml.safe_load((demo / "reports" / company.id / "2026-05.yaml").read_text(encoding="utf-8"))
        for note in notes["incidents"]:
            begun = datetime.fromisoformat(note["start"]).replace(tzinfo=SEOUL)
            [cause] = [
                one["cause"]
                for one in tickets
                if one["customer"] == company.id
                and one["service"] == note["service"]
                and 0 <= (datetime.fromisoformat(one["opened"]) - begun).total_seconds() - 180 < 60
            ]
            assert cause == told[note["cause"]["ko"], note["cause"]["en"]]
            seen += 1
    assert seen


def test_the_first_company_has_answer_times_that_can_be_explained(demo: Path) -> None:
    customer = companies(3, 1)[0].id
    told = operator("sla", "explain", customer, "indicator:response", "2026-05", "-w", demo)
    assert told.code == 0, told.stderr
    assert "answer times of kept samples" in told.stdout
    assert "limit_ms 2000" in told.stdout


def test_a_seed_gives_the_same_past(demo: Path, store: Store, tmp_path: Path) -> None:
    arguments = ("--months", "3", "--customers", "1", "--until", "2026-05", "--no-close")
    again = operator("demo", "data", "--output", tmp_path / "again", *arguments, "--json")
    assert json.loads(again.stdout)["closed"] == 0
    other = store_at(tmp_path / "again", "")
    customer = companies(1, 1)[0].id
    spans = []
    for one in (store, other):
        with one.transaction() as session:
            spans.append(read_spans(session, customer, (0, ISP_OUTAGE[1] * 2)))
    assert spans[0] == spans[1]
    operator("demo", "data", "--output", tmp_path / "other", *arguments, "--seed", "2")
    with store_at(tmp_path / "other", "").transaction() as session:
        assert read_spans(session, companies(1, 2)[0].id, (0, ISP_OUTAGE[1] * 2)) != spans[0]


def test_the_carrier_s_outage_meets_its_customers_and_evidence_takes_it_out(store: Store) -> None:
    hit = [one for one in companies(3, 1) if one.supplier == SUPPLIERS[0]]
    march = {one.customer: one for one in month(store, "2026-03")}
    assert hit
    for number, company in enumerate(companies(3, 1)):
        internet = next(one for one in march[company.id].services if one.service == "internet")
        length = ISP_OUTAGE[1] - ISP_OUTAGE[0]
        excluded = company in hit and number % 2 == 0
        assert internet.seconds.excluded == (length if excluded else 0)
        down = any(one.start <= ISP_OUTAGE[0] < one.end for one in internet.detail.incidents)
        assert down is (company in hit)


def test_maintenance_overran_at_every_third_company_and_nobody_saw_the_gap(store: Store) -> None:
    may = {one.customer: one for one in month(store, "2026-05")}
    for number, company in enumerate(companies(3, 1)):
        files = next(one for one in may[company.id].services if one.service == "files")
        assert files.seconds.maintenance == 7200
        assert [one.objection for one in files.detail.windows] == [""]
        overrun = [one.counted for one in files.detail.incidents if one.down > 6000]
        assert (overrun[0] > 2000) is (number % 3 == 0)
    for found in month(store, "2026-04"):
        internet = next(one for one in found.services if one.service == "internet")
        assert internet.seconds.unknown == GAP[1] - GAP[0]
        assert any(one.state is State.UNKNOWN for one in internet.spans)


def test_a_directory_with_anything_in_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "real.yaml").write_text("x")
    found = operator("demo", "data", "--output", tmp_path)
    assert (found.code, "is not empty" in found.stderr) == (2, True)
