"""Indicators 28 and 29: whether what was bought is used, and what it brings."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from dure.sla.faults import SlaError
from dure.sla.indicators.measure import Lacking, Measure, rate

ACTIVE_WITHIN = 30 * 86400
LEAST_USERS = 3


def utilisation(last_actions: Iterable[int | None], now: int) -> Measure:
    """28: users with a real action in the last 30 days ÷ entitled users (their last action, None: never).

    With fewer than three users it is suppressed: the figure would name people.
    """
    every = list(last_actions)
    acted = sum(one is not None and now - ACTIVE_WITHIN < one <= now for one in every)
    if 0 < len(every) < LEAST_USERS:
        return Measure(None, 0, len(every), Lacking.TOO_FEW)
    return rate(acted, len(every))


def utilisation_of(services: Iterable[tuple[int, int]]) -> Measure:
    """28 from counts: Σ acted ÷ Σ entitled over services, each (entitled, acted); a service of fewer than three users
    is left out, for its figure would name people."""
    every = list(services)
    shown = [one for one in every if one[0] >= LEAST_USERS]
    if every and not shown:
        return Measure(None, 0, sum(entitled for entitled, _ in every), Lacking.TOO_FEW)
    return rate(sum(acted for _, acted in shown), sum(entitled for entitled, _ in shown))


@dataclass(frozen=True, slots=True)
class Benefit:
    """Won in a month: the least, the likely and the most."""

    low: int
    likely: int
    high: int

    def __post_init__(self) -> None:
        if not self.low <= self.likely <= self.high:
            raise SlaError(f"{self.low}, {self.likely}, {self.high} is no range")


AXES = ("cost", "productivity", "revenue", "risk")
"""What was saved, worked, earned and averted."""


def net_benefit(benefits: Mapping[str, Benefit], spent: int | None) -> Benefit | None:
    """29: the sum over the four axes less what the services cost, with its range, in won.

    None while an axis or the cost is not known: what nobody told is not 0.
    """
    if spent is None or any(axis not in benefits for axis in AXES):
        return None
    every = [benefits[axis] for axis in AXES]
    return Benefit(
        sum(one.low for one in every) - spent,
        sum(one.likely for one in every) - spent,
        sum(one.high for one in every) - spent,
    )
