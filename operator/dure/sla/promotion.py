"""Which trial indicators take a free place, and what a quarter's changes may be at most."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from dure.sla.indicators.catalogue import Category
from dure.sla.review import LEAST_COVERAGE, MONTHS, MonthResult

SWAPS = 2
INFORMATIVE = (Fraction(5, 100), Fraction(40, 100))
WEIGHTS = (Fraction(4, 10), Fraction(3, 10), Fraction(2, 10), Fraction(1, 10))


@dataclass(frozen=True, slots=True)
class Candidate:
    """A trial indicator; all shares are 0 to 1.

    `miss_share` among the fleet's trials, `link` to tickets and complaints, `votes` of customers, `ease` of measuring.
    """

    key: str
    category: Category
    miss_share: Fraction
    link: Fraction
    votes: Fraction
    ease: Fraction
    coverage: Fraction


def information(miss_share: Fraction) -> Fraction:
    """1 where 5 to 40 % of the fleet miss it; less towards what nobody or everybody misses."""
    least, most = INFORMATIVE
    if miss_share < least:
        return miss_share / least
    if miss_share > most:
        return (1 - miss_share) / (1 - most)
    return Fraction(1)


def score(one: Candidate) -> Fraction:
    """0.4 information + 0.3 link + 0.2 votes + 0.1 ease."""
    parts = (information(one.miss_share), one.link, one.votes, one.ease)
    return sum((weight * part for weight, part in zip(WEIGHTS, parts, strict=True)), Fraction(0))


def ranked(candidates: Iterable[Candidate]) -> tuple[Candidate, ...]:
    """Those covered well enough, the best first; ties by key, so that two reviews agree."""
    fit = [one for one in candidates if one.coverage >= LEAST_COVERAGE]
    return tuple(sorted(fit, key=lambda one: (-score(one), one.key)))


@dataclass(frozen=True, slots=True)
class Swap:
    """One indicator leaves the score, and another takes its place or none does."""

    out: str
    into: str | None


def swaps(
    leaving: Sequence[str], active: Mapping[str, Category], candidates: Iterable[Candidate], limit: int = SWAPS
) -> tuple[Swap, ...]:
    """At most two a quarter; no category loses its last indicator: a candidate of it comes in, or nothing leaves."""
    waiting = list(ranked(candidates))
    now = dict(active)
    found: list[Swap] = []
    for out in leaving:
        if len(found) == limit:
            break
        category = now[out]
        is_last = list(now.values()).count(category) == 1
        chosen = next((one for one in waiting if not is_last or one.category is category), None)
        if is_last and chosen is None:
            continue
        del now[out]
        if chosen is not None:
            waiting.remove(chosen)
            now[chosen.key] = chosen.category
        found.append(Swap(out, chosen.key if chosen else None))
    return tuple(found)


def may_provider_retire(months: Sequence[MonthResult]) -> bool:
    """The provider may not propose to retire what it missed in the last six months."""
    return not any(one.met is False for one in months[-MONTHS:])


def may_retarget(customer_consents: bool, retirement_this_quarter: bool) -> bool:
    """A target that was never met is lowered by the customer's consent alone, and in no quarter of a retirement."""
    return customer_consents and not retirement_this_quarter


def normalised(weights: Mapping[str, Fraction], categories: Mapping[str, Category]) -> dict[str, Fraction]:
    """Weights that sum to 1 inside each category, in the proportions given; equal where all are 0."""
    sums: dict[Category, Fraction] = {}
    counts: dict[Category, int] = {}
    for key, weight in weights.items():
        category = categories[key]
        sums[category] = sums.get(category, Fraction(0)) + weight
        counts[category] = counts.get(category, 0) + 1
    return {
        key: weight / sums[categories[key]] if sums[categories[key]] else Fraction(1, counts[categories[key]])
        for key, weight in weights.items()
    }
