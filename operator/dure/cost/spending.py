"""A customer's estimate beside its budget: what the budget rule judges."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from dure.cost.money import Rates
from dure.cost.result import StackEstimate, total


@dataclass(frozen=True, slots=True)
class Spending:
    """Won a month with VAT; `krw` is None while there is no rate, and a lower bound while prices are unknown."""

    customer: str
    budget_krw: int
    krw: Decimal | None
    unknown: int
    """How many quantities have no price."""
    place: str
    """Where the budget stands: `file:line`."""


def spending_of(
    customer: str, budget_krw: int, place: str, stacks: Iterable[StackEstimate], rates: Rates | None
) -> Spending:
    """The customer's stacks of an estimate, summed."""
    own = [one for one in stacks if one.site.partition("/")[0] == customer]
    usd = total(one.after for one in own)
    return Spending(
        customer=customer,
        budget_krw=budget_krw,
        krw=rates.krw_with_vat(usd) if rates else None,
        unknown=sum(len(one.unknown) for one in own),
        place=place,
    )
