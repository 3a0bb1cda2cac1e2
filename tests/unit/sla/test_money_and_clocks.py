"""Credits in won, the ticket's clock, budget and burn rate, mean times: the worked figures, exactly."""

import json
from datetime import datetime
from fractions import Fraction
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from dure.sla.admissibility import SHORTEST_MONTH, highest_admissible, is_admissible, least
from dure.sla.budget import Budget, budget, projected, seconds_until_empty
from dure.sla.burn import RULES, Alarm, burn_rate, burning, windowed_rate
from dure.sla.classes import Seconds
from dure.sla.credits import Band, Bands, CreditLine, credit, credit_basis, credited_share, invoice
from dure.sla.faults import BadRule, SlaError
from dure.sla.incidents import Incident, incidents, started_in
from dure.sla.intervals import intersection, length
from dure.sla.mttx import Course, mean_times
from dure.sla.ratio import from_percent, percent, ratio
from dure.sla.rollup import Member, rollup
from dure.sla.spans import Span
from dure.sla.states import State
from dure.sla.ticket_clock import business_seconds, due_at, in_time
from dure.sla.verdict import Verdict
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.sla.cases import intervals
from tests.unit.sla.engine import account_of
from tests.unit.sla.examples import tried

Json = dict[str, Any]
DATA = Path(__file__).parent / "data"
CREDITS: list[Json] = json.loads((DATA / "credits.json").read_text("utf-8"))
CLOCK: Json = json.loads((DATA / "ticket_clock.json").read_text("utf-8"))
SEOUL = ZoneInfo("Asia/Seoul")
TARGET = from_percent("99.9")
BANDS = Bands(
    tuple(
        Band(from_percent(at_least), from_percent(share))
        for at_least, share in (("99.9", "0"), ("99.5", "10"), ("99", "20"), ("95", "30"))
    ),
    from_percent("50"),
)


@pytest.mark.parametrize("row", CREDITS, ids=lambda row: row["name"])
def test_a_credit_is_computed_to_the_won(row: Json) -> None:
    shares = [credited_share(from_percent(row["availability"]), BANDS)]
    shares += [from_percent(one) for one in row.get("others", [])]
    assert credit(shares, row["fee"], from_percent(row.get("cap", "50"))) == row["won"]


def test_bands_that_contradict_each_other_are_refused() -> None:
    upper, lower = Band(from_percent("99.9"), from_percent("10")), Band(from_percent("99"), from_percent("5"))
    for bands, below in (((upper, lower), "50"), ((lower, upper), "50"), ((upper,), "5"), ((), "101")):
        with pytest.raises(BadRule):
            Bands(bands, from_percent(below))
    with pytest.raises(BadRule, match="negative"):
        credit([Fraction(1, 10)], -1)


def test_an_undecided_month_is_credited_on_what_is_known_unless_the_contract_says_the_bound() -> None:
    timeline = [[0, 1, "DOWN"], [1, 990, "UP"]]
    found = account_of({"period": [0, 1000], "checks": {"web": {"timeline": timeline}}})
    assert found.verdict is Verdict.INDETERMINATE
    assert credit_basis(found.figures, found.verdict) == 1 - Fraction(1, 990)
    assert credit_basis(found.figures, found.verdict, lower_bound=True) == 1 - Fraction(11, 1000)
    assert credit_basis(found.figures, Verdict.INSUFFICIENT_DATA) is None


def test_an_invoice_has_supply_value_and_tax_of_what_is_left() -> None:
    lines = [
        CreditLine("web", 333_333, Fraction(1, 10), 33_333),
        CreditLine("db", 100_001, Fraction(1, 10), 10_000, "agreed"),
    ]
    found = invoice(lines)
    assert (found.fees, found.credits, found.supply_value) == (433_334, 33_333, 400_001)
    assert (found.vat, found.total) == (40_000, 440_001)


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=SEOUL).timestamp())


def parts(rows: list[list[str]]) -> tuple[tuple[int, int], ...]:
    return tuple((at(start), at(end)) for start, end in rows)


@pytest.mark.parametrize("row", CLOCK["rows"], ids=lambda row: row["name"])
def test_the_clock_of_a_ticket_runs_in_office_hours(row: Json) -> None:
    hours, pauses = parts(CLOCK["hours"]), parts(row.get("pauses", []))
    taken = row["minutes"] * 60
    assert business_seconds(hours, at(row["start"]), at(row["end"]), pauses) == taken
    assert in_time(hours, at(row["start"]), at(row["end"]), taken, pauses)
    assert taken == 0 or not in_time(hours, at(row["start"]), at(row["end"]), taken - 1, pauses)


