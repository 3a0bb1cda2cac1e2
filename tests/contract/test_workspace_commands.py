"""What the workspace's commands print and return: init, schema, plan, allocate, secrets."""

import json
import os
import pty
import select
import shutil
import subprocess
import sys
import unicodedata
from pathlib import Path
from unittest import mock

import pytest
import yaml
from dure.model import load_site
from dure.plan import resolve
from dure.plan.applied import save
from jsonschema import Draft202012Validator

from tests.contract.command import operator

ROOT = Path(__file__).resolve().parents[2]
GOOD = ROOT / "tests" / "contract" / "workspace"
EXAMPLE = ROOT / "examples" / "hanbit-it"


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """The good workspace with an identity that opens its secrets."""
    import pyrage

    root = tmp_path / "w"
    shutil.copytree(GOOD, root, ignore=shutil.ignore_patterns("secrets", "allocations.yaml"))
    identity = pyrage.x25519.Identity.generate()
    (tmp_path / "identity.txt").write_text(f"{identity}\n")
    file = root / "operator.yaml"
    old = yaml.safe_load(file.read_text(encoding="utf-8"))["secrets"]["recipients"][0]
    file.write_text(file.read_text(encoding="utf-8").replace(old, str(identity.to_public())), encoding="utf-8")
    (root / ".dure").mkdir()
    (root / ".dure" / "local.yaml").write_text(f"age_identity: {tmp_path / 'identity.txt'}\n")
    return root


def test_a_new_workspace_is_valid_and_a_git_repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    made = operator("init", tmp_path / "new")
    assert made.code == 0, made.stderr
    assert "operator validate" in made.stdout
    assert operator("validate", tmp_path / "new").stdout == "valid\n"
    assert (tmp_path / "new" / ".git").is_dir()
    assert "allocations.yaml merge=union" in (tmp_path / "new" / ".gitattributes").read_text(encoding="utf-8")
    assert ".dure/" in (tmp_path / "new" / ".gitignore").read_text(encoding="utf-8").splitlines()
    for file in ("operator.yaml", "customers/first-customer.yaml"):
        text = (tmp_path / "new" / file).read_text(encoding="utf-8")
        assert text.startswith("# yaml-language-server: $schema=")
        assert "고객" in text


def test_a_new_workspace_takes_the_engineer_s_key(tmp_path: Path) -> None:
    key = tmp_path / "id_ed25519"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)], check=True)
    assert operator("init", tmp_path / "new", "--ssh-key", key.with_suffix(".pub")).code == 0
    assert operator("validate", tmp_path / "new").stdout == "valid\n"
    listed = operator("secrets", "recipients", "-w", tmp_path / "new")
    assert listed.stdout.strip() == key.with_suffix(".pub").read_text().strip()


def test_the_commented_site_of_a_new_workspace_is_valid_when_uncommented(tmp_path: Path) -> None:
    key = tmp_path / "id_ed25519"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)], check=True)
    root = tmp_path / "new"
    operator("init", root, "--ssh-key", key.with_suffix(".pub"))
    file = root / "customers" / "first-customer.yaml"
    head, _, commented = file.read_text(encoding="utf-8").partition("# sites:")
    rows = [line.removeprefix("# ") for line in commented.replace("\nsites: []", "").splitlines()]
    file.write_text(head + "sites:" + "\n".join(rows) + "\n", encoding="utf-8")
    assert operator("validate", root).stdout == "valid\n"
    assert "overlay 10.64.1.0/24" in operator("plan", "first-customer/office", "-w", root).stdout


def test_init_that_fails_half_way_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    full = OSError(28, "No space left on device")
    for name in ("new", "empty"):
        with mock.patch("dure.model.schema.schema_files", side_effect=full):
            failed = operator("init", tmp_path / name)
        assert failed.code == 2
        assert "because No space left on device" in failed.stderr
    assert [path.name for path in tmp_path.rglob("*")] == ["empty"]


