"""The estimate: amounts by resource, before and after, and what has no price."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Literal

from dure.cost.money import Rates
from dure.cost.price import Price

Status = Literal["priced", "free", "unpriced"]
ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class PricedLine:
    """`usd` a month, exact; None when the item has no price."""

    item: str
    quantity: Decimal
    unit: str
    assumption: str
    price: Price | None
    usd: Decimal | None


@dataclass(frozen=True, slots=True)
class ResourceEstimate:
    """One resource. `before` and `after` are what is priced of it in USD a month; `unknown` says what is not."""

    urn: str
    type: str
    name: str
    op: str
    status: Status
    before: Decimal
    after: Decimal
    lines: tuple[PricedLine, ...]
    """As it will be; as it is, for one that goes."""
    unknown: tuple[str, ...] = ()
    free: str = ""
    """Why it costs nothing."""


@dataclass(frozen=True, slots=True)
class StackEstimate:
    stack: str
    site: str
    program: str
    region: str
    resources: tuple[ResourceEstimate, ...]

    @property
    def before(self) -> Decimal:
        return sum((one.before for one in self.resources), ZERO)

    @property
    def after(self) -> Decimal:
        return sum((one.after for one in self.resources), ZERO)

    @property
    def unknown(self) -> tuple[str, ...]:
        """`name: what has no price`, of what will be there."""
        return tuple(f"{one.name}: {why}" for one in self.resources if one.op != "delete" for why in one.unknown)

    @property
    def coverage(self) -> Decimal:
        """Share of the resources that are priced or free, from 0 to 1."""
        there = [one for one in self.resources if one.op != "delete"]
        known = sum(1 for one in there if one.status != "unpriced")
        return Decimal(known) / len(there) if there else Decimal(1)


@dataclass(frozen=True, slots=True)
class Estimate:
    """USD a month; won by `rates`, None while operator.yaml names no rate."""

    stacks: tuple[StackEstimate, ...]
    rates: Rates | None
    today: date
    oldest_price: date | None = field(default=None)

    @property
    def before(self) -> Decimal:
        return total(one.before for one in self.stacks)

    @property
    def after(self) -> Decimal:
        return total(one.after for one in self.stacks)

    @property
    def difference(self) -> Decimal:
        return self.after - self.before

    @property
    def unknown(self) -> tuple[str, ...]:
        return tuple(f"{stack.site} {line}" for stack in self.stacks for line in stack.unknown)


def total(amounts: Iterable[Decimal]) -> Decimal:
    return sum(amounts, ZERO)
