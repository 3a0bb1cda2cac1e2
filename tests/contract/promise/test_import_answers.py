"""Answer times in files: of our own, and of other monitors."""

import json

import pytest

from tests.contract.promise.conftest import Bureau
from tests.contract.promise.test_import import NINE, csv, kuma, told_samples


@pytest.mark.parametrize(
    ("source", "monitor", "told"),
    [
        ("uptime-kuma", "쇼핑몰 Web", [31, None, None, None, 30, 30, None, 29]),
        ("gatus", "hansol_web", [31, 10_000, 10_000, 10_000, 30, 30, 31, 30]),
        ("prometheus", "https://shop.example", [124, None, 9500, 9500, 30, 30, 31, None]),
    ],
)
def test_another_monitor_s_answer_times_are_kept_rounded_up(
    bureau: Bureau, source: str, monitor: str, told: list[int | None]
) -> None:
    file = kuma(bureau) if source == "uptime-kuma" else bureau.data / f"{source}.json"
    bureau.run("sla", "import", file, "--from", source, "--map", f"{monitor}=hansol-plastics/web")
    part = ("--from", "2026-06-01T09:00", "--to", "2026-06-01T10:00", "--json")
    rows = json.loads(bureau.run("sla", "samples", "hansol-plastics", "web", *part).stdout)["samples"]
    assert [one[3] for one in rows] == told


@pytest.mark.parametrize(
    ("took", "told"),
    [
        ("soon", '"soon" is no answer time'),
        ("-1", '"-1" is no answer time'),
        ("1.5", '"1.5" is no answer time'),
        ("86400001", '"86400001" is no answer time'),
    ],
)
def test_a_wrong_answer_time_is_told_by_line_and_column(bureau: Bureau, took: str, told: str) -> None:
    file = csv(bureau, "customer,check,time,state,latency_ms", f"hansol-plastics,web,{NINE},UP,{took}")
    found = bureau.run("sla", "import", file)
    assert (found.code, told in found.stderr) == (2, True)
    assert f"{file.name}:2:35: " in found.stderr


def test_of_two_samples_of_one_moment_the_longer_answer_holds_whichever_came_first(bureau: Bureau) -> None:
    orders = (("", "90"), ("90", ""), ("70", "90"), ("90", "70"))
    for step, told in enumerate(orders):
        for took in told:
            line = f"hansol-plastics,web,{NINE + 60 * step},UP,{took}"
            assert bureau.run("sla", "import", csv(bureau, "customer,check,time,state,latency_ms", line)).code == 0
    kept = [line.rsplit(",", 1)[1] for line in told_samples(bureau).splitlines()[1:]]
    assert kept == ["90"] * len(orders)


def test_a_span_has_no_answer_time(bureau: Bureau) -> None:
    row = f"hansol-plastics,web,{NINE},{NINE + 60},UP,12"
    found = bureau.run("sla", "import", csv(bureau, "customer,check,from,to,state,latency_ms", row))
    assert (found.code, "latency_ms does not fit the columns" in found.stderr) == (2, True)