def test_init_in_a_git_hook_makes_its_own_repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "other.git"))
    assert operator("init", tmp_path / "new").code == 0
    assert (tmp_path / "new" / ".git").is_dir()
    assert not (tmp_path / "other.git").exists()


def test_init_overwrites_nothing(tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("x")
    refused = operator("init", tmp_path)
    assert refused.code == 2
    assert "it is not empty, and init overwrites nothing" in refused.stderr
    assert [file.name for file in tmp_path.iterdir()] == ["mine"]
    assert operator("init", tmp_path / "mine").code == 2


@pytest.mark.parametrize("kind", ["operator", "customer"])
def test_the_schema_files_of_the_example_are_those_of_the_models(kind: str) -> None:
    written = json.loads((EXAMPLE / ".schema" / f"{kind}.schema.json").read_text(encoding="utf-8"))
    assert json.loads(operator("schema", kind).stdout) == written, "run `operator schema --write -w examples/hanbit-it`"


def test_the_reference_of_keys_is_that_of_the_models() -> None:
    committed = (ROOT / "docs" / "workspace.md").read_text(encoding="utf-8")
    assert operator("schema", "--markdown").stdout == committed, "run `make docs`"


def test_editors_accept_the_example_and_refuse_what_validate_refuses() -> None:
    schema = json.loads(operator("schema", "customer").stdout)
    Draft202012Validator.check_schema(schema)
    for file in (EXAMPLE / "customers").glob("*.yaml"):
        value = yaml.safe_load(file.read_text(encoding="utf-8"))
        assert list(Draft202012Validator(schema).iter_errors(value)) == []
        modeline = file.read_text(encoding="utf-8").splitlines()[0]
        assert (file.parent / modeline.partition("$schema=")[2]).resolve().is_file()
    wrong = yaml.safe_load((EXAMPLE / "customers" / "hansol-plastics.yaml").read_text(encoding="utf-8"))
    wrong["sites"][0]["parameters"]["backup_tiem"] = "01:00"
    wrong["id"] = "한솔"
    found = {"/".join(map(str, error.absolute_path)) for error in Draft202012Validator(schema).iter_errors(wrong)}
    assert found == {"id", "sites/0/parameters"}


def test_schema_write_puts_the_files_into_the_workspace(workspace: Path) -> None:
    assert operator("schema", "--write", "-w", workspace).code == 0
    assert (workspace / ".schema" / "operator.schema.json").is_file()


def test_a_plan_is_printed_as_tree_and_as_json(workspace: Path) -> None:
    tree = operator("plan", "alpha/main", "-w", workspace)
    assert tree.code == 0
    assert "├─ overlay 10.64.1.0/24 (would be allocated), box at 10.64.1.1" in tree.stdout
    value = json.loads(operator("plan", "alpha/main", "--json", "-w", workspace).stdout)
    assert value["site"] == "alpha/main"
    assert value["overlay"] == {"cidr": "10.64.1.0/24", "address": "10.64.1.1", "allocated": False}
    assert not (workspace / "allocations.yaml").exists()


def test_decomposed_korean_makes_the_same_plan(workspace: Path) -> None:
    composed = operator("plan", "alpha/main", "--json", "-w", workspace).stdout
    for file in (workspace / "operator.yaml", workspace / "customers" / "alpha.yaml"):
        text = file.read_text(encoding="utf-8")
        assert unicodedata.normalize("NFD", text) != text
        file.write_text(unicodedata.normalize("NFD", text), encoding="utf-8")
    assert operator("plan", "alpha/main", "--json", "-w", workspace).stdout == composed


def test_diff_tells_what_differs_from_what_was_applied(workspace: Path) -> None:
    first = operator("plan", "alpha/main", "--diff", "-w", workspace)
    assert first.code == 3
    assert "nothing was applied" in first.stderr
    save(workspace, resolve(load_site(workspace, "alpha/main"), ROOT))
    same = operator("plan", "alpha/main", "--diff", "-w", workspace)
    assert (same.code, same.stdout) == (0, "no difference to what was last applied\n")
    file = workspace / "customers" / "alpha.yaml"
    file.write_text(file.read_text(encoding="utf-8").replace("02:30", "04:15"), encoding="utf-8")
    changed = operator("plan", "alpha/main", "--diff", "-w", workspace)
    assert changed.code == 3
    assert changed.stdout == "~ machine.roles.backup.variables.backup_time: 02:30 -> 04:15\n"
    as_json = json.loads(operator("plan", "alpha/main", "--diff", "--json", "-w", workspace).stdout)
    assert [one["new"] for one in as_json["differences"]] == ["04:15"]


def test_allocate_writes_once_and_check_only_tells(workspace: Path) -> None:
    checked = operator("allocate", "alpha/main", "--check", "-w", workspace)
    assert (checked.code, checked.stdout) == (3, "alpha/main: 10.64.1.0/24  would be allocated\n")
    assert not (workspace / "allocations.yaml").exists()
    assert operator("allocate", "alpha/main", "-w", workspace).stdout == "alpha/main: 10.64.1.0/24\n"
    assert operator("allocate", "alpha/main", "--check", "-w", workspace).code == 0
    assert "overlay 10.64.1.0/24 (allocated)" in operator("plan", "alpha/main", "-w", workspace).stdout


def test_a_conflict_is_mended_by_the_command_that_the_message_names(workspace: Path) -> None:
    (workspace / "allocations.yaml").write_text("alpha/main: 10.64.1.0/24\nbeta/seoul: 10.64.1.0/24\n")
    refused = operator("plan", "beta/seoul", "-w", workspace)
    assert refused.code == 2
    command = refused.stderr.strip().rpartition("To mend: operator ")[2]
    assert command == "allocate --mend beta/seoul"
    assert operator(*command.split(), "-w", workspace).stdout == "beta/seoul: 10.64.2.0/24\n"
    assert operator("validate", workspace).code == 0


@pytest.mark.parametrize("option", ["--json", "--check", "--mend", "--release"])
def test_the_hub_needs_no_allocation(option: str, workspace: Path) -> None:
    refused = operator("allocate", "hub", option, "-w", workspace)
    assert (refused.code, bool(refused.stdout)) == (2, option == "--json")
    assert "the first /24 of the pool is its own" in refused.stderr


def test_a_network_is_released_only_when_its_site_is_gone(workspace: Path) -> None:
    operator("allocate", "beta/seoul", "-w", workspace)
    before = (workspace / "allocations.yaml").read_bytes()
    refused = operator("allocate", "--release", "beta/seoul", "-w", workspace)
    assert refused.code == 4
    assert "customers/beta.yaml: beta/seoul keeps 10.64.1.0/24" in refused.stderr
    assert (workspace / "allocations.yaml").read_bytes() == before
    (workspace / "customers" / "beta.yaml").unlink()
    released = operator("allocate", "--release", "beta/seoul", "-w", workspace)
    assert released.stdout == "beta/seoul: 10.64.1.0/24  released\n"


@pytest.mark.parametrize(
    ("written", "shown", "mend"),
    [
        ("한솔/안산", "한솔/안산", "write it as in hansol-plastics/ansan"),
        ("ALPHA/Main", "ALPHA/Main", 'write "alpha/main"'),
        ("a\nb/\x1b[31mc", "a\\nb/\\x1b[31mc", "write it as in"),
        ("../alpha/main", "../alpha/main", "write it as in"),
        ("a" * 5000 + "/b", "a" * 60 + "…", "write it as in"),
    ],
)
def test_what_cannot_be_a_site_is_told_on_one_line(written: str, shown: str, mend: str, workspace: Path) -> None:
    refused = operator("plan", written, "-w", workspace)
    assert refused.code == 2
    assert refused.stderr.startswith(f'error: "{shown}" is not a site, because')
    assert mend in refused.stderr
    assert refused.stderr.count("\n") == 1


def test_a_secret_is_set_from_standard_input_or_a_file_and_shown_only_when_asked_for(workspace: Path) -> None:
    assert operator("secrets", "set", "alpha/router/password", "-w", workspace, stdin="비밀 1\n").code == 0
    (workspace.parent / "value").write_text("비밀 2\n", encoding="utf-8")
    given = operator("secrets", "set", "alpha/modem", "--file", workspace.parent / "value", "-w", workspace)
    assert given.code == 0
    listed = operator("secrets", "list", "-w", workspace)
    assert listed.stdout.splitlines() == ["alpha/modem", "alpha/router/password"]
    refused = operator("secrets", "get", "alpha/router/password", "-w", workspace)
    assert (refused.code, refused.stdout) == (4, "")
    assert "operator secrets get --yes alpha/router/password" in refused.stderr
    assert operator("secrets", "get", "--yes", "alpha/router/password", "-w", workspace).stdout == "비밀 1\n"
    assert operator("secrets", "get", "--yes", "alpha/modem", "-w", workspace).stdout == "비밀 2\n"


def test_a_value_on_the_command_line_is_refused(workspace: Path) -> None:
    refused = operator("secrets", "set", "alpha/modem", "hunter2", "-w", workspace, stdin="")
    assert refused.code == 2
    assert not (workspace / "secrets" / "alpha.yaml").exists()


def test_an_empty_value_is_refused(workspace: Path) -> None:
    refused = operator("secrets", "set", "alpha/modem", "-w", workspace, stdin="\n")
    assert refused.code == 2
    assert "the value is empty" in refused.stderr


def test_at_a_terminal_the_value_is_prompted_for_and_not_echoed(workspace: Path) -> None:
    master, slave = pty.openpty()
    run = "import sys; sys.argv = ['operator', *sys.argv[1:]]; from dure.cli.main import main; main()"
    argv = [sys.executable, "-c", run, "secrets", "set", "alpha/modem", "-w", str(workspace)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "operator")}
    with subprocess.Popen(argv, stdin=slave, stdout=slave, stderr=slave, env=environment) as process:
        os.close(slave)
        shown = answered(master, "숨은 값\n", times=2)
        assert process.wait(timeout=20) == 0, shown
    os.close(master)
    assert "is set" in shown
    assert "숨은" not in shown
    assert operator("secrets", "get", "--yes", "alpha/modem", "-w", workspace).stdout == "숨은 값\n"


