"""The last day of a sandbox, after which it is not brought up any more."""

from datetime import date

from dure.errors import Refused
from dure.model import load_site
from dure.plan.stacks import StackPlan
from dure.runs.context import Context
from dure.runs.judgement import today_of
from dure.runs.stacks.fleet import Fleet
from dure.runs.stacks.selection import place_of

SANDBOX = "paas_sandbox"


def last_day(plan: StackPlan) -> date | None:
    """None for every stack that is no sandbox."""
    return date.fromisoformat(str(plan.cloud.inputs["expires"])) if plan.cloud.program == SANDBOX else None


def ended_on(fleet: Fleet, plan: StackPlan) -> str:
    """`ended on 2026-12-31` of a sandbox that went as it was to go; empty for everything else."""
    day = last_day(plan)
    over = day is not None and day < today_of(fleet.context.operator) and not fleet.stands(plan.site)
    return f"ended on {day}" if over else ""


def refuse_expired(context: Context, plan: StackPlan) -> None:
    """Raises Refused for a sandbox that still stands and that the next night takes down."""
    day = last_day(plan)
    if day is None or day >= today_of(context.operator):
        return
    raise Refused(
        f"the sandbox {plan.site} has ended",
        where=place_of(load_site(context.workspace, plan.site)),
        why=f"its last day {day} has passed",
        mend="write a later `expires:`, or remove the site from the file",
    )
