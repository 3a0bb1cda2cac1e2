"""The rule of budgets: it looks at amounts, not at resources."""

from collections.abc import Iterator, Sequence

from dure.cost.money import shown_krw
from dure.cost.spending import Spending
from dure.plan.subject import Subject
from dure.policy.rule import Hit, Rule


def _of_no_subject(subjects: Sequence[Subject]) -> Iterator[tuple[Subject, Hit]]:
    """Amounts are judged by `over_budget`."""
    return iter(())


BUDGET = Rule(
    id="budget",
    severity="mandatory",
    demand="A customer's cloud costs a month no more than `budget_krw_month` in its file, VAT included.",
    reason="the contract's price does not cover it",
    mend="take something out, move the site to another tier, or agree on a higher budget with the customer",
    check=_of_no_subject,
)


def over_budget(spending: Spending) -> Iterator[Hit]:
    """Excess; and what keeps a sum within the budget from being certain."""
    if spending.krw is None:
        yield Hit(
            None,
            "its budget is not judged",
            "advisory",
            "operator.yaml has no rate for won",
            "add `cost:` with `usd_krw` and `rate_date`",
        )
        return
    if spending.krw > spending.budget_krw:
        excess = shown_krw(spending.krw - spending.budget_krw)
        yield Hit(None, f"{shown_krw(spending.krw)} KRW a month, {excess} more than its budget")
    elif spending.unknown:
        told = f"{shown_krw(spending.krw)} KRW a month of {spending.budget_krw:,}"
        yield Hit(
            None,
            f"{told}, and {spending.unknown} quantities without a price",
            "advisory",
            "what has no price may cost more than what is left",
            "import AWS's price list: operator cost --import FILE",
        )