def answered(terminal: int, answer: str, times: int) -> str:
    """All that is shown when each of so many prompts (`…: `) is answered; ends when the other end closes."""
    shown, done = "", 0
    while select.select([terminal], [], [], 20)[0]:
        try:
            chunk = os.read(terminal, 4096)
        except OSError:  # the other end is closed
            break
        shown += chunk.decode()
        if done < times and shown.count(": ") > done:
            done += 1
            os.write(terminal, answer.encode())
    return shown


def test_generate_makes_what_the_plan_needs_once(workspace: Path) -> None:
    made = json.loads(operator("secrets", "generate", "alpha/main", "--json", "-w", workspace).stdout)["made"]
    assert made == [
        "alpha/main/restic_password",
        "alpha/users/choi/smb_password",
        "alpha/users/park/smb_password",
    ]
    assert operator("secrets", "generate", "alpha/main", "-w", workspace).stdout == "all secrets of the site exist\n"
    assert operator("validate", workspace).code == 0


def test_after_a_change_of_recipients_list_tells_what_is_old_and_rekey_mends_it(workspace: Path) -> None:
    operator("secrets", "set", "alpha/modem", "-w", workspace, stdin="x")
    extra = "    - age1fpsrsrlnx2z3nx7jfny2d9vdnj3llfw9nhnpd9vf9spgxyu4tfmsn7enqd\n"
    file = workspace / "operator.yaml"
    file.write_text(file.read_text(encoding="utf-8").replace("hub:\n", f"{extra}hub:\n", 1), encoding="utf-8")
    listed = operator("secrets", "list", "alpha", "-w", workspace)
    assert listed.stdout == "alpha/modem  former recipients: operator secrets rekey\n"
    assert operator("secrets", "rekey", "-w", workspace).stdout == "alpha/modem encrypted anew\n"
    assert operator("secrets", "list", "alpha", "-w", workspace).stdout == "alpha/modem\n"


