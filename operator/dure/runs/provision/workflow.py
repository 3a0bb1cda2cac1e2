"""The steps of a provision run in their order, as one durable workflow."""

from dbos import DBOS

from dure.runs.audit_runs import close_run
from dure.runs.provision.apply import allocate, cloud_up, converge, join
from dure.runs.provision.approval import approve
from dure.runs.provision.prepare import lease, plan, validate
from dure.runs.provision.preview import preview
from dure.runs.provision.prove import verify
from dure.runs.provision.register import register
from dure.runs.provision.step import Step, work

STEPS = (
    Step("validate", validate, "at its end, at once", leased=False),
    Step("plan", plan, "at its end, at once", leased=False),
    Step("lease", lease, "at its end, within 30 s", leased=False),
    Step("preview", preview, "within the preview, at the next task; nothing is touched", busy=True),
    Step("approve", approve, "at once; nothing is touched"),
    Step("allocate", allocate, "at its end, at once"),
    Step("cloud_up", cloud_up, "after the resources that are being changed", busy=True),
    Step("join", join, "at the next task; what was changed stays and is repeated safely", busy=True),
    Step("converge", converge, "at the next task; what was changed stays and is repeated safely", busy=True),
    Step("verify", verify, "after the row that is being proven", busy=True),
    Step("register", register, "at its end, at once"),
    Step("audit", close_run, "at its end, at once"),
)
"""Change their order or names only together with engine.SHAPE."""


@DBOS.workflow(name="provision")
def provision(run: str) -> None:
    """Work all steps off; done ones are not repeated when another process goes on."""
    work(run, STEPS)
