"""A customer's budget holds for all its stacks together, whichever of them a command looks at."""

import re

import pytest

from tests.contract.stacks.desk import Desk

SITE = """
  - id: {id}
    name: 지점
    blueprint: hybrid-server
    lan: {{ cidr: 192.168.0.0/24, address: 192.168.0.10, router: 192.168.0.1 }}
"""


def sums(text: str) -> list[str]:
    return [line for line in text.splitlines() if "budget" in line]


@pytest.fixture
def one_of_three(desk: Desk) -> Desk:
    """One site stands, for 3,879 KRW a month; two more are wanted, and the budget holds two of them."""
    with (desk.root / "operator.yaml").open("a", encoding="utf-8") as file:
        file.write('cost: { usd_krw: "1385.5", rate_date: "2026-11-20" }\n')
    desk.edit("customers/alpha.yaml", "sites:", "budget_krw_month: 8000\nsites:")
    made = desk("up", "alpha/main", "--yes")
    assert made.code == 0, made.stderr
    with (desk.root / "customers/alpha.yaml").open("a", encoding="utf-8") as file:
        file.write(SITE.format(id="second") + SITE.format(id="third"))
    return desk


def test_what_exceeds_it_together_is_refused_before_any_of_it_is_made(one_of_three: Desk) -> None:
    desk = one_of_three
    told = {
        arguments: (outcome.code, sums(outcome.stdout + outcome.stderr))
        for arguments in [("preview", "alpha"), ("preview", "alpha", "--changed")]
        for outcome in [desk(*arguments)]
    }
    assert {code for code, _ in told.values()} == {4}, told
    (whole,), (part,) = (lines for _, lines in told.values())
    assert "11,6" in whole
    assert whole == part

    refused = desk("up", "alpha", "--changed", "--yes", "--max-failed", "2")
    assert refused.code == 4, refused.stdout + refused.stderr
    assert "alpha/main: unchanged: as last applied" in refused.stderr
    assert len(desk.buckets()) == 1, "nothing was touched"
    for site in ("second", "third"):
        assert f"alpha/{site}: refused: " in refused.stderr
    (amount,) = {found for line in sums(refused.stderr) for found in re.findall(r"11,6\d\d", line)}
    assert amount in whole


def test_one_more_that_fits_is_made_and_counts_from_then_on(one_of_three: Desk) -> None:
    desk = one_of_three
    assert desk("up", "alpha/second", "--yes").code == 0
    alone = desk("preview", "alpha/third")
    assert (alone.code, "11,6" in sums(alone.stdout)[0]) == (4, True), "beside what stands"
    refused = desk("up", "alpha/third", "--yes")
    assert (refused.code, "11,6" in refused.stderr) == (4, True), refused.stderr
    assert len(desk.buckets()) == 2
