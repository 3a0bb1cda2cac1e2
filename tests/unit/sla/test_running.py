"""A running month's sheet tells what the spans tell, at every moment, to the second."""

from dataclasses import replace
from fractions import Fraction

from dure.sla.burn import burning, windowed_rate
from dure.sla.case import Case, KnownCheck, account
from dure.sla.composition import compose
from dure.sla.exclusions import Exclusion, ExclusionKind
from dure.sla.intervals import Interval, Intervals, intersection, length, union
from dure.sla.maintenance import MaintenanceMode, MaintenanceRules, MaintenanceWindow
from dure.sla.running import DAY, clock_of, sheet_of, standing
from dure.sla.spans import Span, Spans, merged, within
from dure.sla.states import State
from hypothesis import given
from hypothesis import strategies as st

START, LENGTH = 1_000_000, 40_000
PERIOD = (START, START + LENGTH)


EDGE = st.integers(START - 2000, START + LENGTH + 2000)
PIECE = st.tuples(EDGE, EDGE).map(lambda two: (min(two), max(two) + 1))


def pieces(most: int) -> st.SearchStrategy[list[Interval]]:
    return st.lists(PIECE, max_size=most)


@st.composite
def timelines(draw: st.DrawFn) -> Spans:
    """Spans with holes between them."""
    at, found = START - 1000, []
    for _ in range(draw(st.integers(0, 12))):
        at += draw(st.sampled_from([0, 0, 0, 1, 700]))
        end = at + draw(st.integers(1, 9000))
        found.append(Span(at, end, draw(st.sampled_from(list(State)))))
        at = end
    return compose([merged(found)])


@st.composite
def cases(draw: st.DrawFn) -> Case:
    def evidence(part: Interval) -> Exclusion:
        return Exclusion(*part, ExclusionKind.FORCE_MAJEURE, "evidence", "two")

    windows = [MaintenanceWindow(*one, 0, 0) for one in draw(pieces(3))]
    return Case(
        period=PERIOD,
        checks={"service": KnownCheck(within(draw(timelines()), (PERIOD,)))},
        target=Fraction(draw(st.integers(900, 999)), 1000),
        hours=draw(st.none() | pieces(5).map(union)),
        contract=draw(st.none() | PIECE),
        maintenance=tuple(windows),
        maintenance_rules=MaintenanceRules(draw(st.sampled_from(MaintenanceMode)), 0, draw(st.integers(0, 9000))),
        exclusions=tuple(evidence(one) for one in draw(pieces(2))),
        degraded_weight=draw(st.sampled_from([Fraction(0), Fraction(3, 10), Fraction(1)])),
    )


@given(cases(), st.integers(1, LENGTH + 500), st.sampled_from([1, 60, 300]))
def test_the_sheet_tells_the_month_so_far_as_the_spans_do(case: Case, after: int, interval: int) -> None:
    now = START + after
    whole = account(case)
    sheet = sheet_of(whole.spans, whole.masks, case.maintenance_rules.mode)
    found = standing(sheet, now, case.target, case.degraded_weight, interval)
    until = min(now, PERIOD[1])
    here = account(replace(case, period=(START, until)))
    assert found.figures == here.figures
    assert (found.agreed, found.whole) == (here.seconds.ast, whole.seconds.ast)
    told = (whole.spans, whole.masks.ast, until)
    assert found.burn == windowed_rate(*told, DAY, case.target, case.degraded_weight)
    rules = burning(*told, case.target, interval, case.degraded_weight)
    assert found.alarms == tuple(one.rule for one in rules)


@given(pieces(8).map(union), st.integers(START - 3000, START + LENGTH + 3000))
def test_a_clock_counts_only_its_own_seconds(parts: Intervals, moment: int) -> None:
    clock = clock_of(parts)
    before = length(intersection(parts, ((min(moment, START - 4000), moment),))) if moment > START - 4000 else 0
    assert clock.until(moment) == before
    if before:
        assert clock.until(clock.moment(before)) == before
        assert clock.until(clock.moment(before) - 1) == before - 1
