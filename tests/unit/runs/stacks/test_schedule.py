"""The scheduler keeps its promises whatever fails, in whatever order stacks end, whenever it is stopped."""

import pytest
from dure.errors import UsageError
from dure.runs.stacks.schedule import Schedule, budget_of
from hypothesis import given
from hypothesis import strategies as st

SITES = [f"s{number}" for number in range(9)]


@st.composite
def graphs(draw: st.DrawFn) -> dict[str, list[str]]:
    """Each stack may need any of those before it: no circles."""
    count = draw(st.integers(1, len(SITES)))
    return {
        site: draw(st.lists(st.sampled_from(SITES[:place]), unique=True)) if place else []
        for place, site in enumerate(SITES[:count])
    }


@given(graphs(), st.integers(0, 4), st.sets(st.sampled_from(SITES)), st.integers(1, 4), st.data())
def test_whatever_happens(
    graph: dict[str, list[str]], budget: int, failing: set[str], parallel: int, data: st.DataObject
) -> None:
    schedule = Schedule.of(graph, budget)
    while not schedule.ended:
        failed_before = len(schedule.sites("failed"))
        for site in schedule.ready()[: parallel - len(schedule.sites("running"))]:
            assert failed_before <= budget, "nothing starts past the budget"
            assert all(schedule.states[up] == "done" for up in graph[site]), "nothing starts before its upstream"
            schedule = schedule.start(site)
        running = schedule.sites("running")
        assert running, "what waits can start, or was skipped"
        assert len(running) <= parallel
        ending = data.draw(st.sampled_from(running))
        others = [site for site in running if site != ending]
        schedule = schedule.finish(ending, failed=ending in failing)
        assert schedule.sites("running") == others, "what runs goes on to its end"
    assert set(schedule.states.values()) <= {"done", "failed", "skipped"}
    assert set(schedule.reasons) == set(schedule.sites("skipped")), "each skipped stack says why"
    if len(schedule.sites("failed")) <= budget:
        lost = {site for site in graph if schedule.states[site] != "done"}
        assert all(site in failing or lost & set(graph[site]) for site in lost), "nothing is skipped without need"


@given(graphs(), st.integers(0, 3))
def test_once_stopped_nothing_starts(graph: dict[str, list[str]], starts: int) -> None:
    schedule = Schedule.of(graph, 9)
    for _ in range(starts):
        for site in schedule.ready()[:1]:
            schedule = schedule.start(site).finish(site, failed=False)
    stopped = schedule.stop("cancelled")
    assert stopped.ready() == []
    assert stopped.ended
    assert stopped.sites("done") == schedule.sites("done")


def test_a_dependent_of_a_failed_stack_says_whose_fault_it_is() -> None:
    schedule = Schedule.of({"zone": [], "tenant": ["zone"], "shop": ["tenant"], "other": []}, budget=2)
    schedule = schedule.start("zone").finish("zone", failed=True)
    assert schedule.reasons == {"tenant": "zone failed", "shop": "tenant was skipped"}
    assert schedule.ready() == ["other"]


def test_past_the_budget_running_ones_finish_and_none_starts() -> None:
    schedule = Schedule.of(dict.fromkeys(["a", "b", "c", "d"], ()), budget=1)
    for site in ("a", "b", "c"):
        schedule = schedule.start(site)
    schedule = schedule.finish("a", failed=True)
    assert schedule.ready() == ["d"], "one may fail"
    schedule = schedule.finish("b", failed=True)
    assert schedule.ready() == []
    assert schedule.reasons == {"d": "2 failed, which is more than the error budget of 1"}
    assert schedule.finish("c", failed=False).sites("done") == ["c"]


@pytest.mark.parametrize(
    ("text", "stacks", "may_fail"), [("2", 500, 2), ("10%", 500, 50), ("10%", 9, 0), ("0", 3, 0), ("100%", 7, 7)]
)
def test_a_budget_is_a_number_or_a_share(text: str, stacks: int, may_fail: int) -> None:
    assert budget_of(text, stacks) == may_fail


@pytest.mark.parametrize("text", ["", "-1", "few", "101%", "1.5", "10 %", "%"])
def test_anything_else_is_no_budget(text: str) -> None:
    with pytest.raises(UsageError, match=r"is no error budget.*--max-failed"):
        budget_of(text, 10)
