"""The run's stack, from the plan and this workstation's settings."""

from collections.abc import Callable
from pathlib import Path

from dure.cloud.preview import StackEvent
from dure.cloud.stack import Stack
from dure.errors import DureError
from dure.plan.stacks import stack_plan
from dure.plan.subject import MASK
from dure.plan.value import CloudPlan, Plan
from dure.runs.live import Live
from dure.runs.provision.secret_values import passphrase
from dure.runs.stacks.selection import plan_of_site


def stack_of(live: Live, plan: Plan, scratch: Path | None) -> Stack:
    """The stack, to preview or apply it; while its passphrase does not exist yet a preview goes to a `scratch` backend.

    Raises DureError where it builds on a stack that does not stand.
    """
    context = live.context
    settings = context.settings
    secret = passphrase(context)
    cloud = _with_upstream(live, plan)
    if not secret and scratch is not None:
        settings = settings.model_copy(update={"pulumi_backend": f"file://{scratch}"})
        secret = "preview"  # noqa: S105 - opens nothing: the scratch backend is gone after the preview
    return Stack(cloud, context.workspace, settings, secret, workers=context.workers)


def outputs_of(live: Live, plan: Plan) -> dict[str, str]:
    """All outputs of the plan's stack, secret ones in clear; empty while there is none."""
    context, secret = live.context, passphrase(live.context)
    if plan.cloud is None or not secret:
        return {}
    return Stack(plan.cloud, context.workspace, context.settings, secret).outputs()


def _with_upstream(live: Live, plan: Plan) -> CloudPlan:
    """The stack's plan with what it takes of the landing zone's plain outputs, and its boundary where that stands."""
    asked = stack_plan(plan)
    if asked is None:
        raise ValueError("the plan has no cloud part")
    source, needed = asked.asks, bool(asked.cloud.takes_outputs_of)
    if not source:
        return asked.cloud
    context, secret = live.context, passphrase(live.context)
    upstream = plan_of_site(context, source).cloud
    told = Stack(upstream, context.workspace, context.settings, secret).outputs(reveal=False) if secret else {}
    if not told and needed:
        what, why = f"{plan.site} builds on what does not stand", f"{source} is not applied"
        raise DureError(what, where=plan.site, why=why, mend=f"operator stacks up {source}")
    return asked.with_outputs({name: value for name, value in told.items() if value != MASK})


def telling(live: Live, step: str) -> Callable[[StackEvent], None]:
    """Hands the engine's progress to the journal."""

    def tell(event: StackEvent) -> None:
        live.journal.tell("task", step, event.line(), event.kind)

    return tell
