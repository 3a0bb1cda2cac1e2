"""US dollars to won by a dated rate. Exact throughout: rounding happens only where a person reads."""

from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

CENT = Decimal("0.01")
WON = Decimal(1)
OLD_RATE_DAYS = 31
"""A rate older than a month is told as such."""


@dataclass(frozen=True, slots=True)
class Rates:
    """From `cost:` of operator.yaml; `vat` is a fraction, such as 0.10."""

    usd_krw: Decimal
    rate_date: date
    vat: Decimal

    def krw(self, usd: Decimal) -> Decimal:
        """Without VAT, not rounded."""
        return usd * self.usd_krw

    def krw_with_vat(self, usd: Decimal) -> Decimal:
        return self.krw(usd) * (1 + self.vat)

    def old(self, today: date) -> bool:
        return (today - self.rate_date).days > OLD_RATE_DAYS


def shown_usd(amount: Decimal) -> str:
    """`1,234.56`, half a cent up."""
    return f"{amount.quantize(CENT, ROUND_HALF_UP):,f}"


def shown_krw(amount: Decimal) -> str:
    """`1,234,568`, half a won up."""
    return f"{amount.quantize(WON, ROUND_HALF_UP):,f}"


def signed(text: str) -> str:
    """A difference: with its sign, and without one when it is nothing."""
    digits = text.strip("-0.,")
    return text.lstrip("-") if not digits else text if text.startswith("-") else f"+{text}"
