"""The page is what the code says."""

from pathlib import Path

from dure.cost.types import PRICED
from dure.policy import RULES
from dure.policy.page import page

DOCS = Path(__file__).parents[3] / "docs"


def test_the_page_is_fresh() -> None:
    assert (DOCS / "policy-and-cost.md").read_text(encoding="utf-8") == page(), "run `make docs`"


def test_it_has_every_rule_and_every_priced_type() -> None:
    text = page()
    assert [one.id for one in RULES if f"| `{one.id}` |" not in text] == []
    assert [kind for kind in PRICED if f"| `{kind}` |" not in text] == []
    assert all(made.__doc__ for made in PRICED.values())
