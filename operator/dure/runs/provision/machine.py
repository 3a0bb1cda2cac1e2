"""Ansible on the run's machine: inventory and secrets for the time of one play, progress into the journal."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import JsonValue

from dure.configure import ConvergeResult, TaskEvent, converge, inventory_from
from dure.errors import DureError
from dure.fleet.openssh import write_config
from dure.fleet.route import Route
from dure.model.workspace import HUB
from dure.plan.value import Plan
from dure.runs.live import Live
from dure.runs.provision.secret_values import UNKNOWN, role_files
from dure.secrets import secret_files

HUB_KEY = "/etc/wireguard/public.key"
CONVERGE_SECONDS = 1800.0
CHECK_SECONDS = 600.0
JOIN_SECONDS = 900.0


@dataclass(frozen=True, slots=True)
class Change:
    """One task that changed, or would change, something."""

    role: str
    text: str


def check_machine(live: Live, plan: Plan, outputs: Mapping[str, str], artifacts: Path) -> list[Change]:
    """What the roles would change."""
    contents = role_files(live.context, plan, outputs, previewing=True)
    result = _play(live, plan, _playbook(live), outputs, contents, "preview", artifacts, CHECK_SECONDS, check=True)
    return [Change(change.role, f"{change.role}: {change.task}") for change in result.changed]


def converge_machine(live: Live, plan: Plan, outputs: Mapping[str, str]) -> list[Change]:
    """Run all roles; what changed something."""
    contents = role_files(live.context, plan, outputs)
    result = _play(live, plan, _playbook(live), outputs, contents, "converge", live.artifacts, CONVERGE_SECONDS)
    return [Change(change.role, f"{change.role}: {change.task}") for change in result.changed]


def close_bench_way(live: Live, plan: Plan) -> list[Change]:
    """Lock the user that the hub came with, by a session of the engineer; what changed something."""
    roles: dict[str, JsonValue] = {"dure_roles": ["accounts", "ssh"]}
    result = _play(live, plan, "hub.yml", {}, {}, "converge", live.artifacts, CONVERGE_SECONDS, extra=roles)
    return [Change(change.role, f"{change.role}: {change.task}") for change in result.changed]


def join_machine(live: Live, plan: Plan) -> int:
    """Raise the box's tunnel over the first way; no role of this play reads an output of the stack."""
    outputs = {output: UNKNOWN for role in plan.host.roles for output in role.outputs.values()}
    return len(_play(live, plan, "join.yml", outputs, {}, "join", live.artifacts, JOIN_SECONDS).changed)


def _playbook(live: Live) -> str:
    return "hub.yml" if live.site == HUB else "site.yml"


def _play(
    live: Live,
    plan: Plan,
    playbook: str,
    outputs: Mapping[str, str],
    contents: Mapping[str, str],
    step: str,
    artifacts: Path,
    deadline: float,
    *,
    check: bool = False,
    extra: Mapping[str, JsonValue] | None = None,
) -> ConvergeResult:
    box, hub = (live.hub_route, None) if live.site == HUB else (live.box_route, live.hub_route)
    if box is None:
        raise DureError("the way to the machine is not known", where=live.site)
    directory = artifacts / step
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    routes: list[Route] = [box, *([hub] if hub else [])]
    ssh_config = write_config(routes, directory)

    def tell(event: TaskEvent) -> None:
        text = ": ".join(part for part in (event.role, event.task, event.message) if part)
        live.journal.tell("task", step, text, event.state, event.seconds or None)

    with secret_files(contents) as secrets_directory:
        variables = {**_workstation_variables(live, plan), **_hub_key(live, playbook), **(extra or {})}
        inventory = inventory_from(plan, box, hub, ssh_config, outputs, variables)
        result = converge(
            playbook,
            inventory,
            check=check,
            fast=live.request.fast,
            secrets_directory=secrets_directory,
            artifacts=directory,
            on_event=tell,
            cancel=live.wants_stop,
            deadline=deadline,
        )
    for note in result.notes:
        live.journal.tell("note", step, note)
    result.raise_if_failed()
    return result


def _hub_key(live: Live, playbook: str) -> dict[str, JsonValue]:
    """The hub's public key, over the session that is open anyway; where it has none the play says so."""
    if playbook != "site.yml":
        return {}
    read = live.hub().run(["cat", HUB_KEY], sudo=True)
    return {"wireguard_hub_public_key": read.text} if read.code == 0 else {}


def _workstation_variables(live: Live, plan: Plan) -> dict[str, JsonValue]:
    """What the plan cannot know, since it holds for this workstation's surroundings: where a double of AWS is."""
    endpoint = live.context.settings.vault_endpoint
    has_backup = any(role.name == "backup" for role in plan.host.roles)
    return {"backup_endpoint": endpoint} if endpoint and has_backup else {}
