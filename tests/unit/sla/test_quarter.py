"""A quarter's review of all indicators together: what may change in it, and what never does."""

from fractions import Fraction

import pytest
from dure.sla.faults import SlaError
from dure.sla.indicators.catalogue import CATALOGUE, CONTRACTUAL, Better, Tier
from dure.sla.promotion import SWAPS, Candidate
from dure.sla.quarter import Finding, Held, Subject, quarter_months, quarter_of, quarter_review
from dure.sla.review import MonthResult, Stage, Standing, Step
from hypothesis import given
from hypothesis import strategies as st

EASY = MonthResult(Fraction(999, 1000), True, Fraction(1))
HARD = MonthResult(Fraction(98, 100), False, Fraction(1))
KEYS = {one.key: one for one in CATALOGUE}


def subject(key: str, stage: Stage = Stage.ACTIVE, month: MonthResult = EASY, count: int = 6) -> Subject:
    one = KEYS[key]
    standing = Standing(stage, Better.HIGHER, Fraction(99, 100), Fraction(1), one.protected, (month,) * count)
    return Subject(key, one.category, standing)


def candidate(key: str) -> Candidate:
    half = Fraction(1, 2)
    return Candidate(key, KEYS[key].category, Fraction(1, 5), half, half, half, Fraction(1))


def by_key(found: tuple[Finding, ...]) -> dict[str, Finding]:
    return {one.key: one for one in found}


def test_what_is_met_with_ease_gives_its_place_to_the_best_trial() -> None:
    scored = [subject(key, month=HARD if key == "change" else EASY) for key in ("conformity", "change", "renewal")]
    trials = [subject("repeats", Stage.TRIAL), subject("mttd", Stage.TRIAL)]
    found = by_key(
        quarter_review(Tier.BASIC, [*scored, *trials], [candidate("mttd"), candidate("repeats")], lambda *_: True)
    )
    assert (found["conformity"].step, found["renewal"].step) == (Step.WATCH, Step.WATCH)
    assert (found["mttd"].replaces, found["repeats"].replaces) == ("conformity", "renewal")
    assert found["change"].step is Step.IMPROVE


def test_no_more_than_two_swaps_and_the_rest_waits() -> None:
    scored = [subject(key) for key in ("conformity", "change", "renewal")]
    trials = [subject(key, Stage.TRIAL) for key in ("repeats", "mttd", "incidents")]
    offered = [candidate(one.key) for one in trials]
    found = by_key(quarter_review(Tier.BASIC, [*scored, *trials], offered, lambda *_: True))
    assert found["renewal"].held is Held.LIMIT
    assert sum(one.replaces is not None for one in found.values()) == SWAPS


def test_the_last_of_a_category_stays_and_so_does_the_last_of_the_tier() -> None:
    lone = by_key(quarter_review(Tier.BASIC, [subject("utilisation"), subject("change")], [], lambda *_: True))
    assert lone["utilisation"].held is Held.LAST
    few = [subject(key) for key in ("conformity", "change", "renewal", "report", "maintenance")]
    found = quarter_review(Tier.BASIC, few, [], lambda *_: True)
    assert {one.held for one in found} == {Held.FEWEST, Held.LIMIT}


def test_what_is_protected_is_tightened_by_a_step_that_can_be_proved() -> None:
    perfect = MonthResult(Fraction(1), True, Fraction(1))
    one = subject("backup", month=perfect)
    [found] = quarter_review(Tier.BASIC, [one], [], lambda *_: True)
    assert (found.step, found.target) == (Step.TIGHTEN, Fraction("0.995"))
    [bounded] = quarter_review(Tier.BASIC, [one], [], lambda _, target: target < Fraction("0.995"))
    assert (bounded.step, bounded.held) == (Step.KEEP, Held.LAST)  # it would be watched, were it not the only one


def test_one_that_was_missed_on_watch_comes_back_where_the_tier_has_room() -> None:
    others = [one.key for one in CATALOGUE if one.key != "renewal"]
    for count, step, held in ((6, Step.REACTIVATE, None), (7, Step.KEEP, Held.MOST)):
        scored = [subject(key, count=3) for key in others[:count]]
        watched = subject("renewal", Stage.WATCH, month=HARD, count=2)
        found = by_key(quarter_review(Tier.BASIC, [*scored, watched], [], lambda *_: True))["renewal"]
        assert (found.step, found.held) == (step, held)


def test_a_quarter_is_written_with_its_year() -> None:
    assert quarter_months("2026-Q3") == ("2026-07", "2026-08", "2026-09")
    assert quarter_of("2026-12") == "2026-Q4"
    for wrong in ("2026-Q5", "2026Q1", "26-Q1", "2026-3", ""):
        with pytest.raises(SlaError, match="is not a quarter"):
            quarter_months(wrong)


def test_an_indicator_twice_is_refused() -> None:
    with pytest.raises(SlaError, match="stands twice"):
        quarter_review(Tier.BASIC, [subject("backup"), subject("backup")], [], lambda *_: True)


@st.composite
def customers(draw: st.DrawFn) -> tuple[Tier, list[Subject]]:
    tier = draw(st.sampled_from(list(Tier)))
    keys = draw(st.lists(st.sampled_from([*KEYS]), unique=True, min_size=1, max_size=24))
    most = CONTRACTUAL[tier][1]
    found, active = [], 0
    for key in keys:
        stage = draw(st.sampled_from([*Stage, Stage.ACTIVE, Stage.ACTIVE, Stage.ACTIVE]))
        if stage is Stage.ACTIVE and active >= most:
            stage = Stage.TRIAL
        active += stage is Stage.ACTIVE
        months = draw(st.lists(st.sampled_from([EASY, HARD, MonthResult(None, None, Fraction(0))]), max_size=8))
        one = KEYS[key]
        standing = Standing(stage, Better.HIGHER, Fraction(99, 100), Fraction(1), one.protected, tuple(months))
        found.append(Subject(key, one.category, standing))
    return tier, found


@given(customers())
def test_a_quarter_never_breaks_the_bounds_of_the_contract(drawn: tuple[Tier, list[Subject]]) -> None:
    tier, subjects = drawn
    trials = [candidate(one.key) for one in subjects if one.standing.stage is Stage.TRIAL]
    found = by_key(quarter_review(tier, subjects, trials, lambda *_: True))
    standing = {one.key: one for one in subjects}
    leaves = {key for key, one in found.items() if one.step is Step.WATCH}
    enters = {key for key, one in found.items() if one.replaces is not None}
    before = {key for key, one in standing.items() if one.standing.stage is Stage.ACTIVE}
    back = {key for key, one in found.items() if one.step is Step.REACTIVATE}
    after = (before - leaves) | enters | back
    least, most = CONTRACTUAL[tier]
    assert len(leaves) <= SWAPS
    assert len(enters) <= len(leaves)
    assert len(after) <= most
    assert len(after) >= min(least, len(before))
    assert {standing[key].category for key in before} <= {standing[key].category for key in after}
    for key, one in found.items():
        if one.step in (Step.WATCH, Step.RETIRE):
            assert not any(month.met is False for month in standing[key].standing.months[-6:])
        if one.step is Step.RETIRE:
            assert not standing[key].standing.protected
        if one.step is Step.TIGHTEN:
            assert one.target is not None
            assert one.target > standing[key].standing.target
