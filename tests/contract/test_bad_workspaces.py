"""Each bad-workspaces/*.yaml is a faulty workspace and all that `operator validate` must say about it.

A new case needs a new file and no Python: edits to the good workspace (see bad_workspace.py), and `expect`.
"""

import json
import time
from pathlib import Path

import pytest
import yaml

from tests.contract.bad_workspace import GOOD, build
from tests.contract.command import operator

CASES = sorted((Path(__file__).parent / "bad-workspaces").glob("*.yaml"))


@pytest.mark.parametrize("file", CASES, ids=lambda file: file.stem)
def test_every_fault_is_told_at_its_place_with_reason_and_mending(file: Path, tmp_path: Path) -> None:
    case = yaml.safe_load(file.read_text(encoding="utf-8"))
    root = build(case, tmp_path)
    start = time.process_time()  # this process's own: what else the machine does is no fault of the file
    outcome = operator("validate", root)
    seconds = time.process_time() - start
    assert outcome.stdout.splitlines() == case["expect"]
    assert outcome.code == 2
    assert "Traceback" not in outcome.stdout + outcome.stderr
    assert seconds < 2


@pytest.mark.parametrize(
    ("name", "line"), [("customers/alpha.yaml", "key{0}: 1\n"), ("secrets/alpha.yaml", "key{0}: in clear\n")]
)
def test_ten_thousand_faults_are_all_told_in_little_time(name: str, line: str, tmp_path: Path) -> None:
    root = build({}, tmp_path)
    with (root / name).open("a", encoding="utf-8") as file:
        file.writelines(line.format(number) for number in range(10_000))
    start = time.process_time()
    outcome = operator("validate", root)
    assert outcome.stdout.count("\n") == 10_000
    assert time.process_time() - start < 2


@pytest.mark.parametrize("file", CASES, ids=lambda file: file.stem)
def test_a_site_s_command_refuses_a_workspace_in_the_same_words(file: Path, tmp_path: Path) -> None:
    case = yaml.safe_load(file.read_text(encoding="utf-8"))
    outcome = operator("plan", "alpha/main", "-w", build(case, tmp_path))
    expected = [line for line in case["expect"] if concerns_alpha(line)]
    assert [line for line in expected if line not in outcome.stderr.splitlines()] == []
    assert outcome.code == (2 if expected else 0)


def concerns_alpha(line: str) -> bool:
    """What stands in the files of alpha/main; not what only shows when all customers are read."""
    if any(words in line for words in ("in a circle", "unknown site", "the workspace has no such site")):
        return False
    if line.startswith("allocations.yaml"):
        return "alpha/main" in line or "is not an allocation" in line or "merge conflict" in line
    return line.startswith(("operator.yaml", "customers/alpha.yaml", "secrets/alpha.yaml"))


def test_the_good_workspace_is_valid() -> None:
    outcome = operator("validate", GOOD)
    assert (outcome.code, outcome.stdout) == (0, "valid\n")


def test_json_holds_the_same_problems(tmp_path: Path) -> None:
    case = {"replace": [{"file": "customers/alpha.yaml", "old": "people: 3", "new": "peple: 3"}]}
    outcome = operator("validate", "--json", build(case, tmp_path))
    assert outcome.code == 2
    assert json.loads(outcome.stdout) == {
        "problems": [
            {
                "file": "customers/alpha.yaml",
                "line": 3,
                "column": 1,
                "what": 'unknown key "peple"',
                "why": "nothing reads it",
                "mend": 'write "people"',
            }
        ]
    }


def test_no_workspace_is_told_with_the_command_that_makes_one(tmp_path: Path) -> None:
    outcome = operator("validate", tmp_path)
    assert outcome.code == 2
    assert f"no workspace at {tmp_path}" in outcome.stderr
    assert "operator init DIR" in outcome.stderr


@pytest.mark.parametrize(("target", "why"), [("operator.yaml", "Not a directory"), ("customers", "Too many levels of")])
def test_customers_that_are_no_directory_are_not_taken_for_none(target: str, why: str, tmp_path: Path) -> None:
    root = build({"delete": ["customers/alpha.yaml", "customers/beta.yaml"]}, tmp_path)
    (root / "customers").rmdir()
    (root / "customers").symlink_to(target)
    outcome = operator("validate", root)
    assert outcome.stdout.startswith(f"customers:1:1: the directory customers cannot be read, because {why}")
    assert outcome.stdout.count("\n") == 1
    assert operator("plan", "alpha/main", "-w", root).code == 2


def test_a_path_that_is_a_loop_is_no_workspace(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to("loop")
    outcome = operator("validate", tmp_path / "loop")
    assert outcome.code == 2
    assert "no workspace at" in outcome.stderr


@pytest.mark.parametrize("directory", ["customers", "secrets", "reports"])
def test_a_directory_that_leads_out_of_the_workspace_is_not_even_listed(directory: str, tmp_path: Path) -> None:
    root = build({"delete": ["customers/alpha.yaml", "customers/beta.yaml", "secrets/alpha.yaml"]}, tmp_path)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    for name in ("private.yaml", "private.yml", "private"):
        (elsewhere / name).write_text("password: geheim\n")
    if (root / directory).is_dir():
        (root / directory).rmdir()
    (root / directory).symlink_to(elsewhere)
    outcome = operator("validate", root)
    assert f"{directory}:1:1: {directory} leads out of the workspace, because it is a link" in outcome.stdout
    assert "private" not in outcome.stdout + outcome.stderr
    assert outcome.code == 2


def test_a_workstation_may_keep_its_own_files_on_another_disk(tmp_path: Path) -> None:
    root = build({}, tmp_path)
    (tmp_path / "disk").mkdir()
    (root / ".dure").symlink_to(tmp_path / "disk")
    (tmp_path / "disk" / "local.yaml").write_text("engineer: nobody\n")
    assert 'no engineer "nobody"' in operator("restore", "alpha/main", "/srv/x", "-w", root).stderr
    (tmp_path / "disk" / "local.yaml").unlink()
    (tmp_path / "disk" / "local.yaml").symlink_to("/etc/passwd")
    assert ".dure/local.yaml leads out of the workspace" in operator("status", "-w", root).stderr


def test_a_link_within_the_workspace_is_followed(tmp_path: Path) -> None:
    root = build({}, tmp_path)
    (root / "shared").mkdir()
    (root / "customers" / "alpha.yaml").rename(root / "shared" / "alpha.yaml")
    (root / "customers" / "alpha.yaml").symlink_to("../shared/alpha.yaml")
    outcome = operator("validate", root)
    assert (outcome.code, outcome.stdout) == (0, "valid\n")


def test_a_workspace_that_is_itself_reached_by_a_link_is_read(tmp_path: Path) -> None:
    root = build({}, tmp_path)
    (tmp_path / "link").symlink_to(root)
    assert operator("validate", tmp_path / "link").code == 0
    assert operator("plan", "alpha/main", "-w", tmp_path / "link").code == 0
