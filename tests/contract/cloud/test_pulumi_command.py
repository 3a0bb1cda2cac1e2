"""Both ways into stacks/: inline, as `operator stacks` goes, and by the `pulumi` command there. One result."""

import json
import os
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from dure.cloud.changes import UNKNOWN
from dure.cloud.engine import find_pulumi
from dure.cloud.preview import Preview
from dure.cloud.sandbox.process import running
from dure.cloud.stack import Stack, engine_environment
from dure.model.local import LocalSettings
from dure.plan.subject import UNKNOWN_TEXT
from pydantic import JsonValue

from tests.contract.cloud import programs
from tests.contract.cloud.conftest import PASSPHRASE

ROOT = Path(__file__).resolve().parents[3]
HOST = ROOT / "tools" / "language-host"
TENANT: dict[str, JsonValue] = {**programs.TENANT, "site": "by-hand", "upstream": programs.UPSTREAM}
BOX: dict[str, JsonValue] = {"msp": "hanbit-it", "customer": "hansol-plastics", "site": "by-hand", "lock_days": 1}


@dataclass(frozen=True)
class Terminal:
    """A workspace on the double, and a shell in stacks/ with what docs/stacks.md sets."""

    workspace: Path
    settings: LocalSettings
    port: int
    passphrase: Path

    def stack(self, program: str, name: str, inputs: Mapping[str, JsonValue]) -> Stack:
        plan = programs.plan(program, name, dict(inputs))
        return Stack(plan, self.workspace, self.settings, PASSPHRASE, provider_port=self.port)

    def pulumi(self, verb: str, name: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
        state = self.workspace / ".dure"
        environment = engine_environment(state, self.settings, find_pulumi())
        configuration = state / "pulumi" / "projects" / name / f"Pulumi.{name}.yaml"
        return subprocess.run(
            ["pulumi", verb, "--non-interactive", "--stack", name, "--config-file", configuration, *arguments],
            cwd=ROOT / "stacks",
            env=environment
            | {
                "PATH": f"{environment['PATH']}{os.pathsep}{HOST}",
                "PULUMI_CONFIG_PASSPHRASE_FILE": str(self.passphrase),
                "PULUMI_DEBUG_PROVIDERS": f"aws:{self.port}",
                "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
            },
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )


@pytest.fixture(scope="module")
def terminal(tmp_path_factory: pytest.TempPathFactory, settings: LocalSettings) -> Iterator[Terminal]:
    workspace = tmp_path_factory.mktemp("by-hand")
    passphrase = workspace / "passphrase"
    passphrase.write_text(PASSPHRASE)
    with running(settings.aws_endpoint, settings.aws_credentials, workspace / "record") as port:
        yield Terminal(workspace, settings, port, passphrase)


def planned(preview: Preview) -> dict[str, tuple[str, JsonValue]]:
    """URN -> operation and inputs."""
    return {one.urn: (one.op, dict(one.inputs)) for one in preview.resources}


def told(output: str) -> dict[str, tuple[str, JsonValue]]:
    """The same of what `pulumi preview --json` prints; the stack and its providers are the engine's own."""
    return {
        step["urn"]: (step["op"], step["newState"].get("inputs", {}))
        for step in json.loads(output.replace(UNKNOWN, UNKNOWN_TEXT))["steps"]
        if not step["newState"]["type"].startswith("pulumi:")
    }


def test_the_command_plans_a_tenant_s_resources_with_the_same_inputs(terminal: Terminal) -> None:
    inline = planned(terminal.stack("saas_tenant", "erp", TENANT).preview())
    command = terminal.pulumi("preview", "erp", "--json")
    assert command.returncode == 0, command.stdout + command.stderr
    assert len(inline) == 20
    assert told(command.stdout) == inline


def test_the_command_plans_and_makes_what_operator_would(terminal: Terminal) -> None:
    stack = terminal.stack("hybrid_site", "box", BOX)
    inline = planned(stack.preview())
    command = terminal.pulumi("preview", "box", "--json")
    assert command.returncode == 0, command.stdout + command.stderr
    assert len(inline) == 12
    assert told(command.stdout) == inline

    made = terminal.pulumi("up", "box", "--yes")  # its preview and its update are run by one host
    assert made.returncode == 0, made.stdout + made.stderr
    assert "+ 13 created" in made.stdout
    assert stack.preview().empty


def test_what_the_program_refuses_is_the_command_s_error_without_a_traceback(terminal: Terminal) -> None:
    terminal.stack("hybrid_site", "box", {**BOX, "lock_days": 0}).outputs()  # writes the configuration
    refused = terminal.pulumi("preview", "box")
    assert refused.returncode != 0
    assert "lock_days 0 is not from 1 to 365" in refused.stdout + refused.stderr
    assert "Traceback" not in refused.stdout + refused.stderr
