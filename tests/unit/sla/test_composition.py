"""A service's state from those of its checks, redundancy and unimportant checks included."""

import pytest
from dure.sla.composition import ALL, ANY, Rule, compose, composed_state
from dure.sla.dependency import ancestors, owned
from dure.sla.faults import BadRule
from dure.sla.incidents import Incident
from dure.sla.spans import Span, Spans
from dure.sla.states import State
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.sla import oracle
from tests.unit.sla.examples import tried

LETTERS = {"U": State.UP, "G": State.DEGRADED, "N": State.UNKNOWN, "D": State.DOWN}


def states(letters: str) -> list[State]:
    return [LETTERS[letter] for letter in letters]


@pytest.mark.parametrize(
    ("critical", "needed", "others", "expected"),
    [
        ("UUD", 2, "", "G"), ("UND", 2, "", "N"), ("UDD", 2, "", "D"),  # G24
        ("DN", 2, "", "D"), ("UN", 2, "", "N"), ("UU", 2, "", "U"), ("UG", 2, "", "G"), ("NG", 2, "", "N"),
        ("UN", 1, "", "G"), ("DN", 1, "", "N"),
        ("UU", 2, "D", "G"), ("UU", 2, "G", "G"), ("UU", 2, "U", "U"), ("UU", 2, "N", "U"),
        ("DU", 2, "U", "D"), ("NU", 2, "D", "N"), ("GU", 2, "D", "G"),
    ],
)  # fmt: skip
def test_states_are_composed_in_three_valued_logic(critical: str, needed: int, others: str, expected: str) -> None:
    assert composed_state(states(critical), needed, states(others)) is LETTERS[expected]


@tried
@given(st.lists(st.sampled_from("UGND"), min_size=1, max_size=5), st.data())
def test_an_unknown_check_is_unknown_only_where_it_decides(letters: list[str], data: st.DataObject) -> None:
    needed = data.draw(st.integers(1, len(letters)))
    found = states("".join(letters))
    assert composed_state(found, needed) == oracle.service_state([one.value for one in found], needed)


def line(letters: str) -> Spans:
    return tuple(Span(at, at + 1, LETTERS[one]) for at, one in enumerate(letters) if one != " ")


def test_a_check_that_is_not_critical_only_degrades() -> None:
    found = compose([line("UUDUN")], ALL, others=[line("UDDG ")])
    assert "".join({"UP": "U", "DEGRADED": "G", "DOWN": "D", "UNKNOWN": "N"}[one.state] for one in found) == "UGDGN"


def test_where_a_check_does_not_reach_it_is_unknown() -> None:
    assert compose([line("U U")]) == (Span(0, 1, State.UP), Span(1, 2, State.UNKNOWN), Span(2, 3, State.UP))
    assert compose([line("UUU"), line(" D ")]) == (
        Span(0, 1, State.UNKNOWN),
        Span(1, 2, State.DOWN),
        Span(2, 3, State.UNKNOWN),
    )
    assert compose([line("UUU"), line("  D")], ANY) == (Span(0, 3, State.DEGRADED),)
    assert compose([()]) == ()


@pytest.mark.parametrize(("rule", "checks"), [(ALL, 0), (Rule(0), 2), (Rule(3), 2)])
def test_a_rule_that_can_never_be_meant_is_refused(rule: Rule, checks: int) -> None:
    with pytest.raises(BadRule):
        rule.needed(checks)


def test_one_carrier_s_outage_owns_the_incidents_of_all_that_hang_on_it() -> None:
    incidents = {
        "carrier": [Incident(100, 700, 600)],
        "alpha/link": [Incident(110, 710, 600)],
        "alpha/web": [Incident(120, 720, 600), Incident(5000, 5100, 100)],
        "beta/web": [Incident(700, 900, 200)],
    }
    hangs = {"alpha/web": "alpha/link", "alpha/link": "carrier", "beta/web": "carrier"}
    causes = {(one.owner, one.incident.start): one.cause for one in owned(incidents, hangs)}
    assert causes == {
        ("carrier", 100): None,
        ("alpha/link", 110): "carrier",
        ("alpha/web", 120): "carrier",
        ("alpha/web", 5000): None,
        ("beta/web", 700): None,
    }
    assert ancestors("a", {"a": "b", "b": "a"}) == ["b", "a"]
