"""`python -m tests.bench.plain_stack preview|up STACK DIRECTORY PROGRAM`: one stack by Pulumi's own Automation API.

The peer of the stacks' measurement: what anybody would write, a process a stack, the program inline. DIRECTORY holds
Pulumi.yaml and the stack's configuration.
"""

import runpy
import sys
from pathlib import Path

from pulumi import automation as auto


def main() -> None:
    verb, name, directory, program = sys.argv[1:]

    def run() -> None:
        runpy.run_path(str(Path(program, "__main__.py")), run_name="__main__")

    stack = auto.create_or_select_stack(
        stack_name=name,
        project_name="dure",
        program=run,
        opts=auto.LocalWorkspaceOptions(work_dir=directory),
    )
    print(stack.preview().change_summary if verb == "preview" else stack.up().summary.resource_changes)


if __name__ == "__main__":
    main()
