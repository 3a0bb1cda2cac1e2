"""Indicators 1-4 and 15, from the spans and samples of checks."""

from collections.abc import Iterable
from fractions import Fraction
from math import floor

from dure.sla.indicators.measure import HUNDRED, Lacking, Measure, rate
from dure.sla.ratio import Ratio


def availability(figures: Iterable[Ratio]) -> Measure:
    """1, 2 and 3: Σ(known − bad) ÷ Σ known over services or links, each with its own agreed hours.

    `part` are the whole seconds that were good: of a weighted second the rest is left out.
    """
    every = list(figures)
    known = sum(one.known for one in every)
    bad = sum((one.bad for one in every), Fraction(0))
    if known == 0:
        return Measure(None, 0, 0, Lacking.NOTHING)
    return Measure(HUNDRED * (known - bad) / known, floor(known - bad), known)


def response_in_time(latencies: Iterable[int], limit: int) -> Measure:
    """4: samples that answered within `limit` ÷ all; latencies of UP samples that tell one, milliseconds."""
    every = list(latencies)
    return rate(sum(one <= limit for one in every), len(every))


def coverage(figures: Iterable[Ratio]) -> Measure:
    """15: known ÷ agreed seconds."""
    every = list(figures)
    return rate(sum(one.known for one in every), sum(one.ast for one in every))
