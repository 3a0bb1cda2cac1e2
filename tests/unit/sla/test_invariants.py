"""What must hold for any data: the invariants of the method."""

from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from typing import Any

from dure.sla.case import Account, Case, KnownCheck, SampledCheck, account
from dure.sla.checks import CheckRule
from dure.sla.classes import Seconds
from dure.sla.composition import ALL
from dure.sla.freeze import correction, digest, freeze
from dure.sla.intervals import difference, intersection, length, union
from dure.sla.maintenance import MaintenanceMode, MaintenanceRules
from dure.sla.ratio import Ratio, percent
from dure.sla.samples import Sample
from dure.sla.spans import Span, Spans, merged, within
from dure.sla.states import State
from dure.sla.verdict import Verdict
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.sla.cases import accounting_cases, intervals
from tests.unit.sla.engine import account_of, explained
from tests.unit.sla.examples import tried

Json = dict[str, Any]
MODES = st.sampled_from(list(MaintenanceMode))


def classes_sum(seconds: Seconds, mode: str) -> bool:
    masked = seconds.not_monitored + seconds.out_of_hours + seconds.excluded
    if mode == "exclude":
        masked += seconds.maintenance
    states = seconds.up + seconds.degraded + seconds.down + seconds.unknown
    return seconds.ast == states and seconds.period == masked + seconds.ast


@tried
@given(accounting_cases(), st.randoms(use_true_random=False))
def test_neither_order_nor_repetition_of_anything_changes_a_result(case: Json, random: Any) -> None:
    shuffled = {**case, "checks": {}}
    for name, check in case["checks"].items():
        rows = check.get("samples", [])
        repeated = [*rows, *random.choices(rows, k=len(rows))] if rows else []
        random.shuffle(repeated)
        shuffled["checks"][name] = {**check, "samples": repeated} if "samples" in check else check
    for key in ("maintenance", "exclusions", "collector_dead"):
        shuffled[key] = [*case[key], *case[key]]
        random.shuffle(shuffled[key])
    assert explained(shuffled) == explained(case)


def test_two_thousand_shuffles_with_repeats_of_one_outage() -> None:
    import random

    rows = [[60 * number, {"U": "UP", "D": "DOWN"}[letter]] for number, letter in enumerate("UUDDUDDDUUUUDUUUUU")]
    rows.append([180, "UP"])
    source = random.Random(26)
    for _ in range(2000):
        samples = [*rows, *source.choices(rows, k=5)]
        source.shuffle(samples)
        found = account_of({"period": [0, 1080], "checks": {"web": {"samples": samples}}})
        assert found.spans == (Span(0, 120, State.UP), Span(120, 480, State.DOWN), Span(480, 1080, State.UP))


@tried
@given(accounting_cases())
def test_classes_sum_to_the_period_bounds_hold_and_a_verdict_is_certain_where_it_says_so(case: Json) -> None:
    found = account_of(case)
    assert classes_sum(found.seconds, case["maintenance_rules"]["mode"])
    assert min(vars_of(found.seconds)) >= 0
    assert_bounds(found.figures)
    assert_certain(found, Fraction(case["target"]) / 100)
    for spans in [found.spans, *(one.spans for one in found.checks.values())]:
        assert_timeline(spans)


def assert_bounds(figures: Ratio) -> None:
    if figures.lower is None or figures.upper is None or figures.coverage is None:
        assert figures.ast == 0
        return
    assert 0 <= figures.lower <= figures.upper <= 1
    assert 0 <= figures.coverage <= 1
    if figures.availability is None:
        assert figures.known == 0
    else:
        assert figures.lower <= figures.availability <= figures.upper


def assert_certain(found: Account, target: Fraction) -> None:
    if found.verdict is Verdict.MET:
        assert found.figures.lower is not None
        assert found.figures.lower >= target
    if found.verdict is Verdict.BREACHED:
        assert found.figures.availability is None or found.figures.availability < target
    assert (found.verdict is Verdict.NOT_APPLICABLE) == (found.seconds.ast == 0)


def assert_timeline(spans: Spans) -> None:
    assert all(one.start < one.end for one in spans)
    for before, after in pairwise(spans):
        assert before.end <= after.start
        assert before.end < after.start or before.state is not after.state


def vars_of(seconds: Seconds) -> list[int]:
    return [getattr(seconds, name) for name in Seconds.__slots__]


