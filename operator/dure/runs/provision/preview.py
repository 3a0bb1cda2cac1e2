"""What the run would change, found out without changing it: the stack's preview and Ansible's check mode."""

import json
import tempfile
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from pydantic import BaseModel, JsonValue

from dure.errors import Refused
from dure.model.workspace import HUB
from dure.plan.stacks import BOUNDARY
from dure.plan.subject import Subject
from dure.plan.value import Plan
from dure.runs.addresses import FIRST_USER
from dure.runs.live import Live, Outcome
from dure.runs.provision.cloud import outputs_of, stack_of, telling
from dure.runs.provision.machine import check_machine
from dure.runs.provision.secret_values import UNKNOWN, missing
from dure.runs.remote_lease import ask

RISKY_ROLES = frozenset({"base", "firewall", "wireguard", "hub", "lan", "strongswan", "commit_confirm"})
"""Roles that touch firewall, network, kernel or boot: a change there asks for the full acceptance."""


class Preview(BaseModel):
    """All that would change, as shown for approval and kept as an artifact."""

    joins: bool = False
    allocation: str = ""
    secrets: list[str] = []
    cloud: list[str] = []
    rules: list[str] = []
    """What rules say of the stack and does not forbid it."""
    machine: list[str] = []
    roles: list[str] = []
    subject: Subject | None = None
    """The stack as it will be; None where there is none."""

    @property
    def empty(self) -> bool:
        return not (self.joins or self.allocation or self.secrets or self.cloud or self.machine)

    @property
    def risky(self) -> bool:
        return self.joins or bool(RISKY_ROLES & set(self.roles))

    def lines(self) -> list[str]:
        """For a person who has to approve it."""
        text = []
        if self.joins:
            text.append("box: join the hub's overlay by the first way, then close that way")
        if self.allocation:
            text.append(f"workspace: allocate overlay {self.allocation}")
        if self.secrets:
            text.append("workspace: make secrets " + ", ".join(self.secrets))
        text += [f"cloud: {line}" for line in self.cloud]
        text += [f"machine: {line}" for line in self.machine]
        text += [f"policy: {line}" for line in self.rules] if text else []
        return text or ["nothing would change"]

    def summary(self) -> str:
        if self.empty:
            return "nothing would change"
        return f"{len(self.cloud)} changes in the cloud, {len(self.machine)} on the machine" + (
            ", the box joins" if self.joins else ""
        )


def preview(live: Live) -> Outcome:
    """Both previews; details go to a file, what later steps need to the journal."""
    found = look_ahead(live, live.plan, live.artifacts)
    (live.artifacts / "preview.json").write_text(found.model_dump_json(indent=1))
    data: dict[str, JsonValue] = {
        "empty": found.empty,
        "risky": found.risky,
        "cloud": len(found.cloud),
        "machine": len(found.machine),
        "joins": found.joins,
    }
    return Outcome(found.summary(), data=data)


def look_ahead(live: Live, plan: Plan, artifacts: Path) -> Preview:
    """Everything that would change; touches nothing, here or there. Raises Refused for a stack that a rule forbids."""
    found = Preview(joins=live.way == "first", secrets=missing(live.context, plan))
    if plan.overlay is not None and not plan.overlay.allocated:
        found.allocation = plan.overlay.cidr
    if plan.cloud is not None:
        live.context.workers.warm()
    outputs = known_outputs(live, plan)
    refuse_unknown_state(live, plan, outputs)
    with ThreadPoolExecutor(max_workers=1) as side, tempfile.TemporaryDirectory(prefix="dure-preview-") as scratch:
        # The two previews know nothing of each other: the slower one decides how long it takes.
        cloud = side.submit(preview_cloud, live, plan, Path(scratch)) if plan.cloud is not None else None
        changes = check_machine(live, plan, outputs, artifacts)
        found.cloud, found.rules, found.subject = cloud.result() if cloud else ([], [], None)
    found.machine = [change.text for change in changes]
    found.roles = sorted({change.role for change in changes})
    if reached_by_bench_user(live):
        found.machine.append(f"accounts: lock {FIRST_USER}, the user that the hub came with")
    return found


def reached_by_bench_user(live: Live) -> bool:
    """True at the hub's first contact: no engineer's way has been proven yet, so its roles leave this one open."""
    return live.site == HUB and live.hub_route is not None and live.hub_route.user == FIRST_USER


def preview_cloud(live: Live, plan: Plan, scratch: Path) -> tuple[list[str], list[str], Subject | None]:
    """Lines for what the stack would change, and for what rules say of it; and the stack as they saw it.

    Raises Refused, before anybody is asked, with rule, resource, place and mend of what forbids it.
    """
    from dure.runs.judgement import refuse_if_forbidden
    from dure.runs.stacks.judged import Judge
    from dure.runs.subjects import subject_of_site

    stack = stack_of(live, plan, scratch)
    seen, boundary = stack.preview(telling(live, "preview")), str(stack.plan.inputs.get(BOUNDARY, ""))
    changes = [change.line() for change in seen.changes]
    if plan.cloud is None:
        return changes, [], None
    subject = subject_of_site(live.context, live.site, plan.cloud, seen.resources, boundary)
    findings = Judge(live.context).judge_subjects([subject]).findings
    refuse_if_forbidden(findings)
    return changes, [one.line() for one in findings], subject


def known_outputs(live: Live, plan: Plan) -> dict[str, str]:
    """The stack's outputs as they are; a stand-in for each that the roles need and that does not exist yet."""
    needed = {output for role in plan.host.roles for output in role.outputs.values()}
    return {**dict.fromkeys(needed, UNKNOWN), **outputs_of(live, plan)}


def refuse_unknown_state(live: Live, plan: Plan, outputs: Mapping[str, str]) -> None:
    """A stack that a colleague made, and whose state lies with her alone, would be made a second time from here."""
    if plan.cloud is None or any(value != UNKNOWN for value in outputs.values()):
        return
    record = ask(live.hub(), live.site, "look").get("applied")
    if not isinstance(record, dict) or record.get("stack") != plan.cloud.stack:
        return
    raise Refused(
        f"this workstation has no state of stack {plan.cloud.stack}",
        where=live.site,
        why=f"{record.get('by')} brought it up at {record.get('at')}, and its state lies elsewhere",
        mend="give all workstations one place for it, `pulumi_backend: s3://BUCKET` in .dure/local.yaml, and have "
        f"{record.get('by')} copy the state there: docs/operations.md",
    )


def load_preview(live: Live) -> Preview:
    """The preview that this run was approved on."""
    return Preview.model_validate(json.loads((live.artifacts / "preview.json").read_text()))
