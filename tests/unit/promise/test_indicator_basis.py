"""What an indicator rests on, as it is frozen: it comes back as it was, and gives the same value for ever."""

import re
from fractions import Fraction

import pytest
from dure.model.promise.terms import ScoredIndicator
from dure.runs.promise.indicators.basis import Basis
from dure.runs.promise.indicators.benefit_basis import AxisRecord, BenefitBasis
from dure.runs.promise.indicators.desk_basis import RequestBasis, ResponseBasis, TicketFact
from dure.runs.promise.indicators.endpoint_basis import EndpointBasis, EndpointDay
from dure.runs.promise.indicators.gather import KINDS, read_basis
from dure.runs.promise.indicators.people_basis import SurveyBasis, UsageBasis, UsedService
from dure.runs.promise.indicators.rows import frozen_rows, verdict
from dure.runs.promise.indicators.span_basis import (
    DetectionBasis,
    Figure,
    IncidentBasis,
    IncidentRecord,
    LinkBasis,
    RepeatBasis,
    RestoredBasis,
    SpanBasis,
)
from dure.sla.freeze import digest
from dure.sla.indicators.catalogue import CATALOGUE, Better, indicator
from dure.sla.indicators.measure import Lacking, Measure
from dure.sla.indicators.use import utilisation_of
from dure.text.indicator import FORMULAS, NEXT, SOURCES, WHY
from hypothesis import given
from hypothesis import strategies as st

DAY = 86_400
PERIOD = (0, 30 * DAY)
HOURS = [(day * DAY + 9 * 3600, day * DAY + 18 * 3600) for day in range(33) if day % 7 < 5]


@st.composite
def tickets(draw: st.DrawFn) -> TicketFact:
    opened = draw(st.integers(0, 32 * DAY))
    later = st.none() | st.integers(opened, 33 * DAY)
    start = draw(st.integers(opened, 33 * DAY))
    return TicketFact(
        id=f"HD-{draw(st.integers(1, 10**6))}",
        opened=opened,
        request=draw(st.booleans()),
        responded=draw(later),
        closed=draw(later),
        due=draw(later),
        waiting=((start, start + draw(st.integers(1, DAY))),) if draw(st.booleans()) else (),
    )


def response(facts: list[TicketFact], limit: int) -> ResponseBasis:
    return ResponseBasis(period=PERIOD, as_of=33 * DAY, tickets=facts, hours=HOURS, limit=limit)


@given(st.lists(tickets(), max_size=12), st.integers(60, DAY))
def test_what_was_frozen_comes_back_byte_for_byte_with_the_same_value(facts: list[TicketFact], limit: int) -> None:
    request = RequestBasis(period=PERIOD, as_of=33 * DAY, tickets=facts, hours=HOURS, limit=limit)
    for key, basis in (("first_response", response(facts, limit)), ("request", request)):
        again = read_basis(key, basis.text())
        assert again.text() == basis.text()
        assert again.measure() == basis.measure()
        assert again.records_digest() == basis.records_digest()


@given(st.lists(tickets(), max_size=12), st.integers(60, DAY), st.integers(0, DAY))
def test_a_longer_limit_never_makes_the_share_smaller(facts: list[TicketFact], limit: int, more: int) -> None:
    tight, loose = response(facts, limit).measure(), response(facts, limit + more).measure()
    assert loose.part >= tight.part


@given(st.lists(tickets(), max_size=12), st.integers(60, DAY))
def test_terms_are_no_records(facts: list[TicketFact], limit: int) -> None:
    assert response(facts, limit).records_digest() == response(facts, limit + 1).records_digest()
    if facts:
        assert response(facts[1:], limit).records_digest() != response(facts, limit).records_digest()


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)).map(lambda one: (max(one), min(one)))))
def test_use_never_shows_a_service_of_fewer_than_three(services: list[tuple[int, int]]) -> None:
    found = utilisation_of(services)
    shown = [one for one in services if one[0] >= 3]
    assert (found.value is None) == (not shown)
    if found.value is not None:
        assert found.value == Fraction(100 * sum(one[1] for one in shown), sum(one[0] for one in shown))


