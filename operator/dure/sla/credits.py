"""What the customer gets back: bands on the exact availability, in whole won without VAT."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from dure.sla.faults import BadRule
from dure.sla.ratio import Ratio
from dure.sla.verdict import Verdict

CAP = Fraction(50, 100)
VAT = Fraction(10, 100)


@dataclass(frozen=True, slots=True)
class Band:
    """At this availability or above (and below the band before it), this share of the fee is credited."""

    at_least: Fraction
    credit: Fraction


@dataclass(frozen=True, slots=True)
class Bands:
    """Bands from the highest availability down, and the share below all of them."""

    bands: tuple[Band, ...]
    below: Fraction

    def __post_init__(self) -> None:
        for upper, lower in pairwise(self.bands):
            if upper.at_least <= lower.at_least or upper.credit > lower.credit:
                raise BadRule("credit bands go from the highest availability down, and the credit never shrinks")
        shares = [band.credit for band in self.bands] + [self.below]
        if not all(0 <= one <= 1 for one in shares) or max(shares) > self.below:
            raise BadRule("a credit is 0 to 100 % of the fee, and below all bands it is the largest")


def credited_share(availability: Fraction, bands: Bands) -> Fraction:
    """The share of the fee for an exact availability; the bands are half-open."""
    return next((band.credit for band in bands.bands if availability >= band.at_least), bands.below)


def credit_basis(figures: Ratio, decided: Verdict, lower_bound: bool = False) -> Fraction | None:
    """The availability that a credit is computed on; None when there is none to compute.

    An undecided month is credited on the availability of what is known, unless the contract says the lower bound.
    """
    if decided in (Verdict.NOT_APPLICABLE, Verdict.INSUFFICIENT_DATA):
        return None
    return figures.lower if decided is Verdict.INDETERMINATE and lower_bound else figures.availability


def won(share: Fraction, fee: int) -> int:
    """That share of a fee in won, floored. Raises BadRule for a negative fee."""
    if fee < 0:
        raise BadRule(f"a fee of {fee} won is negative")
    amount = share * fee
    return amount.numerator // amount.denominator


def credit(shares: Iterable[Fraction], fee: int, cap: Fraction = CAP) -> int:
    """Won for one service and month: the largest share over its indicators, never their sum, up to the cap.

    `fee` is the service's monthly fee without VAT; a free service has no credit.
    """
    return won(min(max(shares, default=Fraction(0)), cap), fee)


@dataclass(frozen=True, slots=True)
class CreditLine:
    """One service's credit for billing, in won; a waived one is kept with its reason and counts 0."""

    service: str
    fee: int
    share: Fraction
    amount: int
    waived: str = ""

    @property
    def due(self) -> int:
        return 0 if self.waived else self.amount


@dataclass(frozen=True, slots=True)
class Invoice:
    """Won: supply value before and after credits, the VAT on what is left, and the sum to pay."""

    fees: int
    credits: int
    supply_value: int
    vat: int
    total: int


def invoice(lines: Sequence[CreditLine]) -> Invoice:
    """The month's supply value less credits, with 10 % VAT floored to a won."""
    fees, credits = sum(one.fee for one in lines), sum(one.due for one in lines)
    supply = fees - credits
    vat = won(VAT, supply)
    return Invoice(fees, credits, supply, vat, supply + vat)