@pytest.mark.parametrize("row", CLOCK["due"], ids=lambda row: row["name"])
def test_a_ticket_is_due_when_its_clock_has_run_out(row: Json) -> None:
    hours, pauses = parts(CLOCK["hours"]), parts(row.get("pauses", []))
    expected = None if row["due"] is None else at(row["due"])
    assert due_at(hours, at(row["start"]), row["minutes"] * 60, pauses) == expected


@tried
@given(
    st.lists(intervals(0, 200), max_size=4),
    st.integers(0, 200),
    st.integers(1, 300),
    st.lists(intervals(0, 200), max_size=2),
)
def test_due_time_and_clock_agree(hours: list[list[int]], start: int, limit: int, pauses: list[list[int]]) -> None:
    open_, waits = tuple((a, b) for a, b in hours), tuple((a, b) for a, b in pauses)
    due = due_at(open_, start, limit, waits)
    if due is None:
        assert business_seconds(open_, start, 10_000, waits) < limit
    else:
        assert business_seconds(open_, start, due, waits) == limit


def test_g29_the_budget_of_the_korean_guide() -> None:
    found = Budget(budget(2_592_000, from_percent("99.5")).total, Fraction(4500))
    assert (found.total, found.left) == (12_960, 8460)
    assert found.left_share is not None
    assert percent(found.left_share) == "65.277"
    half = ratio(Seconds(1_296_000, 0, 0, 0, 0, 1_296_000, 1_291_500, 0, 4500, 0))
    assert projected(half, 2_592_000) == 9000
    silent = ratio(Seconds(1_296_000, 0, 0, 0, 0, 1_296_000, 1_226_700, 0, 4500, 64_800))
    assert projected(silent, 2_592_000) == Fraction(4500 * 2_592_000, 1_231_200), "on known seconds"
    deaf = ratio(Seconds(1_296_000, 0, 0, 0, 0, 1_296_000, 1_226_699, 0, 4500, 64_801))
    assert projected(deaf, 2_592_000) is None
    assert projected(ratio(Seconds(10, 0, 0, 0, 0, 10, 0, 0, 0, 10)), 10) is None
    assert seconds_until_empty(found, Fraction(2), from_percent("99.5")) == 846_000
    assert seconds_until_empty(found, Fraction(0), from_percent("99.5")) is None
    assert Budget(Fraction(0), Fraction(0)).left_share is None
    with pytest.raises(BadRule, match="100 %"):
        budget(1, Fraction(1))


HOUR = 3600


def burning_with(bad: list[tuple[int, int]], interval: int = 60) -> list[Alarm]:
    """`bad` are seconds before now; the service had been up for three days."""
    now = 72 * HOUR
    spans, reached = [], 0
    for ago, until in sorted(bad, reverse=True):
        spans += [Span(reached, now - ago, State.UP), Span(now - ago, now - until, State.DOWN)]
        reached = now - until
    spans.append(Span(reached, now, State.UP))
    spans = [one for one in spans if one.start < one.end]
    return [one.rule.alarm for one in burning(spans, ((0, now),), now, TARGET, interval)]


def test_g28_both_windows_must_burn() -> None:
    assert burn_rate(60, HOUR, TARGET) == Fraction(50, 3)
    assert burn_rate(60, 300, TARGET) == 200
    assert burn_rate(0, 300, TARGET) == 0
    assert Alarm.PAGE in burning_with([(60, 0)])
    assert burning_with([(400, 340)]) == []


def test_g28b_a_slow_burn_pages_slowly() -> None:
    assert burn_rate(180, 6 * HOUR, TARGET) == Fraction(25, 3)
    assert burn_rate(60, 1800, TARGET) == Fraction(100, 3)
    found = burning_with([(5 * HOUR + 120, 5 * HOUR), (460, 400)])
    assert Alarm.PAGE not in found
    assert Alarm.PAGE_SLOW in found


def test_windows_hold_five_samples_of_a_slow_check() -> None:
    fitted = RULES[0].for_interval(300)
    assert (fitted.short, fitted.long) == (25 * 60, 5 * HOUR)
    assert RULES[0].for_interval(60) == RULES[0]
    assert RULES[1].for_interval(300) == RULES[1]


