"""The workflow files of docs/ci and the page that leads to them: right YAML, and commands that `operator` takes."""

import re
import shlex
from pathlib import Path

import pytest
import typer.main
import yaml
from dure.cli.stacks import app

CI = Path(__file__).parents[3] / "docs" / "ci"
FILES = sorted(CI.glob("*.yml"))
COMMAND = re.compile(r"operator stacks ([^|;>`\n]*(?:\n +--[^|;>`\n]*)*)")
BOOTSTRAP = CI.parent / "bootstrap.md"
COMMANDS = [
    (file.name, found) for file in (*FILES, BOOTSTRAP) for found in COMMAND.findall(file.read_text(encoding="utf-8"))
]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_each_host_previews_applies_and_looks_for_drift(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    assert isinstance(yaml.safe_load(text), dict)
    verbs = {words.split()[0] for name, words in COMMANDS if name == file.name}
    assert verbs == {"preview", "up", "expire", "drift"}
    assert "<!-- dure-stacks-preview -->" in text
    assert "production" in text


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_what_runs_with_the_roles_is_held_by_digest(file: Path) -> None:
    installs = re.findall(r"pip install (.*)", file.read_text(encoding="utf-8"))
    assert installs
    assert all(words.endswith("--require-hashes -r requirements-ci.txt") for words in installs)


@pytest.mark.parametrize(("file", "words"), COMMANDS)
def test_each_command_is_one_that_operator_takes(file: str, words: str) -> None:
    verb, *arguments = shlex.split(words, comments=True)
    command = typer.main.get_group(app).commands[verb]
    command.make_context(verb, arguments)