@tried
@given(accounting_cases(), st.floats(0, 1))
def test_seconds_of_a_period_are_those_of_its_parts(case: Json, where: float) -> None:
    start, end = case["period"]
    middle = start + int((end - start) * where)
    if not start < middle < end:
        return
    # A cap belongs to a period, and "now" must be the same: both are fixed here.
    latest = [one[0] for check in case["checks"].values() for one in check.get("samples", [])]
    case = {**case, "until": case.get("until", max([end, *latest])) + 200}
    case["maintenance_rules"] = {**case["maintenance_rules"], "cap": 14400}
    whole, left, right = (
        vars_of(account_of({**case, "period": part}).seconds) for part in ([start, end], [start, middle], [middle, end])
    )
    assert whole == [one + other for one, other in zip(left, right, strict=True)]


def with_down(spans: Spans, down: tuple[int, int]) -> Spans:
    kept = within(spans, difference([(one.start, one.end) for one in spans], (down,)))
    return merged(sorted([*kept, Span(*down, State.DOWN)]))


@tried
@given(accounting_cases(), st.data())
def test_more_downtime_of_a_service_never_raises_availability(case: Json, data: st.DataObject) -> None:
    before = account_of(case)
    worse = with_down(before.spans, data.draw(downtimes(case)))
    service = replace(_known(case, before), checks={"service": KnownCheck(worse)}, rule=ALL)
    assert_no_better(before, account(service))


@tried
@given(accounting_cases(), st.data())
def test_more_downtime_of_a_check_never_raises_availability_where_degraded_weighs_nothing(
    case: Json, data: st.DataObject
) -> None:
    # With a weight it may: a redundant pair of UP and unknown is degraded, and of DOWN and unknown is unknown.
    case = {**case, "degraded_weight": "0"}
    before = account_of(case)
    model = _known(case, before)
    name = data.draw(st.sampled_from(sorted(model.checks)))
    worse = with_down(before.checks[name].spans, data.draw(downtimes(case)))
    assert_no_better(before, account(replace(model, checks={**model.checks, name: KnownCheck(worse)})))


def downtimes(case: Json) -> st.SearchStrategy[tuple[int, int]]:
    start, end = case["period"]
    return intervals(start, end - start).map(lambda one: (one[0], one[1]))


def assert_no_better(before: Account, after: Account) -> None:
    assert after.seconds.ast == before.seconds.ast
    for name in ("availability", "lower", "upper"):
        earlier, later = getattr(before.figures, name), getattr(after.figures, name)
        assert earlier is None or later is None or later <= earlier


def _known(case: Json, found: Account) -> Case:
    """The case with its checks' timelines as they came out."""
    from dure.model.accounting.case_model import AccountingCase
    from dure.model.accounting.conversion import to_case

    checks = {name: KnownCheck(one.spans) for name, one in found.checks.items()}
    return replace(to_case(AccountingCase.model_validate(case)), checks=checks)


@tried
@given(accounting_cases())
def test_taking_maintenance_out_never_costs_when_all_that_is_bad_lies_in_it(case: Json) -> None:
    rules = {"notice": 0, "cap": 14400}
    excluded = account_of({**case, "maintenance_rules": {**rules, "mode": "exclude"}})
    ignored = account_of({**case, "maintenance_rules": {**rules, "mode": "ignore"}})
    outside = within(excluded.spans, excluded.masks.ast)
    if any(one.state in (State.DOWN, State.DEGRADED) for one in outside):
        return
    if excluded.figures.availability is not None and ignored.figures.availability is not None:
        assert excluded.figures.availability >= ignored.figures.availability


@tried
@given(st.integers(0, 500), st.integers(1, 400), st.integers(0, 400), st.integers(1, 400))
def test_an_outage_inside_a_window_costs_less_when_the_window_is_taken_out(
    start: int, size: int, down_from: int, down: int
) -> None:
    outage = [start + down_from % size, min(start + size, start + down_from % size + down)]
    window = {"start": start, "end": start + size, "announced": start, "approved": start}
    found = {}
    for mode in ("exclude", "as_up", "ignore"):
        checks = {"web": {"timeline": _around(outage)}}
        rules = {"mode": mode, "notice": 0}
        case = {"period": [0, 1000], "checks": checks, "maintenance": [window], "maintenance_rules": rules}
        found[mode] = account_of(case).figures.availability
    assert found["exclude"] == found["as_up"] == 1
    assert found["ignore"] == 1 - Fraction(outage[1] - outage[0], 1000)