def test_the_burn_clock_stops_outside_hours() -> None:
    spans = (Span(0, 3600, State.UP), Span(3600, 3660, State.DOWN), Span(3660, 100_000, State.UP))
    ast = ((0, 3660), (90_000, 90_240))
    assert windowed_rate(spans, ast, 90_240, 300, TARGET) == Fraction(60, 300) * 1000
    assert windowed_rate(spans, (), 90_240, 300, TARGET) is None
    assert windowed_rate((), ast, 90_240, 300, TARGET) is None
    assert length(intersection(ast, ((0, 90_240),))) == 3900


def courses(*restores: int) -> list[Course]:
    return [
        Course(100_000 * number, 100_000 * number + 60, restore=100_000 * number + one)
        for number, one in enumerate(restores)
    ]


def test_g30_mean_times_agree_with_availability() -> None:
    ast = 2_592_000
    found = mean_times(courses(600, 1200, 1800), (0, ast), ast, 3600, ast)
    assert (found.mttr, found.mtbf, found.mtbsi, found.mttd) == (1200, 862_800, 864_000, 60)
    assert found.mtbsi is not None
    assert percent(found.mtbf / found.mtbsi, 5) == percent(1 - Fraction(3600, ast), 5) == "99.86111"


def test_without_incidents_times_between_failures_are_at_least_the_agreed_time() -> None:
    found = mean_times([], (0, 1000), 900, 0, 1000)
    assert (found.mttr, found.mtbf, found.censored, found.mtbsi) == (None, 1000, True, None)


def test_an_incident_counts_where_it_starts_and_its_restore_where_it_ends() -> None:
    over = [Course(900, 930, restore=1200)]
    june, july = mean_times(over, (0, 1000), 1000, 100, 1000), mean_times(over, (1000, 2000), 1000, 200, 1000)
    assert (june.started, june.restored, june.mttr) == (1, 0, None)
    assert (july.started, july.restored, july.mttr) == (0, 1, 300)
    assert (july.censored, july.mtbsi) == (True, None)
    with pytest.raises(SlaError, match="out of order"):
        Course(900, 800)


def test_g03_and_g31_incidents_merge_and_belong_to_one_month() -> None:
    down = [(0, 300), (420, 720), (1100, 1160)]
    found = incidents([Span(*one, State.DOWN) for one in down])
    assert found == (Incident(0, 720, 600), Incident(1100, 1160, 60))
    assert [one.elapsed for one in found] == [720, 60]
    assert started_in(found, (0, 1100)) == found[:1]
    assert started_in(found, (1100, 1101)) == found[1:]
    edge = [Span(0, 1, State.DOWN), Span(301, 302, State.DOWN), Span(603, 604, State.DOWN)]
    assert [(one.start, one.end) for one in incidents(edge)] == [(0, 302), (603, 604)]


def test_a_target_that_measurement_cannot_prove_is_not_admissible() -> None:
    assert is_admissible(TARGET, 600_000, 60)
    assert not is_admissible(TARGET, 599_999, 60)
    assert highest_admissible(600_000, 60) == TARGET
    highest = highest_admissible(550_800, 60)
    assert highest is not None
    assert is_admissible(highest, 550_800, 60)
    assert percent(highest) == "99.891"
    assert highest_admissible(600, 60) is None
    assert least([]) == SHORTEST_MONTH
    assert least([5, 3]) == 3
    with pytest.raises(BadRule, match="100 %"):
        is_admissible(Fraction(1), 1, 1)


@tried
@given(st.integers(1, 3_000_000), st.integers(1, 3600))
def test_the_highest_admissible_target_is_admissible_and_none_above_it(ast: int, interval: int) -> None:
    highest = highest_admissible(ast, interval)
    if highest is None:
        assert ast <= 10 * interval
        return
    assert is_admissible(highest, ast, interval)
    above = highest + (1 - highest) / 1000
    assert not is_admissible(above, ast, interval)


def member(name: str, down: int, size: int, target: str = "99") -> Member:
    timeline = [[0, down, "DOWN"]] * (down > 0) + [[down, size, "UP"]] * (down < size)
    case = {"period": [0, size], "checks": {"web": {"timeline": timeline}}, "target": target}
    found = account_of(case)
    return Member(name, found.figures, found.verdict)


def test_a_roll_up_adds_seconds_and_names_the_worst() -> None:
    found = rollup([member("mail", 0, 900), member("erp", 100, 100), member("none", 50, 1000, "10")])
    assert found.availability == 1 - Fraction(150, 2000)
    assert (found.met, found.judged, found.undecided, found.worst) == (2, 3, 0, "erp")
    assert rollup([]).availability is None
