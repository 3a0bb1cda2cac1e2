"""Which stack may start now: upstream first, nothing new past the error budget. Pure."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from dure.errors import UsageError

DEFAULT_BUDGET = "10%"
BUDGET = re.compile(r"(\d{1,6})(%?)")

State = Literal["waiting", "running", "done", "failed", "skipped"]


def budget_of(text: str, stacks: int) -> int:
    """How many stacks may fail before nothing new starts: `2`, or `10%` of them rounded down. Raises UsageError."""
    match = BUDGET.fullmatch(text.strip())
    if match is None or (match[2] and int(match[1]) > 100):
        raise UsageError(
            f'"{text}" is no error budget',
            where="--max-failed",
            why="it is a whole number of stacks, or a whole percentage of them up to 100%",
            mend="give --max-failed 2, or --max-failed 10%",
        )
    return int(match[1]) * stacks // 100 if match[2] else int(match[1])


@dataclass(frozen=True, slots=True)
class Schedule:
    """Stacks in their order with the state of each; every method returns a new schedule.

    `upstream` names for each stack those that must be done first; others than the scheduled ones do not count.
    """

    upstream: Mapping[str, Collection[str]]
    budget: int
    states: Mapping[str, State] = field(default_factory=dict)
    reasons: Mapping[str, str] = field(default_factory=dict)
    """Why each skipped stack never started."""

    @classmethod
    def of(cls, upstream: Mapping[str, Collection[str]], budget: int) -> "Schedule":
        """All are waiting. The order of `upstream` is the order of starting."""
        own = {site: tuple(one for one in ups if one in upstream) for site, ups in upstream.items()}
        return cls(own, budget, dict.fromkeys(own, "waiting"))

    def sites(self, *states: State) -> list[str]:
        return [site for site, state in self.states.items() if state in states]

    @property
    def exhausted(self) -> bool:
        """More have failed than may: nothing new starts."""
        return len(self.sites("failed")) > self.budget

    @property
    def ended(self) -> bool:
        return not self.sites("waiting", "running")

    def ready(self) -> list[str]:
        """Those that may start now."""
        if self.exhausted:
            return []
        done = set(self.sites("done"))
        return [site for site in self.sites("waiting") if done.issuperset(self.upstream[site])]

    def start(self, site: str) -> "Schedule":
        if self.states[site] != "waiting":
            raise ValueError(f"{site} is {self.states[site]}")
        return replace(self, states={**self.states, site: "running"})

    def finish(self, site: str, *, failed: bool) -> "Schedule":
        """A running one has ended; what can no longer start is skipped, each with its reason."""
        if self.states[site] != "running":
            raise ValueError(f"{site} is {self.states[site]}")
        after = replace(self, states={**self.states, site: "failed" if failed else "done"})
        if not failed:
            return after
        after = after._skip_dependents(site)
        if not after.exhausted:
            return after
        count = len(after.sites("failed"))
        return after.stop(f"{count} failed, which is more than the error budget of {after.budget}")

    def stop(self, reason: str) -> "Schedule":
        """Nothing new starts; what runs goes on to its end."""
        waiting = self.sites("waiting")
        return replace(
            self,
            states={**self.states, **dict.fromkeys(waiting, "skipped")},
            reasons={**self.reasons, **dict.fromkeys(waiting, reason)},
        )

    def _skip_dependents(self, failed: str) -> "Schedule":
        states, reasons = dict(self.states), dict(self.reasons)
        gone = [failed]
        while gone:
            lost = gone.pop()
            verb = "failed" if states[lost] == "failed" else "was skipped"
            for site, ups in self.upstream.items():
                if states[site] == "waiting" and lost in ups:
                    states[site], reasons[site] = "skipped", f"{lost} {verb}"
                    gone.append(site)
        return replace(self, states=states, reasons=reasons)
