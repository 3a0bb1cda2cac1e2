"""Sandboxes whose last day has passed: told, and taken down. No other stack ends by a date.

The day in the workspace counts, so that a longer time that was merged and not yet applied is a longer time; of a
sandbox that has left the workspace the one last applied.
"""

from dataclasses import dataclass
from datetime import date

from dure.plan.stacks import StackPlan, order
from dure.runs.context import Context
from dure.runs.judgement import today_of
from dure.runs.stacks.applied import all_applied, plan_of
from dure.runs.stacks.change import Listener, Options
from dure.runs.stacks.destroy import Consent, destroy
from dure.runs.stacks.fleet import open_fleet
from dure.runs.stacks.last_day import last_day
from dure.runs.stacks.result import Report
from dure.runs.stacks.selection import every_plan

REASON = "its last day has passed"


@dataclass(frozen=True, slots=True)
class Expired:
    """A sandbox that stands and should not."""

    plan: StackPlan
    day: date

    def line(self) -> str:
        return f"{self.plan.site}: its last day {self.day} has passed"


def expired(context: Context) -> list[Expired]:
    """Those that stand, upstream first. Raises WorkspaceInvalid for any problem of any file."""
    today = today_of(context.operator)
    applied = {one.site: one for row in all_applied(context.store).values() if (one := plan_of(row)) is not None}
    plans = applied | {one.site: one for one in every_plan(context)}
    over = {one.site: day for one in plans.values() if (day := last_day(one)) is not None and day < today}
    if not over:
        return []
    with open_fleet(context, changing=False) as fleet:
        return [Expired(one, over[one.site]) for one in order(plans[site] for site in over) if fleet.stands(one.site)]


def expire(context: Context, found: list[Expired], options: Options, listener: Listener) -> Report | None:
    """Take them down as `destroy` does: without consent, so that what is protected would refuse it."""
    return destroy(context, [one.plan for one in found], options, listener, Consent())
