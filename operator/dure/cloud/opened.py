"""The Automation API's stack with fewer starts of the engine, of which each takes a third of a second."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from pulumi import automation as auto
from pulumi.automation._stack import StackInitMode  # of which the public names make no subclass
from semver import VersionInfo

from dure.cloud.engine import OLDEST
from dure.cloud.states import make_bare, state_file


class Engine(auto.PulumiCommand):
    """The engine on PATH, whose version was looked at when it was found: the API would start it to ask for it again."""

    def __init__(self, before_start: Callable[[], None]) -> None:
        """`before_start` is called before each start of the engine, and may raise DureError in its place."""
        self._before_start = before_start
        self.command = "pulumi"
        self.version = VersionInfo(*OLDEST)  # all that the API reads of it is how events come

    def run(
        self,
        args: list[str],
        cwd: str,
        additional_env: Mapping[str, str],
        on_output: auto.OnOutput | None = None,
        on_error: auto.OnOutput | None = None,
    ) -> auto.CommandResult:
        self._before_start()
        return super().run(args, cwd, additional_env, on_output, on_error)


class Workspace(auto.LocalWorkspace):
    """Every call names its stack, so that none has to be selected; where a directory has the states it is looked at."""

    def select_stack(self, stack_name: str) -> None:
        """Raises StackNotFoundError, upon which the API makes the stack."""
        file = state_file(stack_name)
        if file is not None and file.exists():
            return
        if file is not None and not list(file.parent.glob(f"{stack_name}.json*")):
            raise auto.StackNotFoundError(auto.CommandResult("", f"no stack named '{stack_name}' found", 1))
        super().select_stack(stack_name)

    def create_stack(self, stack_name: str) -> None:
        """As the engine makes one, which it does itself where no stack is yet, or no directory has the states."""
        if not make_bare(stack_name):
            super().create_stack(stack_name)


class OpenedStack(auto.Stack):
    """After an operation the API asks for its history and its outputs; the one nobody reads, the other events tell."""

    def __init__(self, name: str, workspace: Workspace, *, previews: bool) -> None:
        """`previews`: `up` previews too, in the same start of the engine, which runs the program twice, first dry."""
        super().__init__(name, workspace, StackInitMode.CREATE_OR_SELECT)
        self._previews = previews

    def info(self, show_secrets: bool = True) -> auto.UpdateSummary:
        return auto.UpdateSummary("", datetime.now(UTC), "", {}, {}, "")

    def outputs(self) -> auto.OutputMap:
        return {}

    def _run_pulumi_cmd_sync(
        self, args: list[str], on_output: auto.OnOutput | None = None, on_error: auto.OnOutput | None = None
    ) -> auto.CommandResult:
        given = [one for one in args if not (self._previews and one == "--skip-preview")]
        return super()._run_pulumi_cmd_sync(given, on_output, on_error)


def open_stack(
    name: str, directory: str, program: Callable[[], None], before_start: Callable[[], None], *, previews: bool = False
) -> OpenedStack:
    """The stack, made where there is none. Raises pulumi's CommandError."""
    workspace = Workspace(work_dir=directory, program=program, pulumi_command=Engine(before_start))
    return OpenedStack(name, workspace, previews=previews)