def test_no_known_second_gives_no_value_and_never_zero_incidents() -> None:
    nothing = Figure(name="erp", bad="0", known=0, ast=100)
    assert SpanBasis(figures=[nothing]).measure().value is None
    unseen = IncidentBasis(period=PERIOD, incidents=[], known=0, ast=100)
    assert (unseen.measure().value, unseen.coverage()) == (None, 0)
    assert IncidentBasis(period=PERIOD, incidents=[], known=95, ast=100).measure().value == 0


def incident(start: int, cause: str = "") -> IncidentRecord:
    return IncidentRecord(service="erp", start=start, detected=start, end=start + 600, severity=2, cause=cause)


def spans_basis(bad: int, known: int) -> SpanBasis:
    return SpanBasis(figures=[Figure(name="erp", bad=str(bad), known=known, ast=1000)])


def found_incidents(count: int, known: int) -> IncidentBasis:
    return IncidentBasis(period=PERIOD, incidents=[incident(at) for at in range(count)], known=known, ast=1000)


@pytest.mark.parametrize(
    ("key", "basis", "target", "told"),
    [
        ("availability", spans_basis(0, 9), "99.5", ("", "too few to judge")),
        ("availability", spans_basis(0, 949), "99.5", ("", "too few to judge")),
        ("availability", spans_basis(0, 950), "99.5", ("100", "met")),
        ("availability", spans_basis(6, 9), "99.5", ("", "missed")),
        ("incidents", found_incidents(0, 9), "2", ("", "too few to judge")),
        ("incidents", found_incidents(2, 9), "2", ("", "too few to judge")),
        ("incidents", found_incidents(3, 9), "2", ("", "missed")),
        ("incidents", found_incidents(0, 950), "2", ("0", "met")),
    ],
)
def test_silence_is_never_taken_for_service(key: str, basis: Basis, target: str, told: tuple[str, str]) -> None:
    one = indicator(key)
    scored = {key: ScoredIndicator(one, Fraction(target))}
    [row] = frozen_rows("hansol-plastics", "2026-06", {key: basis}, scored, {})
    assert (row.value or "", row.verdict) == told
    assert row.why == ("" if row.value else "too-few")


def test_hardly_measured_says_so_of_every_indicator_of_spans() -> None:
    records, limits = [incident(5, "disk")], (3600, 3600, 3600, 3600)
    bases: list[Basis] = [
        RepeatBasis(period=PERIOD, incidents=records, known=9, ast=1000),
        DetectionBasis(period=PERIOD, incidents=records, known=9, ast=1000),
        RestoredBasis(period=PERIOD, incidents=records, known=9, ast=1000, limits=limits, as_of=PERIOD[1]),
        LinkBasis(figures=[Figure(name="line", bad="0", known=9, ast=1000)], contract=PERIOD),
    ]
    assert {one.measure().lacking for one in bases} == {Lacking.TOO_FEW}


def test_a_survey_and_counts_of_use_give_their_values() -> None:
    survey = SurveyBasis(kind="intention", survey="2026", held="2026-06-01", asked=3, answers=[[4, 4, 4], [5, 5, 5]])
    assert survey.measure().lacking is Lacking.TOO_FEW
    usage = UsageBasis(services=[UsedService(service="mail", entitled=10, acted=7, before=None)])
    assert usage.measure().value == 70
    assert read_basis("utilisation", usage.text()) == usage


def a_day(day: int, hosts: int, sound: int) -> EndpointDay:
    return EndpointDay(day=f"2026-06-{day:02}", hosts=hosts, sound=sound, unprotected=hosts - sound, stale=0, rows="")


def test_a_month_with_few_lists_of_hosts_has_no_value_and_one_day_may_lack() -> None:
    lists = [a_day(day, 4, 3) for day in range(1, 31)]
    assert EndpointBasis(days=lists, due=30).measure().value == 75
    assert EndpointBasis(days=lists[1:], due=30).measure().value == 75
    assert EndpointBasis(days=lists[2:], due=30).measure().lacking is Lacking.TOO_FEW