def test_a_recipient_is_added_and_removed_by_command(workspace: Path) -> None:
    operator("secrets", "set", "alpha/modem", "-w", workspace, stdin="x")
    extra = "age1fpsrsrlnx2z3nx7jfny2d9vdnj3llfw9nhnpd9vf9spgxyu4tfmsn7enqd"
    added = operator("secrets", "recipients", "--add", extra, "-w", workspace)
    assert added.code == 0, added.stderr
    assert added.stdout.splitlines()[-1] == extra
    assert operator("secrets", "list", "-w", workspace).stdout == "alpha/modem\n"
    removed = operator("secrets", "recipients", "--remove", extra, "-w", workspace)
    assert extra not in removed.stdout
    assert "change those that still matter" in removed.stderr
    assert operator("validate", workspace).code == 0


def test_the_example_s_secrets_need_no_key_to_be_listed() -> None:
    listed = operator("secrets", "list", "hansol-plastics", "-w", EXAMPLE)
    assert "hansol-plastics/ansan/restic_password" in listed.stdout
    assert "former" not in listed.stdout


@pytest.mark.parametrize("name", ["w 한", "-w", "w;x", "w'x"])
def test_the_next_step_of_init_can_be_pasted(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    made = operator("init", "--", name)
    assert (made.code, made.stderr) == (0, "")
    line = next(line for line in made.stdout.splitlines() if line.startswith("  cd "))
    here = subprocess.run(["bash", "-c", f"{line} && pwd"], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert here.stdout.strip() == str(tmp_path / name)


def test_init_of_nothing_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    refused = operator("init", "")
    assert (refused.code, refused.stderr.count("\n")) == (2, 1)
    assert "the directory has no name" in refused.stderr
    assert list(tmp_path.iterdir()) == []


def test_init_without_git_says_what_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    made = operator("init", tmp_path / "new")
    assert made.code == 0
    assert made.stderr == (
        "it is no Git repository yet, because there is no git on PATH. "
        f"To mend: install git, then git init {tmp_path / 'new'}\n"
    )


def test_a_lab_is_not_joined_with_a_directory_that_is_no_workspace(tmp_path: Path) -> None:
    """It is said before the lab is brought up."""
    with mock.patch("dure.lab.instance.Lab.up") as up:
        refused = operator("lab", "up", "--workspace", tmp_path)
    assert (refused.code, up.called) == (2, False)
    assert f"no workspace at {tmp_path}" in refused.stderr
    assert list(tmp_path.iterdir()) == []


def test_two_workspaces_for_one_validate_are_a_mistake(
    workspace: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = tmp_path / "other"
    shutil.copytree(GOOD, other)
    refused = operator("validate", workspace, "-w", other)
    assert (refused.code, "two workspaces are named" in refused.stderr) == (2, True)
    assert operator("validate", other, "-w", tmp_path / "w" / ".." / "other").code == 0
    monkeypatch.setenv("DURE_WORKSPACE", str(tmp_path / "nowhere"))
    assert operator("validate", other).code == 0


def test_a_key_file_of_two_lines_is_not_taken(tmp_path: Path) -> None:
    key = tmp_path / "id.pub"
    line = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDHnz6GAJ9or6rvgm/bfCo3rnO5SbvIE5rBtMewQrt9/ kim"
    key.write_text(f"{line}\n{line} again\n")
    refused = operator("init", tmp_path / "new", "--ssh-key", key)
    assert (refused.code, "a key is one line" in refused.stderr) == (2, True)
