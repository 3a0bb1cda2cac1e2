"""The indicator of answer times: from kept samples, in agreed time, frozen with what it rests on."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from fractions import Fraction
from pathlib import Path

import pytest
from dure.sla.states import State
from dure.store.promise.months import IndicatorFact, customer_month
from dure.store.promise.sample_cold import SampleCold
from dure.store.promise.spans import read_spans
from sqlalchemy import delete

from tests.contract.promise.conftest import Bureau

CUSTOMER = "hansol-plastics"
SEOUL = timezone(timedelta(hours=9))
JUNE = (1_780_239_600, 1_782_831_600)
FILE = f"customers/{CUSTOMER}.yaml"


def promised(bureau: Bureau, limit: int = 2000) -> None:
    bureau.edit(FILE, "{ check: web }", f"{{ check: web, response_ms: {limit} }}")


def moments(bureau: Bureau) -> Iterator[tuple[int, bool]]:
    """Each minute of June's working days from nine to six in which the web was up; True in agreed time."""
    with bureau.store().transaction() as session:
        spans = read_spans(session, CUSTOMER, JUNE)["web"]
    for span in spans:
        if span.state is not State.UP:
            continue
        for ts in range(-(-span.start // 60) * 60, span.end, 60):
            local = datetime.fromtimestamp(ts, UTC).astimezone(SEOUL)
            if local.weekday() < 5 and 9 <= local.hour < 18 and (local.month, local.day) != (6, 3):
                yield ts, local.hour != 12


def write(bureau: Bureau, rows: list[tuple[int, str]]) -> Path:
    file = bureau.root.parent / "answers.csv"
    lines = (f"{CUSTOMER},web,{ts},UP,{took}" for ts, took in rows)
    file.write_text("customer,check,time,state,latency_ms\n" + "\n".join(lines) + "\n", encoding="utf-8")
    return file


def response(bureau: Bureau) -> IndicatorFact:
    assert bureau.run("sla", "close", "2026-06", CUSTOMER).code == 0
    month = customer_month(bureau.store(), CUSTOMER, "2026-06")
    assert month is not None
    return next(one for one in month.indicators if one.indicator.key == "response")


def answers(bureau: Bureau) -> list[tuple[int, str]]:
    """Fifty are late in agreed time, one is just at the limit, and lunch is slow, which does not count."""
    found, late = [], 0
    for ts, agreed in moments(bureau):
        late += agreed
        took = "9000" if not agreed else "2001" if late <= 50 else "2000" if late == 51 else "120"
        found.append((ts, took))
    return found


def test_the_share_of_up_samples_in_agreed_time_that_answered_within_the_limit(june: Bureau) -> None:
    promised(june)
    rows = answers(june)
    taken = june.run("sla", "import", write(june, rows))
    assert (taken.code, "0 spans are new" in taken.stdout) == (0, True), taken.stderr
    counted = sum(took != "9000" for _, took in rows)
    found = response(june)
    assert (found.part, found.whole, found.source) == (counted - 50, counted, "samples")
    assert found.value == 100 * Fraction(counted - 50, counted)
    assert found.coverage is not None
    assert found.coverage >= Fraction(95, 100)
    [check] = json.loads(found.basis)["checks"]
    assert (check["service"], check["check"], check["limit_ms"], check["in_time"]) == ("erp", "web", 2000, counted - 50)
    told = june.run("sla", "explain", CUSTOMER, "indicator:response", "2026-06", "--language", "ko").stdout
    assert "응답시간 준수율" in told
    assert "제한 시간 안에 답한 표본 ÷ 답한 시간을 아는 표본" in told
    assert june.run("sla", "verify", "2026-06", CUSTOMER).code == 0


def test_samples_without_a_time_decide_by_the_bounds(june: Bureau) -> None:
    promised(june)
    keys = ("availability", "restored", "backup", "request", "information", "satisfaction", "utilisation")
    scored = ", ".join((*(f"{{ key: {key} }}" for key in keys), '{ key: response, target: "98" }'))
    june.edit(FILE, "  tier: standard", f"  tier: standard\n  indicators: [{scored}]")
    agreed = [ts for ts, counts in moments(june) if counts]
    late, silent = len(agreed) * 1 // 100, len(agreed) * 3 // 100
    took = ["3000"] * late + [""] * silent + ["120"] * (len(agreed) - late - silent)
    june.run("sla", "import", write(june, list(zip(agreed, took, strict=True))))
    found = response(june)
    assert found.value is not None
    assert found.value > 98, "of those that tell a time enough were in time"
    assert found.verdict == "to be reviewed", "but not of all that were UP"
    told = june.run("sla", "explain", CUSTOMER, "indicator:response", "2026-06").stdout
    assert "had all samples without a time been late" in told
    assert june.run("sla", "verify", "2026-06", CUSTOMER).code == 0


def test_a_thick_run_of_quick_samples_does_not_thin_out_the_slow_ones(june: Bureau) -> None:
    promised(june)
    rows = answers(june)
    thick = [(ts + second, "5") for ts, took in rows[-600:] if took != "9000" for second in range(1, 48)]
    june.run("sla", "import", write(june, rows + thick))
    counted = sum(took != "9000" for _, took in rows)
    found = response(june)
    assert (found.part, found.whole) == (counted - 50, counted)
    assert june.run("sla", "verify", "2026-06", CUSTOMER).code == 0


def test_samples_that_change_after_the_close_are_found_and_those_let_go_are_not(june: Bureau) -> None:
    promised(june)
    rows = answers(june)
    june.run("sla", "import", write(june, rows))
    response(june)
    promised_later = "{ check: web, response_ms: 100 }"
    june.edit(FILE, "{ check: web, response_ms: 2000 }", promised_later)
    assert june.run("sla", "verify", "2026-06", CUSTOMER).code == 0, "the limit is the one of the close"
    june.run("sla", "import", write(june, [(rows[60][0], "2500")]))
    found = june.run("sla", "verify", "2026-06", CUSTOMER)
    assert (found.code, "indicator:response r1: records is frozen as" in found.stdout) == (3, True)
    june.clock("2026-08-03T10:00")
    june.run("sla", "samples", "--prune")
    assert june.run("sla", "verify", "2026-06", CUSTOMER).code == 3, "packed samples are read as well"
    with june.store().transaction() as session:
        session.execute(delete(SampleCold))
    assert june.run("sla", "verify", "2026-06", CUSTOMER).code == 0


@pytest.mark.parametrize(
    ("limit", "kept", "told"),
    [
        (0, "all", ("not measured", "no-response-limit")),
        (2000, "none", ("not measured", "no-samples")),
        (2000, "untimed", ("not measured", "no-latency")),
        (2000, "half", ("too few to judge", "too-few")),
    ],
)
def test_without_limit_or_samples_or_their_times_there_is_no_value_but_a_reason(
    june: Bureau, limit: int, kept: str, told: tuple[str, str]
) -> None:
    if limit:
        promised(june, limit)
    rows = answers(june)
    chosen = {"all": rows, "none": [], "untimed": [(ts, "") for ts, _ in rows], "half": rows[::2]}[kept]
    if chosen:
        june.run("sla", "import", write(june, chosen))
    found = response(june)
    assert (found.value, found.verdict, found.why) == (None, *told)
    report = june.run("report", CUSTOMER, "--month", "2026-06", "--json")
    lacking = {one["number"]: one["why"]["ko"] for one in json.loads(report.stdout)["lacking"]}
    assert lacking[4]
