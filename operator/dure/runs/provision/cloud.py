"""The run's stack, from the plan and this workstation's settings."""

from collections.abc import Callable
from pathlib import Path

from dure.cloud.preview import StackEvent
from dure.cloud.stack import Stack
from dure.plan.value import Plan
from dure.runs.live import Live
from dure.runs.provision.secret_values import passphrase


def stack_of(live: Live, plan: Plan, scratch: Path | None) -> Stack:
    """The stack; while its passphrase does not exist yet a preview goes to a `scratch` backend."""
    if plan.cloud is None:
        raise ValueError("the plan has no cloud part")
    context = live.context
    settings = context.settings
    secret = passphrase(context)
    if not secret and scratch is not None:
        settings = settings.model_copy(update={"pulumi_backend": f"file://{scratch}"})
        secret = "preview"  # noqa: S105 - opens nothing: the scratch backend is gone after the preview
    return Stack(plan.cloud, context.workspace, settings, secret)


def telling(live: Live, step: str) -> Callable[[StackEvent], None]:
    """Hands the engine's progress to the journal."""

    def tell(event: StackEvent) -> None:
        live.journal.tell("task", step, event.line(), event.kind)

    return tell
