"""The Automation API's stack with fewer starts of the engine, of which each takes a third of a second."""

import json
from collections.abc import Callable
from datetime import UTC, datetime

from pulumi import automation as auto
from pulumi.automation._stack import StackInitMode  # of which the public names make no subclass
from semver import VersionInfo

from dure.cloud.engine import OLDEST
from dure.cloud.preview import MASK
from dure.cloud.states import state_file


class Engine(auto.PulumiCommand):
    """The engine on PATH, whose version was looked at when it was found: the API would start it to ask for it again."""

    def __init__(self) -> None:
        self.command = "pulumi"
        self.version = VersionInfo(*OLDEST)  # all that the API reads of it is how events come


class Workspace(auto.LocalWorkspace):
    """Every call names its stack, so that none has to be selected; only one without a state is looked for."""

    def select_stack(self, stack_name: str) -> None:
        file = state_file(stack_name)
        if file is None or not file.exists():
            super().select_stack(stack_name)


class OpenedStack(auto.Stack):
    """After an operation the API asks for its history, which nobody reads, and for all secrets in clear."""

    def info(self, show_secrets: bool = True) -> auto.UpdateSummary:
        return auto.UpdateSummary("", datetime.now(UTC), "", {}, {}, "")

    def outputs(self) -> auto.OutputMap:
        """Secret ones masked."""
        arguments = ["stack", "output", "--json", "--stack", self.name]
        told = self.workspace.pulumi_command.run(arguments, self.workspace.work_dir, {}).stdout
        return {name: auto.OutputValue(value, value == MASK) for name, value in json.loads(told or "{}").items()}


def open_stack(name: str, directory: str, program: Callable[[], None]) -> OpenedStack:
    """The stack, made where there is none. Raises pulumi's CommandError."""
    workspace = Workspace(work_dir=directory, program=program, pulumi_command=Engine())
    return OpenedStack(name, workspace, StackInitMode.CREATE_OR_SELECT)