def _around(outage: list[int]) -> list[list[Any]]:
    parts = [[0, outage[0], "UP"], [*outage, "DOWN"], [outage[1], 1000, "UP"]]
    return [part for part in parts if part[0] < part[1]]


@tried
@given(accounting_cases(), st.randoms(use_true_random=False))
def test_a_frozen_month_computed_again_has_the_same_bytes(case: Json, random: Any) -> None:
    first = freeze(account_of(case), "KR-2026.r1", digest(case["maintenance_rules"]))
    turned = dict(reversed(list(case.items())))
    turned["exclusions"] = list(reversed(case["exclusions"]))
    again = freeze(account_of(turned), "KR-2026.r1", digest(dict(reversed(list(case["maintenance_rules"].items())))))
    assert first.content() == again.content()
    assert correction(first.seconds, again.seconds) == {}


def test_late_data_change_the_ledger_and_not_the_frozen_row() -> None:
    silent = [[60 * number, "UP"] for number in range(60) if not 660 <= 60 * number < 1800]
    late = [[60 * number, "DOWN"] for number in range(60) if 660 <= 60 * number < 1800]
    frozen = freeze(account_of({"period": [0, 3600], "checks": {"web": {"samples": silent}}}), "KR-2026.r1", "p")
    before = frozen.content()
    found = account_of({"period": [0, 3600], "checks": {"web": {"samples": silent + late}}})
    assert correction(frozen.seconds, found.seconds) == {"down": 1140, "unknown": -1140}
    assert frozen.content() == before
    assert freeze(found, "KR-2026.r1", "p").spans != frozen.spans


@tried
@given(st.integers(1, 120), st.integers(0, 119), st.integers(1, 5), st.integers(0, 5), st.integers(1, 30), st.data())
def test_an_outage_of_n_intervals_is_confirmed_with_an_error_of_at_most_one_interval(
    interval: int, phase: int, n: int, extra: int, size: int, data: st.DataObject
) -> None:
    start = 20 * interval
    end = start + n * interval + data.draw(st.integers(0, size * interval))
    samples = [
        [at, "DOWN" if start <= at < end else "UP"] for at in range(phase % interval, end + 20 * interval, interval)
    ]
    check = {"interval": interval, "n": n, "m": n + extra, "r": 2, "samples": samples}
    found = account_of({"period": [0, end + 10 * interval], "checks": {"web": check}})
    assert len(found.checks["web"].outages) == 1
    assert abs(found.seconds.down - (end - start)) <= interval


@tried
@given(st.integers(0, 10**7), st.integers(1, 10**7))
def test_a_displayed_figure_is_never_above_the_exact_one(bad: int, known: int) -> None:
    exact = 1 - Fraction(min(bad, known), known)
    for places in (0, 3, 5):
        shown = Fraction(percent(exact, places))
        assert shown <= exact * 100 < shown + Fraction(1, 10**places)
        assert exact == 1 or shown < 100


SECONDS = st.sets(st.integers(0, 60))


def parts_of(seconds: set[int]) -> tuple[tuple[int, int], ...]:
    return union((one, one + 1) for one in seconds)


@tried
@given(SECONDS, SECONDS)
def test_intervals_behave_as_the_sets_of_seconds_that_they_are(left: set[int], right: set[int]) -> None:
    one, other = parts_of(left), parts_of(right)
    assert union([*one, *other]) == parts_of(left | right)
    assert intersection(one, other) == parts_of(left & right)
    assert difference(one, other) == parts_of(left - right)
    assert length(one) == len(left)


@tried
@given(st.lists(st.tuples(st.integers(0, 9), st.sampled_from(State)), min_size=1), MODES)
def test_the_worst_of_several_samples_of_one_second_wins(rows: list[tuple[int, State]], mode: MaintenanceMode) -> None:
    samples = tuple(Sample(60 * at, state) for at, state in rows)
    case = Case(
        (0, 600), {"web": SampledCheck(CheckRule(), samples)}, Fraction(1, 2), maintenance_rules=MaintenanceRules(mode)
    )
    order = [State.UP, State.DEGRADED, State.UNKNOWN, State.DOWN]
    worst = {at: max((state for one, state in rows if one == at), key=order.index) for at, _ in rows}
    single = replace(
        case, checks={"web": SampledCheck(CheckRule(), tuple(Sample(60 * a, s) for a, s in worst.items()))}
    )
    assert account(case) == account(single)
