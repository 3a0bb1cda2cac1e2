"""Cycles among sites are found whatever the graph."""

from dure.model.references import find_cycles
from hypothesis import given
from hypothesis import strategies as st

NODES = st.sampled_from("abcdef")
GRAPHS = st.dictionaries(NODES, st.lists(NODES, max_size=3))


def reaches_itself(graph: dict[str, list[str]], start: str) -> bool:
    seen: set[str] = set()
    waiting = list(graph[start])
    while waiting:
        node = waiting.pop()
        if node == start:
            return True
        if node not in seen:
            seen.add(node)
            waiting += graph.get(node, [])
    return False


@given(GRAPHS)
def test_a_cycle_is_told_exactly_when_a_site_reaches_itself(graph: dict[str, list[str]]) -> None:
    cycles = find_cycles(graph)
    assert bool(cycles) == any(reaches_itself(graph, node) for node in graph)
    for cycle in cycles:
        for node, following in zip(cycle, [*cycle[1:], cycle[0]], strict=True):
            assert following in graph[node]


def test_a_chain_of_ten_thousand_sites_is_walked() -> None:
    chain = {f"s{n}": [f"s{n + 1}"] for n in range(10_000)}
    assert find_cycles(chain) == []
    chain["s10000"] = ["s0"]
    (cycle,) = find_cycles(chain)
    assert len(cycle) == 10_001
