"""The quarterly review: proposed by rule, agreed by two, in force from its month, and never backwards."""

import json
from fractions import Fraction

import pytest
from dure.model.promise.agreement import IndicatorReview
from dure.model.promise.agreement_files import load_agreement, write_agreement
from dure.model.promise.standing import in_force, scored_in
from dure.runs.context import open_context
from dure.runs.promise.approval import approved
from dure.runs.promise.book import load_book
from dure.sla.freeze import digest
from dure.store.promise.months import customer_month
from dure.store.promise.tables import IndicatorValue
from sqlalchemy import func, select

from tests.contract.promise.conftest import Bureau, in_both_stores

CUSTOMER = "hansol-plastics"
MONTHS = ("2025-10", "2025-11", "2025-12", "2026-01", "2026-02", "2026-03")
QUARTER = ("sla", "review", CUSTOMER, "--quarter", "2026-Q1")
SCORED = {"availability": "199/2", "incidents": "2", "patch": "95", "utilisation": "60", "coverage": "98"}
VALUES = {
    "availability": ["99.99"] * 6,
    "incidents": ["0"] * 6,
    "patch": ["96", "94", "96", "96", "96", "96"],
    "utilisation": ["50", "55", "40", "70", "45", "65"],
    "coverage": ["100", "100", "100", None, "100", "100"],
    "change": ["100", "80", "100", "100", "100", "100"],
    "conformity": ["100"] * 6,
}


def closed_past(bureau: Bureau, months: tuple[str, ...] = MONTHS) -> None:
    """Six closed months as their closes would have left them."""
    with bureau.store().transaction() as session:
        for key, values in VALUES.items():
            for month, value in zip(MONTHS, values, strict=True):
                if month in months:
                    session.add(row(key, month, value))


def row(key: str, month: str, value: str | None) -> IndicatorValue:
    exact = None if value is None else str(Fraction(value))
    return IndicatorValue(
        customer=CUSTOMER,
        indicator=key,
        period=month,
        revision=1,
        value=exact,
        part=1,
        whole=1,
        target=SCORED.get(key),
        verdict="",
        coverage=None if exact is None else "1",
        digest=digest([key, month, value]),
    )


@pytest.fixture
def may(june: Bureau) -> Bureau:
    """A day in May, with the first quarter closed."""
    closed_past(june)
    june.clock("2026-05-20T10:00")
    june.edit(f"customers/{CUSTOMER}.yaml", 'target: "99.0"', 'target: "99.5"')
    june.edit(
        f"customers/{CUSTOMER}.yaml", "  tier: standard\n", "  tier: standard\n  wanted_indicators: [conformity]\n"
    )
    return june


def test_a_review_proposes_by_the_rules_with_its_reasons(may: Bureau) -> None:
    found = may.run(*QUARTER)
    assert found.code == 0, found.stderr
    assert "6 closed months looked at, 3 changes proposed from 2026-06 on" in found.stdout
    assert "availability (service availability) 99.5 -> 99.7 %: tighten; met with ease for 6 months" in found.stdout
    assert "incidents (incidents of severity 1-2) 2 n/month: watch; met with ease" in found.stdout
    assert "utilisation (utilisation) 60 %: improve; missed in at least 4 of 6 months: a plan" in found.stdout
    data = json.loads(may.run(*QUARTER, "--json").stdout)
    [customer] = data
    steps = {one["indicator"]: one for one in customer["findings"]}
    assert steps["patch"]["step"] == "keep"
    assert steps["coverage"]["step"] == "keep"  # a month without data never saturates
    [promoted] = [one for one in customer["findings"] if one["step"] == "promote"]
    assert (promoted["replaces"], promoted["score"]) == ("incidents", "1/2")
    # A sixth of its months missed tells more than the customer's vote for one that nobody misses.
    assert promoted["indicator"] == "change"


def test_a_review_is_told_in_korean_and_as_markdown(may: Bureau) -> None:
    korean = may.run(*QUARTER, "--language", "ko").stdout
    assert "마감한 달 6개로 살펴보았습니다. 바꿀 것 3개, 2026-06부터" in korean
    assert "availability (서비스 가용률) 99.5 -> 99.7 %: 목표 높임; 6개월 동안 여유 있게 달성했고" in korean
    table = may.run(*QUARTER, "--markdown").stdout
    assert "| indicator | target | proposal | reason |" in table
    assert "| service availability | 99.5 -> 99.7 % | tighten |" in table


@in_both_stores
def test_two_engineers_agree_and_it_counts_from_its_month_on(may: Bureau) -> None:
    proposed = may.run(*QUARTER, "--propose", "--reason", "1분기 검토")
    assert f"reviews/{CUSTOMER}/2026-Q1.yaml; next: two engineers run" in proposed.stdout, proposed.stderr
    approve = ("sla", "review", "approve", f"{CUSTOMER}/2026-Q1")
    first = may.run(*approve)
    assert (first.code, "another engineer" in first.stderr) == (0, True)
    assert may.run(*approve).code == 4
    may.sit("lee-jiwon")
    second = may.run(*approve)
    assert second.stdout.splitlines()[-1] == "it counts from 2026-06 on"
    assert may.run("validate").code == 0
    may.clock("2026-07-03T10:00")
    assert may.run("sla", "close", "2026-06", CUSTOMER).code == 0
    month = customer_month(may.store(), CUSTOMER, "2026-06")
    assert month is not None
    found = {one.indicator.key: one for one in month.indicators}
    assert found["availability"].target == Fraction("99.7")
    assert (found["incidents"].target, found["incidents"].verdict) == (None, "observed")
    assert found["change"].target == 95
    data = json.loads(may.run("report", CUSTOMER, "--month", "2026-06", "--format", "json", "--output", "-").stdout)
    changes = {one["indicator"]: one for one in data["changes"]}
    assert (changes["availability"]["step"], changes["availability"]["after"]) == ("tighten", "99.7")
    assert [one["ko"] for one in changes["availability"]["approved_by"]] == ["김민수", "이지원"]
    assert may.run("sla", "verify", "2026-06", CUSTOMER).code == 0
    assert may.run("audit", "verify", "--offline").code == 0


