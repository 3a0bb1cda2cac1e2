"""What every command pays before it begins: no library that only some of them need."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = {
    "pulumi", "dbos", "paramiko", "sqlalchemy", "alembic", "boto3", "botocore", "grpc", "psycopg", "pydantic", "yaml",
    "ruamel", "jinja2", "apprise", "ansible_runner", "pyrage", "jsonschema", "rich.console", "segno",
}  # fmt: skip
WORKSPACE = str(Path(__file__).with_name("workspace"))
PROGRAM = """
import json, sys
from dure.cli.main import app
sys.argv[1:] = json.loads(sys.argv[1])
try:
    app()
except SystemExit:
    pass
print(json.dumps(sorted(sys.modules)))
"""


def imported(*arguments: str) -> set[str]:
    """The modules that a command has imported at its end."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, json.dumps(arguments)], capture_output=True, text=True, check=True
    )
    return set(json.loads(done.stdout.splitlines()[-1]))


def test_the_version_is_told_without_any_heavy_library() -> None:
    assert imported("--version") & HEAVY == set()


@pytest.mark.parametrize("arguments", [("validate", WORKSPACE), ("plan", "hub", "--workspace", WORKSPACE)])
def test_a_command_of_the_workspace_alone_needs_neither_cloud_nor_machines_nor_store(
    arguments: tuple[str, ...],
) -> None:
    modules = imported(*arguments)
    assert modules & {"pulumi", "dbos", "paramiko", "sqlalchemy", "boto3", "grpc", "ansible_runner"} == set()
