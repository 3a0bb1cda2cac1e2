"""The one SELECTOR of all commands."""

from pathlib import Path

import pytest
from dure.errors import UsageError
from dure.runs.selector import parse_selector

NOWHERE = Path("/nonexistent")


@pytest.mark.parametrize(
    ("selector", "picks"),
    [
        ("", {"hub", "hansol-plastics/ansan", "hansol-plastics/siheung", "saehan-accounting/seocho"}),
        ("hansol-plastics", {"hansol-plastics/ansan", "hansol-plastics/siheung"}),
        ("hansol", set()),
        ("hansol-plastics/ansan", {"hansol-plastics/ansan"}),
        ("hub", {"hub"}),
        ("role=hub", {"hub"}),
        ("role=box and saehan-accounting", {"saehan-accounting/seocho"}),
        ("role=hub and saehan-accounting", set()),
    ],
)
def test_a_selector_picks_what_all_its_terms_fit(selector: str, picks: set[str]) -> None:
    boxes = ("hansol-plastics/ansan", "hansol-plastics/siheung", "saehan-accounting/seocho")
    sites = {"hub": {"hub"}, **{site: {"box"} for site in boxes}}
    wanted = parse_selector(selector)
    assert {site for site, roles in sites.items() if wanted.matches(NOWHERE, site, roles)} == picks


@pytest.mark.parametrize("selector", ["colour=red", "role=", "and", "a or b", "a and ", "tag="])
def test_what_is_no_selector_is_refused_with_an_example(selector: str) -> None:
    with pytest.raises(UsageError, match="operator status"):
        parse_selector(selector)