def axis(name: str, low: int, likely: int, high: int) -> AxisRecord:
    return AxisRecord(axis=name, low=low, likely=likely, high=high, basis="까닭", basis_en="")


@pytest.mark.parametrize(
    ("target", "told"), [(None, "observed"), ("-30", "met"), ("10", "to be reviewed"), ("120", "missed")]
)
def test_a_net_benefit_is_judged_by_its_range_where_a_contract_has_a_target(target: str | None, told: str) -> None:
    axes = [axis("cost", 0, 50, 100), axis("productivity", 0, 0, 0), axis("revenue", 0, 0, 0), axis("risk", 0, 10, 30)]
    basis = BenefitBasis(axes=axes, spent=30)
    scored = {} if target is None else {"net_benefit": ScoredIndicator(indicator("net_benefit"), Fraction(target))}
    [row] = frozen_rows("hansol-plastics", "2026-06", {"net_benefit": basis}, scored, {})
    assert (row.value, row.verdict, row.coverage) == ("30", told, "1")
    assert read_basis("net_benefit", basis.text()) == basis


def test_a_benefit_that_is_not_told_whole_has_no_value_and_says_what_is_missing() -> None:
    for basis in (BenefitBasis(axes=[axis("cost", 1, 2, 3)], spent=1), BenefitBasis(axes=[], spent=None)):
        [row] = frozen_rows("hansol-plastics", "2026-06", {"net_benefit": basis}, {}, {})
        assert (row.value, row.why, row.verdict) == (None, "too-few", "too few to judge")
        assert basis.coverage() == Fraction(len(basis.axes) + (basis.spent is not None), 5)


def test_every_indicator_has_a_kind_and_words_in_both_languages() -> None:
    assert {*KINDS} == {one.key for one in CATALOGUE} == {*FORMULAS}
    assert {one.SOURCE for one in KINDS.values()} <= {*SOURCES}
    for table in (FORMULAS, SOURCES, WHY):
        assert all(ko and en and ko != en for ko, en in table.values())


def test_words_that_customers_read_name_no_command_file_or_key_of_ours() -> None:
    ours = re.compile(r"operator |--|\w_\w|\w/|\w: ")
    assert [
        words for table in (FORMULAS, SOURCES, WHY) for pair in table.values() for words in pair if ours.search(words)
    ] == []
    assert [*NEXT] == [code for code in NEXT if code in WHY]


def test_a_basis_of_another_indicator_is_refused() -> None:
    usage: Basis = UsageBasis(services=[])
    with pytest.raises(ValueError, match="figures"):
        read_basis("availability", usage.text())
    assert digest([1]) != digest([2])


@pytest.mark.parametrize(
    ("measure", "target", "told"),
    [
        (None, "95", "not measured"),
        (Measure(None, 0, 0, Lacking.NOTHING), "95", "nothing to judge"),
        (Measure(None, 1, 5, Lacking.TOO_FEW), "95", "too few to judge"),
        (Measure(Fraction(95), 95, 100), "95", "met"),
        (Measure(Fraction(949, 10), 95, 100), "95", "missed"),
        (Measure(Fraction(95), 95, 100), None, "observed"),
    ],
)
def test_a_verdict_compares_exactly_or_says_why_there_is_none(
    measure: Measure | None, target: str | None, told: str
) -> None:
    assert verdict(measure, Better.HIGHER, None if target is None else Fraction(target)) == told


@pytest.mark.parametrize(
    ("worst", "best", "told"),
    [("95", "97", "met"), ("94", "97", "to be reviewed"), ("90", "94", "missed"), ("94", "95", "to be reviewed")],
)
def test_where_there_are_bounds_they_decide(worst: str, best: str, told: str) -> None:
    measure = Measure(Fraction(96), 96, 100)
    assert verdict(measure, Better.HIGHER, Fraction(95), Fraction(best), Fraction(worst)) == told
