"""The one SELECTOR of all commands."""

from pathlib import Path

import pytest
from dure.errors import UsageError
from dure.runs.selector import parse_selector, refuse_unknown, require_site

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


@pytest.mark.parametrize("selector", ["tag=saas and", "and tag=saas", "tag=saas and and role=box", "and"])
def test_a_selector_that_ends_too_early_is_named_whole(selector: str) -> None:
    with pytest.raises(UsageError, match="on one side of it there is none") as told:
        parse_selector(selector)
    assert f'"{selector}"' in told.value.what


EXAMPLE = Path(__file__).resolve().parents[3] / "examples" / "hanbit-it"


@pytest.mark.parametrize(
    ("selector", "meant"),
    [
        ("hansol-plastic", 'write "hansol-plastics"'),
        ("hansol-plastics/ansam", 'write "hansol-plastics/ansan"'),
        ("role=bxo", 'write "role=box"'),
        ("nobody/nowhere", "one of hub"),
    ],
)
def test_a_slip_of_the_pen_is_no_empty_answer(selector: str, meant: str) -> None:
    with pytest.raises(UsageError, match="neither the workspace nor the store") as told:
        refuse_unknown(parse_selector(selector), EXAMPLE, ["hub"], ["box", "hub"])
    assert meant in told.value.mend


@pytest.mark.parametrize("selector", ["", "hub", "mirae-bakery", "hansol-plastics/ansan", "role=box and tag=seoul"])
def test_what_exists_may_have_nothing_to_show(selector: str) -> None:
    refuse_unknown(parse_selector(selector), EXAMPLE, [], ["box"])


def test_a_list_of_one_site_needs_one() -> None:
    require_site(EXAMPLE, "hansol-plastics/ansan")
    with pytest.raises(UsageError, match='no site "hansol-plastics/busan"'):
        require_site(EXAMPLE, "hansol-plastics/busan")
