"""`python -m tests.bench.plain_loop preview|up WORKSPACE PARALLEL STACK…`: stacks by Pulumi's own Automation API.

The peer of the stacks' measurement: what anybody would write, the program inline, a process a stack, so many at once,
and one provider for all. WORKSPACE has the states and configurations of stacks that stand.
"""

import os
import runpy
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from dure import toolkit_path
from dure.cloud.engine import find_pulumi
from dure.cloud.sandbox.process import running
from dure.cloud.stack import engine_environment
from dure.model.local import load_local_settings
from pulumi import automation as auto

PASSPHRASE = "geheim"
"""That of the tests' workspace."""


def loop(verb: str, workspace: Path, parallel: int, stacks: list[str]) -> None:
    settings, state = load_local_settings(workspace), workspace / ".dure"
    with (
        running(settings.aws_endpoint, settings.aws_credentials, state / "sandbox") as port,
        tempfile.NamedTemporaryFile("w") as passphrase,
        ThreadPoolExecutor(parallel) as pool,
    ):
        passphrase.write(PASSPHRASE)
        passphrase.flush()
        environment = engine_environment(state, settings, find_pulumi()) | {
            "PULUMI_CONFIG_PASSPHRASE_FILE": passphrase.name,
            "PULUMI_DEBUG_PROVIDERS": f"aws:{port}",
        }

        def one(stack: str) -> None:
            command = [
                sys.executable,
                "-m",
                "tests.bench.plain_loop",
                verb,
                state / "pulumi" / "projects" / stack,
                stack,
            ]
            subprocess.run(command, env=environment, check=True)

        list(pool.map(one, stacks))


def work(verb: str, directory: str, name: str) -> None:
    """One stack, in this process."""

    def run() -> None:
        runpy.run_path(str(toolkit_path() / "stacks" / "__main__.py"), run_name="__main__")

    options = auto.LocalWorkspaceOptions(work_dir=directory)
    stack = auto.create_or_select_stack(stack_name=name, project_name="dure", program=run, opts=options)
    print(stack.preview().change_summary if verb == "preview" else stack.up().summary.resource_changes)


if __name__ == "__main__":
    if "PULUMI_DEBUG_PROVIDERS" in os.environ:
        work(*sys.argv[1:])
    else:
        loop(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]), sys.argv[4:])