def test_one_signature_changes_nothing(may: Bureau) -> None:
    may.run(*QUARTER, "--propose")
    may.run("sla", "review", "approve", f"{CUSTOMER}/2026-Q1")
    may.clock("2026-07-03T10:00")
    may.run("sla", "close", "2026-06", CUSTOMER)
    month = customer_month(may.store(), CUSTOMER, "2026-06")
    assert month is not None
    found = {one.indicator.key: one for one in month.indicators}
    assert (found["availability"].target, found["incidents"].target) == (Fraction("99.5"), 2)
    assert all(one.change is None for one in month.indicators)


def test_a_review_never_works_backwards(may: Bureau) -> None:
    may.run(*QUARTER, "--propose")
    approve = ("sla", "review", "approve", f"{CUSTOMER}/2026-Q1")
    may.run(*approve)
    may.sit("lee-jiwon")
    may.clock("2026-06-01T00:00")
    late = may.run(*approve)
    assert (late.code, "that month has begun, and a review never changes what has been" in late.stderr) == (4, True)
    may.clock("2026-07-03T10:00")
    may.run("sla", "close", "2026-06", CUSTOMER)
    may.clock("2026-05-30T10:00")
    closed = may.run(*approve)
    assert (closed.code, "2026-06 is closed" in closed.stderr) == (4, True)


def test_a_second_signature_that_came_too_late_changes_nothing_however_it_got_there(may: Bureau) -> None:
    may.run(*QUARTER, "--propose")
    may.run("sla", "review", "approve", f"{CUSTOMER}/2026-Q1")
    may.sit("lee-jiwon")
    context = open_context(may.root)
    proposal = load_agreement(may.root, IndicatorReview, CUSTOMER, "2026-Q1")
    may.clock("2026-06-01T00:00")
    write_agreement(may.root, approved(context, proposal, may.at))
    assert may.run("validate").code == 0
    book = load_book(open_context(may.root), CUSTOMER)
    assert book is not None
    assert book.reviews[0].agreed
    assert in_force(book.contract, book.reviews, "2026-07") == []
    assert scored_in(book.contract, book.reviews, "2026-07")["availability"].target == Fraction("99.5")


def test_a_quarter_that_is_not_closed_is_shown_and_not_proposed(june: Bureau) -> None:
    closed_past(june, MONTHS[:5])
    june.clock("2026-05-20T10:00")
    assert "not closed yet: 2026-03" in june.run(*QUARTER).stdout
    june.clock("2026-05-20T10:00")
    with june.store().transaction() as session:
        assert session.scalar(select(func.count()).select_from(IndicatorValue)) == 5 * len(VALUES)
    found = june.run(*QUARTER, "--propose")
    assert found.code == 0  # five months saturate nothing, so there is nothing to propose
    assert not (june.root / "reviews").exists()


def test_a_second_proposal_of_the_same_quarter_is_refused(may: Bureau) -> None:
    may.run(*QUARTER, "--propose")
    again = may.run(*QUARTER, "--propose")
    assert (again.code, "2026-Q1 has a review already" in again.stderr) == (4, True)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("after: '99.7'", "after: '99.9'", "the signature of kim-minsu does not hold"),
        ("effective: 2026-06", "effective: 2026-02", "write a month after the quarter"),
        ("indicator: availability", "indicator: availabilty", 'unknown indicator "availabilty"'),
        ("after: '99.7'", "after: much", "write the target"),
        ("step: tighten", "step: retarget", "a target is lowered by the customer's consent alone"),
    ],
)
def test_a_review_that_was_edited_is_found(may: Bureau, old: str, new: str, told: str) -> None:
    may.run(*QUARTER, "--propose")
    may.run("sla", "review", "approve", f"{CUSTOMER}/2026-Q1")
    may.edit(f"reviews/{CUSTOMER}/2026-Q1.yaml", old, new)
    found = may.run("validate")
    assert (found.code, told in found.stdout) == (2, True), found.stdout


def test_a_set_that_no_longer_fits_the_tier_is_not_signed(may: Bureau) -> None:
    may.run(*QUARTER, "--propose")
    may.edit(f"reviews/{CUSTOMER}/2026-Q1.yaml", "indicator: incidents", "indicator: utilisation")
    found = may.run("sla", "review", "approve", f"{CUSTOMER}/2026-Q1")
    assert (found.code, "no indicator of category USE" in found.stderr) == (4, True), found.stderr


def test_wrong_words_are_told_how_to_be_written(may: Bureau) -> None:
    for arguments, told in (
        (("--quarter", "2026-Q5"), "--quarter 2026-Q3"),
        (("--quarter", "2026-Q1", "--from", "soon"), "--from 2026-11"),
        (("--quarter", "2026-Q1", "--language", "fr"), "is not one of 'ko', 'en'"),
    ):
        found = may.run("sla", "review", CUSTOMER, *arguments)
        assert (found.code, told in found.stderr) == (2, True), found.stderr
    unnamed = may.run("sla", "review", "approve", "2026-Q1")
    assert (unnamed.code, "approve CUSTOMER/2026-Q3" in unnamed.stderr) == (2, True)
    context = open_context(may.root)
    book = load_book(context, CUSTOMER)
    assert book is not None
    assert book.reviews == ()
