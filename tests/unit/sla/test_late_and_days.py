"""Late data meet known ones, and a month splits into its days: invariants on random cases."""

from collections.abc import Sequence
from itertools import pairwise

from dure.sla.classes import classify, masks
from dure.sla.days import by_day
from dure.sla.intervals import union
from dure.sla.maintenance import MaintenanceMode
from dure.sla.overlay import RANK, changed_seconds, overlaid
from dure.sla.spans import Span, Spans, merged, timeline
from dure.sla.states import State
from hypothesis import given
from hypothesis import strategies as st

EDGE = 40


@st.composite
def timelines(draw: st.DrawFn) -> Spans:
    """A timeline within [0, 40), with holes."""
    states = draw(st.lists(st.sampled_from([None, *State]), min_size=EDGE, max_size=EDGE))
    return merged(Span(at, at + 1, state) for at, state in enumerate(states) if state is not None)


def by_second(spans: Sequence[Span]) -> dict[int, State]:
    return {at: span.state for span in spans for at in range(span.start, span.end)}


@given(timelines(), timelines())
def test_each_second_has_the_worse_of_what_both_know_and_silence_yields(known: Spans, late: Spans) -> None:
    left, right = by_second(known), by_second(late)
    expected = {
        at: max((one for one in (left.get(at), right.get(at)) if one is not None), key=RANK.__getitem__)
        for at in left.keys() | right.keys()
    }
    found = overlaid(known, late)
    assert by_second(found.spans) == expected
    assert found.spans == timeline(found.spans)
    both = [at for at in left.keys() & right.keys() if State.UNKNOWN not in (left[at], right[at])]
    assert found.conflicts == sum(left[at] is not right[at] for at in both)


@given(timelines(), timelines(), timelines())
def test_neither_order_nor_repetition_of_late_data_matters(one: Spans, two: Spans, three: Spans) -> None:
    whole = overlaid(overlaid(one, two).spans, three).spans
    assert overlaid(three, overlaid(two, one).spans).spans == whole
    assert overlaid(whole, two).spans == whole


@given(timelines(), timelines())
def test_changed_seconds_are_the_difference_of_both(before: Spans, after: Spans) -> None:
    changed = changed_seconds(before, after)
    left, right = list(by_second(before).values()), list(by_second(after).values())
    assert all(changed.get(state, 0) == right.count(state) - left.count(state) for state in State)


@given(
    timelines(),
    st.lists(st.tuples(st.integers(0, EDGE), st.integers(0, EDGE)), max_size=3),
    st.lists(st.tuples(st.integers(0, EDGE), st.integers(0, EDGE)), max_size=3),
    st.sampled_from(MaintenanceMode),
    st.lists(st.integers(1, EDGE - 1), unique=True, max_size=4),
)
def test_the_days_sum_to_the_period_and_each_is_what_it_would_be_alone(
    service: Spans,
    maintenance: list[tuple[int, int]],
    excluded: list[tuple[int, int]],
    mode: MaintenanceMode,
    cuts: list[int],
) -> None:
    edges = [0, *sorted(cuts), EDGE]
    days = list(pairwise(edges))
    worked = union(maintenance)
    parts = masks((0, EDGE), (3, EDGE), ((1, 35),), worked, excluded, mode)
    found = by_day(service, parts, mode, days)
    whole = classify(service, parts, mode)
    for name in whole.__slots__:
        assert sum(getattr(one, name) for one in found) == getattr(whole, name)
    for day, seconds in zip(days, found, strict=True):
        alone = masks(day, (3, EDGE), ((1, 35),), worked, excluded, mode)
        assert seconds == classify(service, alone, mode)
