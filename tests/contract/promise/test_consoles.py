"""Lists of protected hosts and estimates of the benefit: measured at the close, led back to their rows, reported."""

import json
from fractions import Fraction
from pathlib import Path

from dure.store.promise.record_tables import EndpointRow
from sqlalchemy import func, select

from tests.contract.promise.conftest import Bureau, in_both_stores
from tests.contract.promise.test_indicators import CUSTOMER, close, facts
from tests.contract.promise.test_records import example

SHARE = Fraction(100 * 113, 120)
"""pc-03 was without protection on two days, pc-02 stale on five."""
EXPLAIN = ("sla", "explain", CUSTOMER)


def taken(bureau: Bureau, kind: str, file: Path) -> str:
    found = bureau.run("import", kind, file)
    assert found.code == 0, found.stderr
    return found.stderr


def without(file: Path, *days: str) -> Path:
    """The lists without those of these days."""
    lines = file.read_text(encoding="utf-8").splitlines()
    file.write_text("\n".join(one for one in lines if not any(f",{day}T" in one for day in days)) + "\n")
    return file


def test_hosts_are_judged_list_by_list_and_summed_over_the_month(june: Bureau) -> None:
    taken(june, "endpoints", example(june, "endpoints.csv"))
    close(june)
    found = facts(june)["endpoint"]
    assert (found.value, found.part, found.whole) == (SHARE, 113, 120)
    days = {one["day"]: one for one in json.loads(found.basis)["days"]}
    assert (days["2026-06-11"]["unprotected"], days["2026-06-11"]["stale"]) == (1, 0)
    # Renewed at 6:24 of the 17th: seven days are over when the list of the 24th is made, at 9:00.
    assert [day for day, one in days.items() if one["stale"]] == [f"2026-06-{day}" for day in range(24, 29)]


def test_a_month_with_too_few_lists_has_no_value_and_never_zero(june: Bureau) -> None:
    taken(june, "endpoints", without(example(june, "endpoints.csv"), "2026-06-06", "2026-06-07"))
    close(june)
    found = facts(june)["endpoint"]
    assert (found.value, found.why, found.coverage) == (None, "too-few", Fraction(28, 30))
    told = june.run(*EXPLAIN, "indicator:endpoint", "2026-06").stdout
    assert "no value, too few days of the month have a list of hosts" in told


def test_a_month_of_which_an_axis_or_the_cost_is_not_told_has_no_benefit(june: Bureau) -> None:
    file = example(june, "benefit.csv")
    lines = file.read_text(encoding="utf-8").splitlines()
    file.write_text("\n".join(one for one in lines if ",revenue," not in one) + "\n", encoding="utf-8")
    taken(june, "benefit", file)
    close(june)
    found = facts(june)["net_benefit"]
    assert (found.value, found.why, found.part, found.whole) == (None, "too-few", 3, 4)
    listed = june.run(*EXPLAIN, "indicators", "2026-06", "--language", "ko").stdout
    assert "29 net_benefit     월간 순효과: 값 없음, 네 축과 비용 가운데 아직 추정하지 않은 것이 있습니다" in listed


def test_a_benefit_is_led_back_to_its_axes_and_large_amounts_are_no_moments(june: Bureau) -> None:
    file = example(june, "benefit.csv")
    file.write_text(file.read_text(encoding="utf-8").replace(",150000,180000,200000,", ",0,0,1500000000,"))
    taken(june, "benefit", file)
    close(june)
    told = june.run(*EXPLAIN, "indicator:net_benefit", "2026-06").stdout
    assert "29 net_benefit     net benefit on four axes: 355,000 KRW (observed only); imported estimates" in told
    assert "60,000 KRW by the low estimate, 1,500,990,000 by the high one" in told
    assert "axis cost, basis 토너와" in told
    assert "high 1,500,000,000, likely 0, low 0" in told
    assert "spent: 400,000" in told


@in_both_stores
def test_lists_that_come_after_the_close_are_told_and_change_it_by_restatement_alone(june: Bureau) -> None:
    close(june)
    for kind in ("endpoints", "benefit"):
        late = taken(june, kind, example(june, f"{kind}.csv"))
        assert "closed months concern them and stay as they are: hansol-plastics 2026-06" in late
    told = june.run("sla", "verify", "2026-06", CUSTOMER)
    assert told.code == 3
    for key in ("endpoint", "net_benefit"):
        assert f"hansol-plastics/indicator:{key} r1: records is frozen as none, computed as" in told.stdout
        assert facts(june)[key].value is None
    command = ("sla", "restate", "2026-06", CUSTOMER)
    proposed = june.run(*command, "--reason", "목록이 늦게 왔습니다")
    assert "indicator endpoint: none -> 565/6, not measured -> observed" in proposed.stdout, proposed.stderr
    june.sit("lee-jiwon")
    assert june.run(*command).code == 0
    assert (facts(june)["endpoint"].value, facts(june)["net_benefit"].value) == (SHARE, 535_000)
    assert june.run("sla", "verify", "2026-06", CUSTOMER).code == 0


@in_both_stores
def test_lists_are_let_go_after_thirteen_months_once_their_month_is_closed(june: Bureau) -> None:
    taken(june, "endpoints", example(june, "endpoints.csv"))
    taken(june, "endpoints", example(june, "endpoints.json"))

    def kept() -> int:
        with june.store().transaction() as session:
            return session.scalar(select(func.count()).select_from(EndpointRow)) or 0

    june.clock("2027-07-31T10:00")
    close(june)
    assert (june.run("sla", "samples", "--prune").code, kept()) == (0, 122)
    june.clock("2027-08-02T10:00")
    before = june.run("sla", "samples", "--prune", "--check")
    assert (before.code, "120 rows of old lists of hosts would be let go" in before.stdout, kept()) == (3, True, 122)
    # May is not closed: what it would be closed with stays.
    assert "120 rows of old lists of hosts let go" in june.run("sla", "samples", "--prune").stdout
    assert kept() == 2
    assert june.run("sla", "verify", "2026-06", CUSTOMER).code == 0
    assert facts(june)["endpoint"].value == SHARE


def test_the_report_tells_hosts_and_benefit_in_the_customers_language_with_their_range(june: Bureau) -> None:
    for kind in ("endpoints", "benefit"):
        taken(june, kind, example(june, f"{kind}.csv"))
    close(june)

    def page(language: str) -> str:
        found = june.run("report", CUSTOMER, "--month", "2026-06", "--language", language, "--output", "-")
        assert found.code == 0, found.stderr
        return " ".join(found.stdout.replace("\u00a0", " ").replace("\u2060", "").split())

    ko, en = page("ko"), page("en")
    assert "기기 4대 가운데 4대가 보호되고 있으며 7일 안에 갱신되었습니다 (100.000%)" in ko
    assert "서비스 비용을 빼고도 535,000원의 효과가 있었던 것으로 추정합니다. 적게 보면 210,000원" in ko
    assert "업무 전산 사용자 21명이 하루 2분에서 4분을 아꼈습니다" in ko
    assert "4 of 4 machines were protected and renewed within 7 days (100.000%)" in en
    assert "brought KRW 535,000 more than they cost this month: KRW 210,000 by the low estimate, KRW 1,190,000" in en
    assert "210,000 to 1,190,000 KRW" in en
    assert "업무 전산" not in en
    data = json.loads(june.run("report", CUSTOMER, "--month", "2026-06", "--format", "json", "--output", "-").stdout)
    assert (data["benefit"]["low"], data["benefit"]["likely"], data["benefit"]["high"]) == (210_000, 535_000, 1_190_000)
